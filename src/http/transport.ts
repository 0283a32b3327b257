import { proxyRefusalOf } from './obstacle.ts';

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

/** Opens a connection to each of these origins, for a request that will follow soon. Never throws. */
export type Warm = (origins: readonly string[]) => void;

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

export interface NetworkOptions {
  /** Certificates to trust beside the system's, as PEM. */
  ca?: string;
  /** Does the environment name a proxy (`isProxied`)? Without a word it may. */
  proxied?: boolean;
}

export interface Network {
  transport: Transport;
  warm: Warm;
  close: () => Promise<void>;
}

/**
 * The network of a process. undici is half of the bundle: it is read when there is something to send, or to
 * be warmed, so that an input error does not wait for it.
 */
export function undiciTransport(options: NetworkOptions = {}): Network {
  let opened: Promise<Network> | undefined;
  const network = (): Promise<Network> =>
    (opened ??= import('./network.ts').then(({ openNetwork }) => openNetwork(options)));
  return {
    transport: async (request, signal) => (await network()).transport(request, signal),
    warm: (origins) => {
      // A request that follows tells what is wrong.
      network().then(
        ({ warm }) => warm(origins),
        () => undefined,
      );
    },
    close: async () => (await opened)?.close(),
  };
}
