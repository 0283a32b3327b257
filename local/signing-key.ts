import { randomUUID } from 'node:crypto';
import {
  SignJWT,
  createLocalJWKSet,
  exportJWK,
  generateKeyPair,
  type CryptoKey,
  type JSONWebKeySet,
  type JWTPayload,
} from 'jose';

/** A key that signs JWTs (RS256, as Entra's and GitHub's do), with the key set that it publishes. */
export class SigningKey {
  readonly #key: CryptoKey;
  readonly #id: string;
  readonly jwks: JSONWebKeySet;
  /** Finds the public key of a token; for `jwtVerify`. */
  readonly resolve: ReturnType<typeof createLocalJWKSet>;

  private constructor(key: CryptoKey, id: string, jwks: JSONWebKeySet) {
    this.#key = key;
    this.#id = id;
    this.jwks = jwks;
    this.resolve = createLocalJWKSet(jwks);
  }

  static async make(): Promise<SigningKey> {
    const { publicKey, privateKey } = await generateKeyPair('RS256');
    const id = randomUUID();
    const jwk = { ...(await exportJWK(publicKey)), kid: id, use: 'sig', alg: 'RS256' };
    return new SigningKey(privateKey, id, { keys: [jwk] });
  }

  /** Signs claims; `iat`, `nbf` and `exp` are milliseconds here and seconds in the token. */
  async sign(claims: JWTPayload, life: { from: number; to: number }): Promise<string> {
    return new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: this.#id })
      .setIssuedAt(Math.floor(life.from / 1_000))
      .setNotBefore(Math.floor(life.from / 1_000))
      .setExpirationTime(Math.floor(life.to / 1_000))
      .sign(this.#key);
  }
}
