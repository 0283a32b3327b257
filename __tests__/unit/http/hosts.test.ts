import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isLoopback, isTrusted, sameOrigin } from '../../../src/http/hosts.ts';

const trusted = (url: string, hosts: readonly string[] = []): boolean =>
  isTrusted(new URL(url), hosts);

describe('loopback', () => {
  test.each(['localhost', '127.0.0.1', '127.1.2.3', '[::1]', 'LOCALHOST'])('%s is', (host) => {
    expect(isLoopback(new URL(`http://${host}/`).hostname)).toBe(true);
  });

  test.each([
    '127.0.0.1.nip.io',
    'localhost.example',
    'notlocalhost',
    '128.0.0.1',
    '10.0.0.1',
    '169.254.169.254',
    '[::2]',
    '[2001:db8::1]',
    '127.evil.example',
    '127.0.0.1.',
  ])('%s is not, or is the same as 127.0.0.1 to a URL', (host) => {
    const { hostname } = new URL(`http://${host}/`);
    expect(isLoopback(hostname)).toBe(hostname === '127.0.0.1');
  });
});

describe('a token may go', () => {
  test.each([
    'https://api.fabric.microsoft.com',
    'https://onelake.dfs.fabric.microsoft.com',
    'https://westeurope-onelake.dfs.fabric.microsoft.com',
    'https://0123456789abcdef0123456789abcdef.z01.w.api.fabric.microsoft.com',
    'https://login.microsoftonline.com',
    'https://highapi.fabric.microsoft.us',
    'https://onelake.dfs.fabric.microsoft.us',
    'https://login.microsoftonline.us',
    'https://app.high.powerbigov.us',
    'https://login.partner.microsoftonline.cn',
    'https://login.chinacloudapi.cn',
    'https://API.FABRIC.MICROSOFT.COM',
    'https://localhost:8443',
    'https://[::1]:8443',
  ])('to %s', (url) => {
    expect(trusted(url)).toBe(true);
  });

  test.each([
    'https://fabric.microsoft.com.evil.example',
    'https://evilfabric.microsoft.com',
    'https://api.fabric.microsoft.com@evil.example',
    'https://microsoftonline.com.evil.example',
    'https://evilmicrosoftonline.com',
    'https://evilpowerbi.com',
    'https://evilmicrosoftonline.us',
    'https://evilpowerbigov.us',
    'https://fabric.microsoft.us.evil.example',
    'https://anyone.chinacloudapi.cn',
    'https://anyone.cloudapp.chinacloudapi.cn',
    'https://microsoftonline.cn',
    'https://127.0.0.1.nip.io',
    'https://microsoft.com',
    'https://evil.example/?fabric.microsoft.com',
    'https://evil.example',
  ])('not to %s', (url) => {
    expect(trusted(url)).toBe(false);
  });

  test('to a host that is named, with its port where one is named', () => {
    expect(trusted('https://gate.example', ['gate.example'])).toBe(true);
    expect(trusted('https://GATE.example', ['gate.EXAMPLE'])).toBe(true);
    expect(trusted('https://gate.example:8443', ['gate.example:8443'])).toBe(true);
    expect(trusted('https://gate.example:9000', ['gate.example:8443'])).toBe(false);
    expect(trusted('https://a.gate.example', ['gate.example'])).toBe(false);
    expect(trusted('https://gate.example.evil', ['gate.example'])).toBe(false);
    expect(trusted('https://evil.example', [''])).toBe(false);
  });

  test('to no host that only looks like a trusted one', () => {
    const part = fc.stringMatching(/^[a-z0-9-]{1,10}$/);
    fc.assert(
      fc.property(
        part,
        fc.constantFrom('fabric.microsoft.com', 'microsoftonline.com', 'localhost', '127.0.0.1'),
        (evil, good) => {
          expect(trusted(`https://${good}.${evil}x.example`)).toBe(false);
          if (good !== '127.0.0.1') expect(trusted(`https://x${evil}x${good}`)).toBe(false);
        },
      ),
    );
  });
});

describe('the same origin', () => {
  const base = 'https://api.fabric.microsoft.com/v1/x?a=b';

  test.each([
    ['https://api.fabric.microsoft.com/v1/other?continuationToken=x', true],
    ['https://api.fabric.microsoft.com:443/', true],
    ['https://API.fabric.microsoft.com/', true],
    ['http://api.fabric.microsoft.com/', false],
    ['https://api.fabric.microsoft.com:8443/', false],
    ['https://api.fabric.microsoft.com.evil.example/', false],
    ['https://api.fabric.microsoft.com@evil.example/', false],
    ['https://onelake.dfs.fabric.microsoft.com/', false],
    ['//evil.example/', false],
    ['not a url', false],
    ['', false],
  ])('%j: %s', (link, same) => {
    expect(sameOrigin(link, base)).toBe(same);
  });

  test('never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.webUrl()), (link) => {
        expect(typeof sameOrigin(link, base)).toBe('boolean');
      }),
    );
  });
});
