import { describe, expect, test } from '@jest/globals';
import { failureOf } from '../../../src/http/transport.ts';

function error(code: string, cause?: unknown): Error {
  return Object.assign(new Error(code, { cause }), code === '' ? {} : { code });
}

describe('a request that got no reply', () => {
  test.each([
    'ECONNREFUSED',
    'ENOTFOUND',
    'EAI_AGAIN',
    'EHOSTUNREACH',
    'ENETUNREACH',
    'UND_ERR_CONNECT_TIMEOUT',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'ERR_SSL_WRONG_VERSION_NUMBER',
    'CERT_HAS_EXPIRED',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  ])('because of %s was not sent', (code) => {
    expect(failureOf(error(code), false)).toBe('not-sent');
    expect(failureOf(error('', error(code)), false)).toBe('not-sent');
  });

  test.each([
    'ECONNRESET',
    'ECONNABORTED',
    'EPIPE',
    'ETIMEDOUT',
    'UND_ERR_SOCKET',
    'UND_ERR_HEADERS_TIMEOUT',
    'UND_ERR_BODY_TIMEOUT',
    'UND_ERR_CLOSED',
    'HPE_INVALID_CONSTANT',
    'SOME_ECONNREFUSED',
    '',
  ])('because of "%s" may have had its effect', (code) => {
    expect(failureOf(error(code), false)).toBe('unknown');
    expect(failureOf(error('', error(code)), false)).toBe('unknown');
  });

  test('and of which nothing is known may have had its effect', () => {
    for (const thrown of [undefined, null, 'ECONNREFUSED', {}, { code: 111 }])
      expect(failureOf(thrown, false)).toBe('unknown');
  });

  test('by any address of its host was not sent', () => {
    const each = [error('ECONNREFUSED'), error('ENETUNREACH')];
    expect(failureOf(new AggregateError(each), false)).toBe('not-sent');
  });

  test('because our own signal ended it is told as that', () => {
    expect(failureOf(error('ECONNREFUSED'), true)).toBe('aborted');
    expect(failureOf(error('ECONNRESET'), true)).toBe('aborted');
  });
});
