import type * as Undici from 'undici';
import { messageOf } from '../errors.ts';
import { isLoopback } from './hosts.ts';
import { obstacleOf, proxyRefusalOf } from './obstacle.ts';

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
  /**
   * Nothing depends on its answer, so that no other request waits for a pause that it asks for: whoever
   * sends it keeps that pause (`retryAt`). A 429 halves the rate as any other does.
   */
  optional?: boolean;
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
 * DNS, TLS, a proxy that does not lead on). `unknown`: it may have. `aborted`: our own signal ended it.
 */
export type TransportFailure = 'not-sent' | 'unknown' | 'aborted';

export class TransportError extends Error {
  override readonly name = 'TransportError';
  readonly failure: TransportFailure;
  /** Only the user can mend it (a proxy's password, a certificate): another attempt is of no use. */
  readonly lasting: boolean;

  constructor(failure: TransportFailure, message: string, cause?: unknown, lasting = false) {
    super(message, { cause });
    this.failure = failure;
    this.lasting = lasting;
  }
}

/** Error codes that are raised before a byte of the request is written. */
const beforeSending =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|UND_ERR_PRX_|ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_)/;

/** The code of an error, of the first of several, or of its cause. Errors of another realm are no `Error` here. */
function codeOf(thrown: unknown): string {
  if (typeof thrown !== 'object' || thrown === null) return '';
  if ('code' in thrown && typeof thrown.code === 'string') return thrown.code;
  if ('errors' in thrown && Array.isArray(thrown.errors)) return codeOf(thrown.errors[0]);
  return 'cause' in thrown ? codeOf(thrown.cause) : '';
}

/** Tells a failure that started nothing from one whose effect is unknown (rule 2). */
export function failureOf(thrown: unknown, aborted: boolean): TransportFailure {
  if (aborted) return 'aborted';
  if (beforeSending.test(codeOf(thrown)) || proxyRefusalOf(thrown)) return 'not-sent';
  return 'unknown';
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

/** Two agents that honour the proxy variables: one keeps its connections, one closes each after use. */
interface Agents {
  keptAlive: Undici.Dispatcher;
  closedAfterUse: Undici.Dispatcher;
  /** The same without a proxy, for loopback. */
  direct: Undici.Dispatcher;
  directClosedAfterUse: Undici.Dispatcher;
}

/** Throws `TransportError` for a proxy variable that is no URL; undici's own error would show its value. */
function agents({ Agent, EnvHttpProxyAgent }: typeof Undici, ca: string | undefined): Agents {
  const limits = {
    connectTimeout: silence.connect,
    headersTimeout: silence.headers,
    bodyTimeout: silence.body,
    // Over HTTP/2 undici sends a refused request again by itself, and a submit is sent once.
    allowH2: false,
    ...(ca === undefined ? {} : { connect: { ca }, requestTls: { ca } }),
  };
  try {
    return {
      keptAlive: new EnvHttpProxyAgent(limits),
      direct: new Agent(limits),
      directClosedAfterUse: new Agent({ ...limits, pipelining: 0 }),
      closedAfterUse: new EnvHttpProxyAgent({ ...limits, pipelining: 0 }),
    };
  } catch {
    throw new TransportError(
      'not-sent',
      'HTTPS_PROXY or HTTP_PROXY cannot be used: each must be a URL such as http://host:port or http://user:password@host:port, with special characters of user and password URL-encoded (@ is %40)',
      undefined,
      true,
    );
  }
}

/**
 * The one undici client: keeps connections alive and honours `HTTPS_PROXY`, `HTTP_PROXY` and
 * `NO_PROXY` (undici's own request does not). `ca`: certificates to trust beside the system's, as PEM.
 */
export function undiciTransport(options: { ca?: string } = {}): {
  transport: Transport;
  close: () => Promise<void>;
} {
  let made: Agents | undefined;
  const transport: Transport = async (request, signal) => {
    // Half of the bundle: a chunk of its own, which is read when there is something to send.
    const undici = await import('undici');
    made ??= agents(undici, options.ca);
    // A bearer for loopback must not leave the machine by way of a proxy.
    const local = isLoopback(new URL(request.url).hostname);
    const kept = local ? made.direct : made.keptAlive;
    const own = local ? made.directClosedAfterUse : made.closedAfterUse;
    try {
      const { statusCode, headers, body } = await undici.request(request.url, {
        method: request.method,
        headers: request.headers ?? {},
        body: request.body ?? null,
        dispatcher: request.ownConnection ? own : kept,
        ...(signal ? { signal } : {}),
      });
      return { status: statusCode, headers: plainHeaders(headers), body };
    } catch (thrown) {
      const failure = failureOf(thrown, signal?.aborted === true);
      const obstacle = obstacleOf(thrown);
      const message = obstacle?.says ?? messageOf(thrown);
      throw new TransportError(failure, message, thrown, obstacle?.lasting);
    }
  };
  return {
    transport,
    close: async () => {
      await Promise.all(
        (made ? Object.values<Undici.Dispatcher>({ ...made }) : []).map((agent) => agent.destroy()),
      );
    },
  };
}
