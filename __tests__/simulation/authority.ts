import type { ApplicationSettings } from '../../local/settings.ts';
import type { TokenCheck } from '../../local/entra/access-token.ts';

/** Life of an access token in milliseconds; what Entra gives lasts 60 to 90 minutes. */
const life = 3_599_000;
/** GitHub's request token ends so long after the start of the job. */
const requestTokenLife = 6 * 3_600_000;
const idTokenLife = 5 * 60_000;

interface Known {
  audience: string;
  expiresAt: number;
}

/** Entra and GitHub's issuer without cryptography: a token is good because it stands in a table. */
export class Authority {
  readonly #caller: ApplicationSettings;
  readonly #secret: string;
  readonly #tokens = new Map<string, Known>();
  readonly #assertions = new Map<string, number>();
  readonly #salt: string;
  #made = 0;

  constructor(caller: ApplicationSettings, secret: string, salt: string) {
    this.#caller = caller;
    this.#secret = secret;
    this.#salt = salt;
  }

  /** Everything that must never be printed. */
  get secrets(): string[] {
    return [this.#secret, ...this.#tokens.keys(), ...this.#assertions.keys()];
  }

  /** The answer of the token endpoint to a form. */
  token(form: URLSearchParams, now: number): { status: number; body: object } {
    const assertion = this.#assertions.get(form.get('client_assertion') ?? '');
    const good =
      form.get('client_secret') === this.#secret || (assertion !== undefined && assertion > now);
    if (!good)
      return {
        status: 401,
        body: {
          error: 'invalid_client',
          error_description: 'AADSTS7000215: Invalid client secret.',
        },
      };
    const audience = (form.get('scope') ?? '').replace(/\/\.default$/, '');
    const token = this.#jwt({ aud: audience, oid: this.#caller.objectId });
    this.#tokens.set(token, { audience, expiresAt: now + life });
    return { status: 200, body: { token_type: 'Bearer', expires_in: 3_599, access_token: token } };
  }

  /** GitHub's ID token. Throws once the job's request token has ended. */
  idToken(now: number, jobStart: number, ends: boolean): string {
    if (ends && now >= jobStart + requestTokenLife)
      throw new Error(
        'Failed to get ID Token. \n Error Code : 401\n Error Message: the token has expired',
      );
    const token = this.#jwt({
      iss: 'https://token.actions.githubusercontent.com',
      sub: 'repo',
      aud: 'a',
    });
    this.#assertions.set(token, now + idTokenLife);
    return token;
  }

  /** What a service makes of an `Authorization` header. */
  check(
    authorization: string | undefined,
    audiences: readonly string[],
    now: number,
  ): Promise<TokenCheck> {
    const known = this.#tokens.get((authorization ?? '').replace(/^Bearer /, ''));
    if (!known) return Promise.resolve({ kind: 'refused', why: 'invalid' });
    if (known.expiresAt <= now) return Promise.resolve({ kind: 'refused', why: 'expired' });
    if (!audiences.includes(known.audience))
      return Promise.resolve({ kind: 'refused', why: 'audience' });
    return Promise.resolve({ kind: 'caller', caller: this.#caller });
  }

  #jwt(claims: object): string {
    this.#made += 1;
    const payload = Buffer.from(JSON.stringify(claims)).toString('base64url');
    return `eyJhbGciOiJub25lIn0.${payload}.sig-${this.#salt}-${this.#made}`;
  }
}
