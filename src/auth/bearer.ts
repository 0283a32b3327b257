import { HttpClient, discard, type Answer, type SendOptions } from '../http/client.ts';
import { sameOrigin } from '../http/hosts.ts';
import { parseJson, textAt } from '../http/json.ts';
import type { HttpReply, HttpRequest } from '../http/transport.ts';
import { StepError } from '../errors.ts';
import type { Tokens } from './tokens.ts';

/** A client of one service: its bearer goes to that service's origin and nowhere else (rule 8). */
export class BearerClient {
  readonly http: HttpClient;
  readonly #tokens: Tokens;
  readonly #scope: string;
  readonly #origin: string;

  constructor(parts: { http: HttpClient; tokens: Tokens; scope: string; origin: string }) {
    this.http = parts.http;
    this.#tokens = parts.tokens;
    this.#scope = parts.scope;
    this.#origin = parts.origin;
  }

  get origin(): string {
    return this.#origin;
  }

  /** Signs in ahead of the first request. Throws what the sign-in throws. */
  async signIn(): Promise<void> {
    await this.#tokens.get(this.#scope);
  }

  /**
   * Object id of the identity, as its token tells it: what Fabric names as the submitter of a batch.
   * `undefined` when the token cannot be read. Nothing is trusted by it; it is only compared.
   */
  async objectId(): Promise<string | undefined> {
    const payload = (await this.#tokens.get(this.#scope)).split('.')[1] ?? '';
    return textAt(parseJson(Buffer.from(payload, 'base64url').toString('utf8')), 'oid');
  }

  /**
   * As `HttpClient.send`, with the bearer; a 401 is answered once with a new token (it had no effect).
   * Throws HOST_REFUSED for a URL elsewhere, and what the sign-in throws.
   */
  async send(request: HttpRequest, options: SendOptions = {}): Promise<Answer> {
    return this.#withBearer(request, (authorized) => this.http.send(authorized, options));
  }

  /** As `HttpClient.stream`, with the bearer. */
  async stream(request: HttpRequest, signal?: AbortSignal): Promise<HttpReply> {
    return this.#withBearer(request, async (authorized) => {
      const reply = await this.http.stream(authorized, signal);
      if (reply.status === 401) await discard(reply).catch(() => undefined);
      return reply;
    });
  }

  /**
   * One attempt with the token at hand: no sign-in, no waiting. `undefined` when there is no token.
   * For the cancel after a signal.
   */
  async sendAtOnce(request: HttpRequest, signal?: AbortSignal): Promise<Answer | undefined> {
    const token = this.#tokens.atHand(this.#scope);
    return token === undefined
      ? undefined
      : this.http.send(this.#authorized(request, token), { signal });
  }

  async #withBearer<Reply extends { status: number }>(
    request: HttpRequest,
    send: (authorized: HttpRequest) => Promise<Reply>,
  ): Promise<Reply> {
    const token = await this.#tokens.get(this.#scope);
    const reply = await send(this.#authorized(request, token));
    if (reply.status !== 401) return reply;
    return send(this.#authorized(request, await this.#tokens.replace(this.#scope, token)));
  }

  #authorized(request: HttpRequest, token: string): HttpRequest {
    if (!sameOrigin(request.url, this.#origin)) {
      throw new StepError(
        'HOST_REFUSED',
        `A link leads away from ${this.#origin}; the token is not sent there.`,
        {
          advice:
            'If the service really lives on another host, name that host in the endpoint inputs.',
        },
      );
    }
    return { ...request, headers: { ...request.headers, authorization: `Bearer ${token}` } };
  }
}
