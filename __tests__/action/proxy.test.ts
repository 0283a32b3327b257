import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { StepResult } from '../../local/runner/step.ts';
import { MappingProxy, type ProxyUser } from '../mapping-proxy.ts';
import { Bench, overAtOnce, type Given } from './bench.ts';
import { leaks, letOut } from './shown.ts';

jest.setTimeout(30_000);

/** Names that no resolver knows (RFC 6761), by the service that they stand for. */
const names = {
  authority: 'login.test',
  issuer: 'github.test',
  fabric: 'fabric.test',
  onelake: 'onelake.test',
} as const;

let bench: Bench;
const proxies: MappingProxy[] = [];
beforeAll(async () => {
  bench = await Bench.start({ certificateNames: Object.values(names) });
});
afterAll(() => bench.close());
afterEach(() => Promise.all(proxies.splice(0).map((proxy) => proxy.close())));

async function proxyFor(only?: ProxyUser): Promise<MappingProxy> {
  const { authority, issuer, fabric, onelake } = bench.fabric.hosts;
  const ports: Readonly<Record<string, string>> = {
    [names.authority]: authority,
    [names.issuer]: issuer,
    [names.fabric]: fabric,
    [names.onelake]: onelake,
    '127.0.0.1': onelake,
  };
  const portOf = (hostname: string): number | undefined => {
    const origin = ports[hostname];
    return origin === undefined ? undefined : Number(new URL(origin).port);
  };
  const proxy = await MappingProxy.start(portOf, only);
  proxies.push(proxy);
  return proxy;
}

/** A step for which every service has a made-up name, with these variables in its job's `env`. */
function run(env: Readonly<Record<string, string>>, given: Given = {}): Promise<StepResult> {
  const { inputs, runtime, ...rest } = given;
  const idToken = new URL(bench.fabric.env['ACTIONS_ID_TOKEN_REQUEST_URL'] ?? '');
  idToken.host = names.issuer;
  idToken.port = '';
  const { step } = bench.start({
    ...rest,
    inputs: {
      'fabric-endpoint': `https://${names.fabric}`,
      'onelake-endpoint': `https://${names.onelake}`,
      'authority-host': `https://${names.authority}`,
      'trusted-hosts': Object.values(names).join('\n'),
      ...inputs,
    },
    runtime: {
      ...(given.signIn === undefined ? { ACTIONS_ID_TOKEN_REQUEST_URL: idToken.href } : {}),
      ...env,
      ...runtime,
    },
  });
  return step.done;
}

const hostsSeen = (proxy: MappingProxy): string[] => [...new Set(proxy.seen)].sort();

/** The one annotation of a step that reached no service at all. */
async function unreached(step: () => Promise<StepResult>): Promise<[string, StepResult]> {
  const before = bench.fabric.requests.length;
  const result = await step();
  expect(bench.fabric.requests).toHaveLength(before);
  expect(result).toMatchObject({ conclusion: 'failure', main: { exitCode: 1 } });
  expect(result.outputs).toMatchObject({
    result: 'NotStarted',
    'error-code': 'SIGN_IN_UNREACHABLE',
    submission: 'none',
  });
  expect(result.annotations).toHaveLength(1);
  expect(result.post).toMatchObject({ conclusion: 'success', stdout: [] });
  return [result.annotations[0]?.message ?? '', result];
}

const everyHost = Object.values(names).sort();
const signIns: readonly Pick<Given, 'signIn'>[] = [{}, { signIn: 'secret' }];

describe('a proxy that leads nowhere else', () => {
  test.each(['HTTPS_PROXY', 'https_proxy'])(
    '%s: every kind of host is seen by it',
    async (name) => {
      bench.script = overAtOnce('through the proxy\n');
      const before = bench.fabric.batches.length;
      const proxy = await proxyFor();
      const result = await run({ [name]: proxy.url() });
      expect(result).toMatchObject({ conclusion: 'success', annotations: [] });
      expect(result.main.commands.lines).toContain('through the proxy');
      expect(hostsSeen(proxy)).toEqual(everyHost);
      expect(bench.fabric.batches).toHaveLength(before + 1);
    },
  );

  test('loopback is not seen by it, though NO_PROXY does not name it', async () => {
    const inputs = { 'onelake-endpoint': bench.fabric.hosts.onelake };
    const proxy = await proxyFor();
    const result = await run({ HTTPS_PROXY: proxy.url() }, { inputs });
    expect(result.conclusion).toBe('success');
    expect(hostsSeen(proxy)).toEqual(everyHost.filter((host) => host !== names.onelake));
  });
});

describe('a proxy that wants a password', () => {
  const user = { user: 'ada', password: 'p@ss/w:rd %41' };
  const written = `ada:${encodeURIComponent(user.password)}`;
  const secrets = [user.password, Buffer.from(`ada:${user.password}`).toString('base64')];

  test.each(signIns)(
    'gets it, special characters and all, and nobody else does (%j)',
    async (given) => {
      bench.script = overAtOnce(`job: ${user.password}, ${encodeURIComponent(user.password)}\n`);
      const proxy = await proxyFor(user);
      const result = await run({ HTTPS_PROXY: proxy.url(written) }, given);
      expect(result).toMatchObject({ conclusion: 'success', annotations: [] });
      expect(hostsSeen(proxy)).toEqual(
        everyHost.filter((host) => given.signIn === undefined || host !== names.issuer),
      );
      expect(proxy.refused).toBe(0);
      expect(leaks(result, secrets)).toEqual([]);
      expect(result.main.stdout).toContain('job: ***, ***');
      expect(result.main.commands.masks).toEqual(expect.arrayContaining(secrets));
    },
  );

  describe.each(signIns)('signing in as %j', (given) => {
    test.each([
      ['none', undefined],
      ['a wrong one', 'ada:wr%40ng-word'],
    ])('%s: red, and the proxy is named', async (_what, credential) => {
      const proxy = await proxyFor(user);
      const env = { HTTPS_PROXY: proxy.url(credential) };
      const [message, result] = await unreached(() => run(env, given));
      expect(message).toMatch(/the proxy refused \(407\)/);
      expect(message).toMatch(/set HTTPS_PROXY to http:\/\/user:password@host:port/);
      expect(message).not.toContain('id-token: write');
      // For Fabric and for OneLake; what only the user can mend is not tried again.
      expect(proxy.refused).toBeLessThanOrEqual(2);
      expect(proxy.seen).toEqual([]);
      expect(leaks(result, ['wr@ng-word'])).toEqual([]);
      expect(letOut(result).join('\n')).not.toContain(new URL(proxy.url()).host);
    });
  });

  test('a value that is no URL is told without its password', async () => {
    const env = { HTTPS_PROXY: 'http://ada:s#cret-word@proxy.test:3128' };
    const [message, result] = await unreached(() => run(env, { signIn: 'secret' }));
    expect(message).toMatch(/HTTPS_PROXY or HTTP_PROXY cannot be used/);
    expect(leaks(result, ['s#cret-word', 'cret-word'])).toEqual([]);
  });
});

describe('a private certificate authority', () => {
  test.each(signIns)(
    'that is not known: red, with the variable that names it (%j)',
    async (given) => {
      const proxy = await proxyFor();
      const runtime = { NODE_EXTRA_CA_CERTS: '' };
      const [message] = await unreached(() =>
        run({ HTTPS_PROXY: proxy.url() }, { ...given, runtime }),
      );
      expect(message).toMatch(/the certificate is not trusted \(.*self.signed/i);
      expect(message).toMatch(/NODE_EXTRA_CA_CERTS .* in the env of the job/);
      expect(message).not.toContain('id-token: write');
      expect(hostsSeen(proxy)).toEqual([
        given.signIn === undefined ? names.issuer : names.authority,
      ]);
      expect(proxy.seen.length).toBeLessThanOrEqual(2);
    },
  );
});
