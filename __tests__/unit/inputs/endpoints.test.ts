import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseOrigin } from '../../../src/inputs/endpoints.ts';
import { reading, refusalOf, told } from './source.ts';

const secured = ['fabric-endpoint', 'onelake-endpoint', 'authority-host'];

describe('endpoints', () => {
  test('are origins; a slash at the end is no matter', () => {
    expect(
      reading({
        'fabric-endpoint': 'https://highapi.fabric.microsoft.us/',
        'onelake-endpoint': 'https://westeurope-onelake.dfs.fabric.microsoft.com',
        'authority-host': 'https://login.microsoftonline.us',
        'portal-url': 'https://app.high.powerbigov.us',
      }).endpoints,
    ).toMatchObject({
      fabric: 'https://highapi.fabric.microsoft.us',
      onelake: 'https://westeurope-onelake.dfs.fabric.microsoft.com',
      authority: 'https://login.microsoftonline.us',
      portal: 'https://app.high.powerbigov.us',
    });
  });

  test('not given are those of a local Fabric of an earlier step, by the variables it exports', () => {
    const local = {
      FABRIC_SPARK_BATCH_FABRIC_ENDPOINT: 'https://127.0.0.1:1001',
      FABRIC_SPARK_BATCH_ONELAKE_ENDPOINT: 'https://127.0.0.1:1002',
      FABRIC_SPARK_BATCH_AUTHORITY_HOST: 'https://127.0.0.1:1003',
    };
    expect(reading({}, local).endpoints).toMatchObject({
      fabric: 'https://127.0.0.1:1001',
      onelake: 'https://127.0.0.1:1002',
      authority: 'https://127.0.0.1:1003',
      portal: 'https://app.fabric.microsoft.com',
    });
    expect(reading({ 'fabric-endpoint': 'https://localhost:1' }, local).endpoints).toMatchObject({
      fabric: 'https://localhost:1',
      onelake: 'https://127.0.0.1:1002',
    });
  });

  test('by a variable are held to the rules of the input', () => {
    const refusal = refusalOf({}, { FABRIC_SPARK_BATCH_FABRIC_ENDPOINT: 'https://evil.example' });
    expect(told(refusal)).toContain('fabric-endpoint names the host evil.example');
  });

  test.each([
    'http://127.0.0.1:8080',
    'http://localhost:8080',
    'http://[::1]:8080',
    'https://localhost:8443',
    'https://127.0.0.1',
  ])('%s, on this machine, may serve Fabric and OneLake', (origin) => {
    const { endpoints } = reading({ 'fabric-endpoint': origin, 'onelake-endpoint': origin });
    expect(endpoints.fabric).toBe(origin);
    expect(endpoints.onelake).toBe(origin);
  });

  test('of the authority are https always, also on this machine', () => {
    expect(reading({ 'authority-host': 'https://127.0.0.1:8443' }).endpoints.authority).toBe(
      'https://127.0.0.1:8443',
    );
    for (const origin of ['http://127.0.0.1:8080', 'http://localhost:8080', 'http://[::1]:1'])
      expect(told(refusalOf({ 'authority-host': origin }))).toContain('authority-host');
  });

  const hostile = [
    'https://fabric.microsoft.com.evil.example',
    'https://api.fabric.microsoft.com.evil.example',
    'https://evilfabric.microsoft.com',
    'https://evil-fabric.microsoft.com',
    'https://api.fabric.microsoft.com@evil.example',
    'https://api.fabric.microsoft.com:443@evil.example',
    'https://user:pass@api.fabric.microsoft.com',
    'https://user@api.fabric.microsoft.com',
    'https://:pass@api.fabric.microsoft.com',
    'https://evil.example/api.fabric.microsoft.com',
    'https://evil.example#api.fabric.microsoft.com',
    'https://evil.example?x=api.fabric.microsoft.com',
    'https://evil.example\\@api.fabric.microsoft.com',
    'https://127.0.0.1.nip.io',
    'http://127.0.0.1.nip.io',
    'http://localhost.evil.example',
    'https://localhost.evil.example',
    'http://evil.example',
    'https://evil.example',
    'https://microsoft.com',
    'https://fabric.microsoft.com.',
    'https://xn--fabric-microsoft-com.example',
    'http://0.0.0.0.nip.io',
    'https://[2001:db8::1]',
    'http://169.254.169.254',
    'http://10.0.0.1',
    'ftp://127.0.0.1',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'api.fabric.microsoft.com',
    '//api.fabric.microsoft.com',
    'http://api.fabric.microsoft.com',
  ].filter((origin) => origin !== 'https://fabric.microsoft.com.');

  test.each(hostile)('%s gets no token', (origin) => {
    for (const name of secured) {
      const error = refusalOf({ [name]: origin });
      expect(error.code).toBe('INPUT_INVALID');
      expect(told(error)).toContain(name);
    }
  });

  test('a path, a query or a fragment is refused, not dropped in silence', () => {
    for (const end of ['/v1', '/?a=b', '/#x', '?a', '/v1/..%2f'])
      expect(refusalOf({ 'fabric-endpoint': `https://api.fabric.microsoft.com${end}` }).code).toBe(
        'INPUT_INVALID',
      );
  });

  test('a trusted host may be one, by its name, not by a part of it', () => {
    const trusted = { 'trusted-hosts': 'gateway.example\nproxy.example:8443, other.example' };
    for (const origin of [
      'https://gateway.example',
      'https://proxy.example:8443',
      'https://other.example',
    ])
      expect(reading({ ...trusted, 'fabric-endpoint': origin }).endpoints.fabric).toBe(origin);
    for (const origin of [
      'https://evil.gateway.example',
      'https://gateway.example.evil',
      'https://proxy.example:9000',
      'http://gateway.example',
      'https://ateway.example',
    ])
      expect(refusalOf({ ...trusted, 'fabric-endpoint': origin }).code).toBe('INPUT_INVALID');
  });

  test('no origin of another host is ever accepted', () => {
    const label = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}[a-z0-9]$/);
    const bait = fc.constantFrom('fabric.microsoft.com', 'localhost', '127.0.0.1', 'powerbi.com');
    const glue = fc.constantFrom('.', '-', '@', ':80@', '/', '\\', '?', '#', '%2e', '%00.', ' ');
    fc.assert(
      fc.property(
        bait,
        glue,
        label,
        fc.constantFrom('https', 'http'),
        (host, between, evil, scheme) => {
          const parsed = parseOrigin(`${scheme}://${host}${between}${evil}.example`, [], false);
          if (!('value' in parsed)) return;
          expect(new URL(parsed.value).hostname).not.toMatch(/\.example$/);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test('what is accepted is an origin and nothing more', () => {
    fc.assert(
      fc.property(fc.oneof(fc.webUrl(), fc.string()), fc.boolean(), (text, httpsOnly) => {
        const parsed = parseOrigin(text, ['a.example'], httpsOnly);
        if (!('value' in parsed)) return;
        expect(new URL(parsed.value).origin).toBe(parsed.value);
      }),
    );
  });
});
