import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { BearerClient } from '../../../src/auth/bearer.ts';
import { Tokens } from '../../../src/auth/tokens.ts';
import { HttpClient } from '../../../src/http/client.ts';
import { FakeNetwork, type Reply } from '../http/fake-network.ts';
import { VirtualClock } from '../virtual-clock.ts';

const origin = 'https://api.fabric.microsoft.com';
const scope = 'https://api.fabric.microsoft.com/.default';

function scene(answer: FakeNetwork['answer'] = () => ({ status: 200, text: '{}' })): {
  clock: VirtualClock;
  network: FakeNetwork;
  client: BearerClient;
  exchanges: () => number;
  bearers: () => (string | undefined)[];
} {
  const clock = new VirtualClock();
  const network = new FakeNetwork(clock, answer);
  let exchanges = 0;
  const tokens = new Tokens({
    clock,
    onNew: () => undefined,
    exchange: () =>
      Promise.resolve({ value: `token-${++exchanges}`, expiresAt: clock.now() + 3_600_000 }),
  });
  const http = new HttpClient({ transport: network.transport, clock, random: () => 0.5 });
  return {
    clock,
    network,
    client: new BearerClient({ http, tokens, scope, origin }),
    exchanges: () => exchanges,
    bearers: () =>
      network.requests.map(
        ({ headers = {} }) =>
          Object.entries(headers).find(([name]) => name.toLowerCase() === 'authorization')?.[1],
      ),
  };
}

const refuses401 =
  (times: number) =>
  (_: unknown, index: number): Reply => ({ status: index < times ? 401 : 200, text: '{}' });

describe('the bearer', () => {
  test('goes to its own service', async () => {
    const { client, bearers, network } = scene();
    await client.signIn();
    expect(network.requests).toHaveLength(0);
    expect(await client.send({ method: 'GET', url: `${origin}/v1/x` })).toMatchObject({
      status: 200,
    });
    await client.stream({ method: 'GET', url: `${origin}/v1/log` });
    expect(bearers()).toEqual(['Bearer token-1', 'Bearer token-1']);
  });

  test.each([
    'https://evil.example/v1/x',
    'https://api.fabric.microsoft.com.evil.example/',
    'https://api.fabric.microsoft.com@evil.example/',
    'https://api.fabric.microsoft.com:8443/',
    'http://api.fabric.microsoft.com/',
    'https://onelake.dfs.fabric.microsoft.com/',
  ])('never to %s', async (url) => {
    const { client, network } = scene();
    await client.signIn();
    const request = { method: 'GET', url } as const;
    await expect(client.send(request)).rejects.toMatchObject({ code: 'HOST_REFUSED' });
    await expect(client.stream(request)).rejects.toMatchObject({ code: 'HOST_REFUSED' });
    await expect(client.sendAtOnce(request)).rejects.toMatchObject({ code: 'HOST_REFUSED' });
    expect(network.requests).toHaveLength(0);
  });

  test('never to another origin, whatever the URL', async () => {
    const url = fc.oneof(
      fc.webUrl(),
      fc
        .tuple(fc.constantFrom('.', '@', ':80', '/', '\\', '%2e', ':443@', '#', '?'), fc.domain())
        .map(([glue, host]) => `${origin}${glue}${host}`),
      fc.string(),
    );
    await fc.assert(
      fc.asyncProperty(url, async (anyUrl) => {
        const { client, network } = scene();
        await client.send({ method: 'GET', url: anyUrl }).catch(() => undefined);
        for (const request of network.requests) expect(new URL(request.url).origin).toBe(origin);
      }),
      { numRuns: 300 },
    );
  });

  test.each([301, 302, 307, 308])('does not follow a redirect (%i)', async (status) => {
    const { client, network } = scene(() => ({
      status,
      headers: { location: 'https://evil.example/' },
    }));
    await expect(client.send({ method: 'GET', url: `${origin}/x` })).rejects.toMatchObject({
      code: 'HOST_REFUSED',
    });
    expect(network.requests).toHaveLength(1);
  });
});

describe('a 401', () => {
  test('is answered once with a new token', async () => {
    for (const method of ['GET', 'POST', 'DELETE'] as const) {
      const { client, bearers } = scene(refuses401(1));
      expect(await client.send({ method, url: `${origin}/x` })).toMatchObject({ status: 200 });
      expect(bearers()).toEqual(['Bearer token-1', 'Bearer token-2']);
    }
  });

  test('twice is the answer', async () => {
    const { client, network } = scene(refuses401(9));
    expect(await client.send({ method: 'GET', url: `${origin}/x` })).toMatchObject({ status: 401 });
    expect(network.requests).toHaveLength(2);
  });

  test('of a stream as well', async () => {
    const { client, bearers } = scene(refuses401(1));
    expect((await client.stream({ method: 'GET', url: `${origin}/x` })).status).toBe(200);
    expect(bearers()).toEqual(['Bearer token-1', 'Bearer token-2']);
  });
});

describe('at once', () => {
  test('sends with the token at hand, with no sign-in and no waiting', async () => {
    const { client, exchanges, network, clock, bearers } = scene(() => ({ status: 503 }));
    await client.signIn();
    expect(await client.sendAtOnce({ method: 'DELETE', url: `${origin}/b` })).toMatchObject({
      status: 503,
    });
    expect(exchanges()).toBe(1);
    expect(network.requests).toHaveLength(1);
    expect(clock.elapsed).toBe(0);
    expect(bearers()).toEqual(['Bearer token-1']);
  });

  test('is nothing where there is no token', async () => {
    const { client, network, exchanges } = scene();
    expect(await client.sendAtOnce({ method: 'DELETE', url: `${origin}/b` })).toBeUndefined();
    expect(network.requests).toHaveLength(0);
    expect(exchanges()).toBe(0);
  });

  test('with a token that has expired is nothing', async () => {
    const { client, network, clock } = scene();
    await client.signIn();
    clock.advance(3_600_001);
    expect(await client.sendAtOnce({ method: 'DELETE', url: `${origin}/b` })).toBeUndefined();
    expect(network.requests).toHaveLength(0);
  });
});
