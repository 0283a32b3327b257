import { EnvHttpProxyAgent, request as undiciRequest, type Dispatcher } from 'undici';
import { messageOf } from '../errors.ts';

export interface HttpRequest {
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  url: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
  /**
   * On a connection of its own. For a request that must not be repeated: one that was kept alive
   * may be closed by the server at that very moment, and then nobody knows what became of it.
   */
  ownConnection?: boolean;
  /** Does not wait for a pause that the service asked for, nor for the budget: a cancel. */
  urgent?: boolean;
  /** Is not sent once this has aborted; under way it is let finish. For a submit. */
  unlessAborted?: AbortSignal;
}

/** A reply whose status line was read; the body may still be cut. */
export interface HttpReply {
  status: number;
  /** Header names in lower case. */
  headers: Record<string, string>;
  body: AsyncIterable<Uint8Array>;
}

/**
 * One attempt over the network, with no retry and no redirect followed.
 * Throws `TransportError` when no status line was read.
 */
export type Transport = (request: HttpRequest, signal?: AbortSignal) => Promise<HttpReply>;

/**
 * Why no reply came. `not-sent`: the request cannot have reached the service (refused connection,
 * DNS, TLS). `unknown`: it may have. `aborted`: our own signal ended it.
 */
export type TransportFailure = 'not-sent' | 'unknown' | 'aborted';

export class TransportError extends Error {
  override readonly name = 'TransportError';
  readonly failure: TransportFailure;

  constructor(failure: TransportFailure, message: string, cause?: unknown) {
    super(message, { cause });
    this.failure = failure;
  }
}

/** Error codes that are raised before a byte of the request is written. */
const beforeSending =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_)/;

function codeOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return '';
  if (thrown instanceof AggregateError) return codeOf(thrown.errors[0]);
  const code = 'code' in thrown ? thrown.code : undefined;
  return typeof code === 'string' ? code : codeOf(thrown.cause);
}

/** Tells a failure that started nothing from one whose effect is unknown (rule 2). */
export function failureOf(thrown: unknown, aborted: boolean): TransportFailure {
  if (aborted) return 'aborted';
  return beforeSending.test(codeOf(thrown)) ? 'not-sent' : 'unknown';
}

function plainHeaders(
  headers: Record<string, string | string[] | undefined>,
): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined)
      plain[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
  }
  return plain;
}

/** Milliseconds a service may stay silent before a request counts as lost. */
const silence = { connect: 20_000, headers: 100_000, body: 60_000 };

/**
 * The one undici client: keeps connections alive and honours `HTTPS_PROXY` and `NO_PROXY`
 * (undici's own request does not). `ca`: certificates to trust beside the system's, as PEM.
 */
export function undiciTransport(options: { ca?: string } = {}): {
  transport: Transport;
  close: () => Promise<void>;
} {
  const limits = {
    connectTimeout: silence.connect,
    headersTimeout: silence.headers,
    bodyTimeout: silence.body,
    // Over HTTP/2 undici sends a refused request again by itself, and a submit is sent once.
    allowH2: false,
    ...(options.ca === undefined ? {} : { connect: { ca: options.ca } }),
  };
  const keptAlive: Dispatcher = new EnvHttpProxyAgent(limits);
  const closedAfterUse: Dispatcher = new EnvHttpProxyAgent({ ...limits, pipelining: 0 });
  const transport: Transport = async (request, signal) => {
    try {
      const { statusCode, headers, body } = await undiciRequest(request.url, {
        method: request.method,
        headers: request.headers ?? {},
        body: request.body ?? null,
        dispatcher: request.ownConnection ? closedAfterUse : keptAlive,
        ...(signal ? { signal } : {}),
      });
      return { status: statusCode, headers: plainHeaders(headers), body };
    } catch (thrown) {
      const failure = failureOf(thrown, signal?.aborted === true);
      throw new TransportError(failure, messageOf(thrown), thrown);
    }
  };
  return {
    transport,
    close: async () => {
      await Promise.all([keptAlive.destroy(), closedAfterUse.destroy()]);
    },
  };
}
