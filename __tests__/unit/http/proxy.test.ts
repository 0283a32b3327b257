import { describe, expect, test } from '@jest/globals';
import { obstacleOf } from '../../../src/http/obstacle.ts';
import { proxyRefusal, proxySecrets } from '../../../src/http/proxy.ts';
import { failureOf } from '../../../src/http/transport.ts';

const secretsOf = (env: Readonly<Record<string, string>>): string[] =>
  proxySecrets((name) => env[name]);

function failure(code: string, message = code): Error {
  return Object.assign(new Error(message), { code });
}

describe('the secrets of a proxy', () => {
  test.each(['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'])('of %s', (name) => {
    const forms = secretsOf({ [name]: 'http://ada:p%40ss%2Fw%21@proxy.test:3128' });
    const header = Buffer.from('ada:p@ss/w!').toString('base64');
    for (const form of ['p%40ss%2Fw%21', 'p@ss/w!', 'p%40ss%2Fw!', header])
      expect(forms).toContain(form);
    expect(forms.join(' ')).not.toContain('proxy.test');
  });

  test('of a value that is no URL, or has no scheme', () => {
    expect(secretsOf({ HTTPS_PROXY: 'http://ada:one/t@wo@proxy.test' })).toContain('one/t@wo');
    expect(secretsOf({ HTTPS_PROXY: 'ada:secret@proxy.test:3128' })).toContain('secret');
    expect(secretsOf({ HTTPS_PROXY: 'http://ada:100%sure@proxy.test' })).toContain('100%sure');
  });

  test('as a URL writes it, where that differs', () => {
    expect(secretsOf({ HTTPS_PROXY: 'http://ada:se cret@proxy.test' })).toEqual(
      expect.arrayContaining(['se cret', 'se%20cret']),
    );
  });

  test('none without a password, and nothing so short that it would ruin the log', () => {
    for (const proxy of ['', 'http://proxy.test:3128', 'http://ada@proxy.test', 'http://ada:@x'])
      expect(secretsOf({ HTTPS_PROXY: proxy })).toEqual([]);
    expect(secretsOf({ HTTPS_PROXY: 'http://a:abc@x' })).toEqual(['YTphYmM=']);
  });
});

describe('what lies before a service', () => {
  test.each([
    ['UND_ERR_ABORTED', 'Proxy response (407) !== 200 when HTTP Tunneling', true],
    ['UND_ERR_ABORTED', 'Proxy response (403) !== 200 when HTTP Tunneling', true],
    ['UND_ERR_ABORTED', 'Proxy response (502) !== 200 when HTTP Tunneling', false],
    ['UND_ERR_ABORTED', 'Proxy response (503) !== 200 when HTTP Tunneling', false],
    ['UND_ERR_INVALID_ARG', 'Proxy Authentication Required (407)', true],
    ['ECONNRESET', 'tunneling socket could not be established, statusCode=407', true],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed certificate', true],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'self-signed certificate in certificate chain', true],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'unable to verify the first certificate', true],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'unable to get local issuer certificate', true],
    ['CERT_HAS_EXPIRED', 'certificate has expired', true],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'Hostname/IP does not match', true],
  ])('%s, %s: nothing was sent', (code, message, lasting) => {
    const thrown = failure(code, message);
    expect(failureOf(thrown, false)).toBe('not-sent');
    expect(failureOf(new Error('wrapped', { cause: thrown }), false)).toBe('not-sent');
    expect(failureOf(thrown, true)).toBe('aborted');
    expect(obstacleOf(thrown)?.lasting).toBe(lasting);
  });

  test.each(['UND_ERR_PRX_CONN', 'UND_ERR_PRX_TLS', 'ECONNREFUSED'])(
    '%s: nothing was sent, and it may pass',
    (code) => {
      expect(failureOf(failure(code), false)).toBe('not-sent');
      expect(obstacleOf(failure(code))).toBeUndefined();
    },
  );

  test.each(['ECONNRESET', 'UND_ERR_SOCKET', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_ABORTED'])(
    '%s alone: nobody knows',
    (code) => {
      expect(failureOf(failure(code), false)).toBe('unknown');
      expect(obstacleOf(failure(code))).toBeUndefined();
    },
  );

  test('the toolkit hands on texts only', () => {
    const text = 'Error message: Failed to get ID Token. \n Error Message: self-signed certificate';
    expect(obstacleOf(new Error(text))?.says).toContain('NODE_EXTRA_CA_CERTS');
    expect(obstacleOf(new Error('Error Code : 503'))).toBeUndefined();
    for (const thrown of ['text', null, undefined, 7]) expect(obstacleOf(thrown)).toBeUndefined();
  });

  test('each says what to do', () => {
    expect(proxyRefusal(407).says).toMatch(/407.*HTTPS_PROXY.*user:password@host.*%40/);
    expect(proxyRefusal(403).says).toMatch(/403.*NO_PROXY/);
    expect(proxyRefusal(502).says).toMatch(/502/);
    expect(obstacleOf(failure('SELF_SIGNED_CERT_IN_CHAIN'))?.says).toMatch(
      /SELF_SIGNED_CERT_IN_CHAIN.*NODE_EXTRA_CA_CERTS.*env of the job/,
    );
  });
});
