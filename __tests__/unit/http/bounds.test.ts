import { describe, expect, test } from '@jest/globals';
import { BearerClient } from '../../../src/auth/bearer.ts';
import { Tokens } from '../../../src/auth/tokens.ts';
import { findWorkspace } from '../../../src/fabric/names.ts';
import { HttpClient, ReplyCut } from '../../../src/http/client.ts';
import type { HttpRequest, Transport } from '../../../src/http/transport.ts';
import { fabricLivy } from '../../../src/livy/livy.ts';
import { VirtualClock } from '../virtual-clock.ts';
import { FakeNetwork } from './fake-network.ts';

const origin = 'https://api.fabric.microsoft.com';
const mebibyte = Buffer.alloc(1024 * 1024, 'x');

function httpOf(transport: Transport, clock = new VirtualClock()): HttpClient {
  return new HttpClient({ transport, clock, random: () => 0.5 });
}

/** A client of a service that answers each request with this JSON, and what it was asked. */
function service(json: (request: HttpRequest, index: number) => unknown): {
  client: BearerClient;
  network: FakeNetwork;
} {
  const clock = new VirtualClock();
  const network = new FakeNetwork(clock, (request, index) => ({
    status: 200,
    text: JSON.stringify(json(request, index)),
  }));
  const tokens = new Tokens({
    clock,
    onNew: () => undefined,
    exchange: () => Promise.resolve({ value: 'token', expiresAt: clock.now() + 3_600_000 }),
  });
  const http = httpOf(network.transport, clock);
  return { client: new BearerClient({ http, tokens, scope: 's', origin }), network };
}

describe('a service that never ends', () => {
  test('its reply is given up after 32 MiB', async () => {
    let sent = 0;
    async function* endless(): AsyncIterable<Uint8Array> {
      for (; sent < 100; sent += 1) yield await Promise.resolve(mebibyte);
    }
    const http = httpOf(() => Promise.resolve({ status: 200, headers: {}, body: endless() }));
    await expect(http.send({ method: 'GET', url: origin })).rejects.toBeInstanceOf(ReplyCut);
    expect(sent).toBe(32);
  });

  test('its list of names is read for 1,000 pages', async () => {
    const { client, network } = service((_, index) => ({
      value: [{ id: `id-${index}`, displayName: `name ${index}` }],
      continuationUri: `${origin}/v1/workspaces?continuationToken=${index}`,
    }));
    await expect(findWorkspace(client, 'nowhere')).rejects.toMatchObject({
      code: 'WORKSPACE_NOT_FOUND',
    });
    expect(network.requests).toHaveLength(1_000);
  });

  test('its list of batches is read for 500 pages, and counts as one that cannot be read', async () => {
    const { client, network } = service((_, index) => ({
      items: [{ id: `batch-${index}`, state: 'running' }],
      totalCountOfMatchedItems: 1_000_000,
    }));
    await expect(fabricLivy(client, 'w', 'l').list()).resolves.toBeUndefined();
    expect(network.requests).toHaveLength(500);
  });
});

test('a list that goes on at another host is refused, and nothing is sent there', async () => {
  const { client, network } = service(() => ({
    value: [],
    continuationUri: 'https://evil.example/v1/workspaces?continuationToken=x',
  }));
  await expect(findWorkspace(client, 'w')).rejects.toMatchObject({ code: 'HOST_REFUSED' });
  expect(network.requests.map(({ url }) => new URL(url).origin)).toEqual([origin]);
});
