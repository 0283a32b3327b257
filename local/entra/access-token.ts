import { randomUUID } from 'node:crypto';
import { decodeJwt, errors, jwtVerify, type JWTPayload } from 'jose';
import type { ApplicationSettings } from '../settings.ts';
import type { SigningKey } from '../signing-key.ts';
import type { Directory } from './directory.ts';

/** What a resource makes of a bearer token. */
export type TokenCheck =
  | { kind: 'caller'; caller: ApplicationSettings }
  | { kind: 'refused'; why: 'missing' | 'invalid' | 'audience' | 'expired' };

/** So many tokens are known again without their signature. */
const mostKnown = 1_000;

/** Access tokens as Entra issues them to Fabric and OneLake (version 1.0 tokens). */
export class AccessTokens {
  readonly #key: SigningKey;
  readonly #directory: Directory;
  readonly #issuer: string;
  /** Claims of the tokens that were found good for an audience: each request of a day brings one of a few. */
  readonly #known = new Map<string, JWTPayload>();

  constructor(key: SigningKey, directory: Directory) {
    this.#key = key;
    this.#directory = directory;
    this.#issuer = `https://sts.windows.net/${directory.tenantId}/`;
  }

  /** A token for `audience`, valid from `now` on (milliseconds) for `seconds`. */
  async issue(
    application: ApplicationSettings,
    audience: string,
    now: number,
    seconds: number,
  ): Promise<string> {
    const claims: JWTPayload = {
      aud: audience,
      iss: this.#issuer,
      sub: application.objectId,
      oid: application.objectId,
      appid: application.clientId,
      app_displayname: application.name,
      idtyp: 'app',
      tid: this.#directory.tenantId,
      uti: randomUUID(),
      ver: '1.0',
    };
    return this.#key.sign(claims, { from: now, to: now + seconds * 1_000 });
  }

  /** Checks the header `Authorization` for a resource that answers to `audiences`. `now`: milliseconds. */
  async check(
    authorization: string | undefined,
    audiences: readonly string[],
    now: number,
  ): Promise<TokenCheck> {
    const token = /^Bearer (.+)$/i.exec(authorization ?? '')?.[1];
    if (token === undefined) return { kind: 'refused', why: 'missing' };
    try {
      const payload = await this.#verified(token, audiences, now);
      const clientId = payload['appid'];
      const caller = this.#directory.application(typeof clientId === 'string' ? clientId : '');
      return caller ? { kind: 'caller', caller } : { kind: 'refused', why: 'invalid' };
    } catch (thrown) {
      if (thrown instanceof errors.JWTExpired) return { kind: 'refused', why: 'expired' };
      const wrongAudience =
        thrown instanceof errors.JWTClaimValidationFailed && thrown.claim === 'aud';
      return { kind: 'refused', why: wrongAudience ? 'audience' : 'invalid' };
    }
  }

  /** The claims of a token that counts `now`. Throws as `jwtVerify` does. */
  async #verified(token: string, audiences: readonly string[], now: number): Promise<JWTPayload> {
    const key = `${token} ${audiences.join(' ')}`;
    const known = this.#known.get(key);
    const seconds = Math.floor(now / 1_000);
    if (known && (known.nbf ?? 0) <= seconds && seconds < (known.exp ?? 0)) return known;
    const { payload } = await jwtVerify(token, this.#key.resolve, {
      algorithms: ['RS256'],
      issuer: this.#issuer,
      audience: [...audiences],
      currentDate: new Date(now),
      requiredClaims: ['exp', 'appid'],
    });
    if (this.#known.size >= mostKnown) this.#known.clear();
    this.#known.set(key, payload);
    return payload;
  }
}

/** Claims of a token, unchecked, for messages. */
export function audiencesOf(authorization: string | undefined): string {
  try {
    const token = (authorization ?? '').replace(/^Bearer /i, '');
    return [decodeJwt(token).aud ?? []].flat().join(' ');
  } catch {
    return '';
  }
}
