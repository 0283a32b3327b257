import type { RequestLine } from '../../local/faults.ts';
import {
  failureOf,
  TransportError,
  type HttpReply,
  type HttpRequest,
} from '../../src/http/transport.ts';

const batches = /\/livyapi\/versions\/[^/]+\/batches(?:[/?]|$)/;

export function isBatches(request: RequestLine): boolean {
  return request.host === 'fabric' && batches.test(request.path);
}

/** A read of one batch. */
export function isStatus(request: RequestLine): boolean {
  return isBatches(request) && request.method === 'GET' && /\/batches\/[^/?]+$/.test(request.path);
}

export function isList(request: RequestLine): boolean {
  return isBatches(request) && request.method === 'GET' && /\/batches(\?|$)/.test(request.path);
}

export function isSubmit(request: RequestLine): boolean {
  return isBatches(request) && request.method === 'POST';
}

/** The claims of a JWT that stands in an `authorization` header. */
export function claims(request: HttpRequest): unknown {
  const payload = request.headers?.['authorization']?.split('.')[1];
  return payload === undefined
    ? undefined
    : JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
}

/**
 * jest runs a test in a realm of its own, where errors that Node itself made are no `Error`: their
 * code is told again, so that a connection that was refused is known as such.
 */
export function inThisRealm(thrown: unknown): Promise<HttpReply> {
  if (!(thrown instanceof TransportError) || thrown.failure !== 'unknown')
    return Promise.reject(thrown instanceof Error ? thrown : new Error(String(thrown)));
  const { cause } = thrown;
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : '';
  const again = Object.assign(new Error(thrown.message), { code });
  return Promise.reject(new TransportError(failureOf(again, false), thrown.message, again));
}
