import { Readable } from 'node:stream';
import { within, type Clock } from '../clock.ts';
import { StepError } from '../errors.ts';
import { parseJson } from './json.ts';
import { Rate } from './rate.ts';
import { retryAt } from './retry-after.ts';
import { TransportError, type HttpReply, type HttpRequest, type Transport } from './transport.ts';

/** A reply that was read whole. */
export interface Answer {
  status: number;
  /** Header names in lower case. */
  headers: Record<string, string>;
  text: string;
  /** The body as JSON; `undefined` when it is none. */
  json: unknown;
  /** When its status line came, on the action's clock; of an answer that was cut it is not told. */
  heardAt?: number;
}

export interface SendOptions {
  signal?: AbortSignal | undefined;
  /**
   * How long, in milliseconds, to go on trying when the service is out of reach, busy (429) or
   * failing (5xx). 0 (the default): one attempt. Only for requests that may safely be repeated.
   */
  patience?: number;
  /** How long, in milliseconds, one attempt may take from when it may go; by default the transport's own limits. */
  longest?: number;
}

/** Statuses that another attempt may mend. */
const passing = new Set([408, 429, 500, 502, 503, 504]);

/** Statuses of a service that may say until when it wants to be left alone. */
const busy = new Set([429, 503]);

/** Replies that are read whole are bounded; logs are streamed instead. */
const longestReply = 32 * 1024 * 1024;

/** Waits between attempts: doubling from the first, up to the longest; milliseconds. */
const backoff = { first: 1_000, longest: 30_000 };

/** The one HTTP client: retries, Retry-After, budgets, no redirects, a count of what was sent. */
export class HttpClient {
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #pauses = new Map<string, number>();
  readonly #rates = new Map<string, Rate>();
  #sent = 0;

  /** `perMinute`: how many requests a minute may go to an origin; none is set for the others. */
  constructor(parts: {
    transport: Transport;
    clock: Clock;
    random: () => number;
    perMinute?: Readonly<Record<string, number>>;
  }) {
    this.#transport = parts.transport;
    this.#clock = parts.clock;
    this.#random = parts.random;
    for (const [origin, perMinute] of Object.entries(parts.perMinute ?? {}))
      this.#rates.set(origin, new Rate(perMinute));
  }

  /** Requests put on the wire so far. */
  get sent(): number {
    return this.#sent;
  }

  /** When the service behind `url` asked to be left alone until; 0 when it did not. */
  pausedUntil(url: string): number {
    return this.#pauses.get(new URL(url).origin) ?? 0;
  }

  /** When a request to `url` may go: after a pause that the service asked for, and within its budget. */
  freeAt(url: string): number {
    const now = this.#clock.now();
    return Math.max(this.pausedUntil(url), this.#rates.get(originOf(url))?.freeAt(now) ?? now);
  }

  /**
   * How many requests a minute the budget of `url` leaves beside those of the last minute, or beside
   * `planned` ones where these are more.
   */
  room(url: string, planned: number): number {
    return this.#rates.get(originOf(url))?.room(this.#clock.now(), planned) ?? Infinity;
  }

  /**
   * One attempt; the body is left to the caller to read.
   * Throws `TransportError` when no status line was read, `StepError` HOST_REFUSED for a redirect.
   */
  async stream(request: HttpRequest, signal?: AbortSignal): Promise<HttpReply> {
    if (request.urgent) this.#take(request);
    else await this.#takeWhenFree(request, signal);
    if (request.unlessAborted?.aborted) throw notSent();
    this.#sent += 1;
    const reply = await this.#transport(request, signal);
    if (reply.status >= 300 && reply.status < 400 && reply.status !== 304) {
      await discard(reply).catch(() => undefined);
      throw new StepError(
        'HOST_REFUSED',
        `${originOf(request.url)} answered with a redirect, which is not followed.`,
        {
          advice: 'Check the endpoint inputs: a token is sent only to the hosts that they name.',
        },
      );
    }
    if (reply.status === 429) this.#rates.get(originOf(request.url))?.refused(this.#clock.now());
    const heard = busy.has(reply.status) && !request.optional;
    return heard ? this.#hear(request.url, reply) : reply;
  }

  /** A service that is busy says until when it wants to be left alone, in a header or in its text. */
  async #hear(url: string, reply: HttpReply): Promise<HttpReply> {
    const text = await readText(reply).catch(() => '');
    const until = retryAt(reply.headers, text, this.#clock.now());
    if (until !== undefined) this.#pauses.set(originOf(url), until);
    return { ...reply, body: bodyOf(text) };
  }

  /**
   * Leaves the service alone as long as it asked for, then takes a place in its budget: of requests
   * side by side each takes its own. Throws `TransportError` when a signal comes first.
   */
  async #takeWhenFree(request: HttpRequest, signal?: AbortSignal): Promise<void> {
    const ends = [signal, request.unlessAborted].filter((end) => end !== undefined);
    const end = AbortSignal.any(ends);
    for (;;) {
      const wait = this.freeAt(request.url) - this.#clock.now();
      if (wait <= 0) break;
      await this.#clock.sleep(wait, end);
      if (end.aborted) throw notSent();
    }
    this.#take(request);
  }

  #take(request: HttpRequest): void {
    this.#rates.get(originOf(request.url))?.take(this.#clock.now());
  }

  /**
   * Sends and reads the whole reply, whatever its status; retries within `patience`.
   * Throws `TransportError` (its `failure` tells whether the request may have had an effect) when
   * the last attempt got no reply or a cut one.
   */
  async send(request: HttpRequest, options: SendOptions = {}): Promise<Answer> {
    const giveUpAt = this.#clock.now() + (options.patience ?? 0);
    for (let attempt = 0; ; attempt += 1) {
      const outcome = await this.#attempt(request, options);
      const failed = outcome instanceof TransportError;
      const final = failed
        ? outcome.failure === 'aborted' || outcome.lasting
        : !passing.has(outcome.status);
      if (final) return settle(outcome);
      const asked = failed ? undefined : retryAt(outcome.headers, outcome.text, this.#clock.now());
      const next = Math.max(
        asked ?? 0,
        this.#clock.now() + this.#wait(asked === undefined ? attempt : 0),
      );
      if (next > giveUpAt) return settle(outcome);
      await this.#clock.sleep(next - this.#clock.now(), options.signal);
      if (options.signal?.aborted) return settle(outcome);
    }
  }

  async #attempt(request: HttpRequest, options: SendOptions): Promise<Answer | TransportError> {
    const { longest, signal } = options;
    try {
      if (longest === undefined) return await this.#exchange(request, signal);
      const begin = Math.max(0, this.freeAt(request.url) - this.#clock.now());
      const exchange = (limit: AbortSignal): Promise<Answer> => this.#exchange(request, limit);
      const answer = await within(this.#clock, begin + longest, exchange, signal);
      if (answer) return answer;
      if (signal?.aborted) return new TransportError('aborted', 'the step was told to end');
      return new TransportError('unknown', `no answer within ${longest / 1_000} s`);
    } catch (thrown) {
      if (thrown instanceof TransportError) return thrown;
      throw thrown;
    }
  }

  async #exchange(request: HttpRequest, signal?: AbortSignal): Promise<Answer> {
    const reply = await this.stream(request, signal);
    const heardAt = this.#clock.now();
    const text = await readText(reply);
    return { status: reply.status, headers: reply.headers, text, json: parseJson(text), heardAt };
  }

  #wait(attempt: number): number {
    const full = Math.min(backoff.first * 2 ** attempt, backoff.longest);
    return full * (0.5 + this.#random() / 2);
  }
}

function notSent(): TransportError {
  return new TransportError('aborted', 'the step was told to end before the request was sent');
}

function settle(outcome: Answer | TransportError): Answer {
  if (outcome instanceof TransportError) throw outcome;
  return outcome;
}

/** Puts aside a body that nobody reads, so that its connection is free again. */
export async function discard(reply: HttpReply): Promise<void> {
  // An iterator that never started closes nothing by its `return`.
  if (reply.body instanceof Readable) {
    reply.body.destroy();
    return;
  }
  await reply.body[Symbol.asyncIterator]().return?.();
}

/** Scheme, host and port of a URL, safe to show. */
export function originOf(url: string): string {
  return new URL(url).origin;
}

/**
 * Reads a body whole, as UTF-8. Throws `ReplyCut` when it ends early: the status line stands, so
 * the request had its effect.
 */
async function readText(reply: HttpReply): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of reply.body) {
      size += chunk.length;
      if (size > longestReply) throw new Error(`a reply of over ${longestReply} bytes`);
      chunks.push(chunk);
    }
  } catch (cause) {
    throw new ReplyCut(reply, cause);
  }
  return Buffer.concat(chunks).toString('utf8');
}

async function* bodyOf(text: string): AsyncIterable<Uint8Array> {
  yield await Promise.resolve(Buffer.from(text));
}

/** A reply whose status line was read and whose body was not; `answer` has no text. */
export class ReplyCut extends TransportError {
  readonly answer: Answer;

  constructor(reply: HttpReply, cause: unknown) {
    super('unknown', `the reply (status ${reply.status}) was cut`, cause);
    this.answer = { status: reply.status, headers: reply.headers, text: '', json: undefined };
  }
}
