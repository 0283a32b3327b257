import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { isProxied } from '../../../src/http/proxy.ts';
import { undiciTransport, type HttpRequest } from '../../../src/http/transport.ts';
import { WarmConnections } from '../../../src/http/warm.ts';

const ends: (() => unknown)[] = [];

afterEach(async () => {
  await Promise.all(ends.splice(0).map((end) => end()));
});

/** A server that tells of each connection and of the one that each request came by. */
async function serving(): Promise<{
  origin: string;
  connections: Socket[];
  by: number[];
  connected: (count: number) => Promise<void>;
  server: Server;
}> {
  const connections: Socket[] = [];
  const by: number[] = [];
  const server = createServer((request, response) => {
    by.push(connections.indexOf(request.socket));
    response.end('{}');
  });
  server.on('connection', (socket: Socket) => connections.push(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(() => {
    server.closeAllConnections();
    connections.forEach((socket) => socket.destroy());
    server.close();
  });
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const connected = async (count: number): Promise<void> => {
    while (connections.length < count)
      await new Promise((resolve) => server.once('connection', resolve));
  };
  return { origin: `http://127.0.0.1:${address.port}`, connections, by, connected, server };
}

function network(): ReturnType<typeof undiciTransport> {
  const made = undiciTransport();
  ends.push(() => made.close());
  return made;
}

async function ask(
  { transport }: ReturnType<typeof undiciTransport>,
  request: Partial<HttpRequest> & { url: string },
): Promise<number> {
  const { status, body } = await transport({ method: 'GET', ...request });
  for await (const chunk of body) expect(chunk.length).toBeGreaterThan(0);
  return status;
}

describe('a connection that was opened ahead', () => {
  test.each([false, true])('serves the next request (on its own: %s)', async (ownConnection) => {
    const { origin, by, connections, connected } = await serving();
    const made = network();
    made.warm([origin]);
    await connected(1);
    expect(by).toEqual([]);
    await expect(ask(made, { url: `${origin}/a`, ownConnection })).resolves.toBe(200);
    expect(by).toEqual([0]);
    expect(connections).toHaveLength(1);
  });

  test('serves one taker: two that are side by side get one each', async () => {
    const { origin, by, connections, connected } = await serving();
    const made = network();
    made.warm([origin, origin]);
    await connected(2);
    await Promise.all([
      ask(made, { url: `${origin}/a` }),
      ask(made, { url: `${origin}/b`, method: 'POST', body: '{}', ownConnection: true }),
    ]);
    expect(by.toSorted()).toEqual([0, 1]);
    expect(connections).toHaveLength(2);
  });

  test('and is still being opened is waited for', async () => {
    const { origin, connections } = await serving();
    const made = network();
    made.warm([origin]);
    await expect(ask(made, { url: origin })).resolves.toBe(200);
    expect(connections).toHaveLength(1);
  });

  test('and that the server closed is not used', async () => {
    const { origin, by, connections, connected } = await serving();
    const made = network();
    made.warm([origin]);
    await connected(1);
    const closed = new Promise((resolve) => connections[0]?.once('close', resolve));
    connections[0]?.destroy();
    await closed;
    await new Promise((resolve) => setImmediate(resolve));
    await expect(ask(made, { url: origin, ownConnection: true })).resolves.toBe(200);
    expect(by).toEqual([1]);
  });

  test('to a host that refuses it changes nothing: the request tells', async () => {
    const { origin, server } = await serving();
    const closed = new Promise((resolve) => server.once('close', resolve));
    server.close();
    await closed;
    const made = network();
    made.warm([origin]);
    await expect(ask(made, { url: origin })).rejects.toMatchObject({ name: 'TransportError' });
  });

  test('serves no other origin', async () => {
    const [one, other] = [await serving(), await serving()];
    const made = network();
    made.warm([one.origin]);
    await one.connected(1);
    await expect(ask(made, { url: other.origin })).resolves.toBe(200);
    expect(one.by).toEqual([]);
  });
});

test('one that waited too long is left, and a new one is opened', async () => {
  const { origin, connections, connected } = await serving();
  let now = 0;
  const ahead = new WarmConnections({}, () => now);
  ends.push(() => ahead.close());
  const { hostname, port, protocol } = new URL(origin);
  const take = (): Promise<Socket | null> =>
    new Promise((resolve) =>
      ahead.connect({ hostname, port, protocol }, (...[, socket]) => resolve(socket)),
    );
  ahead.warm(origin);
  await connected(1);
  now = 5_001;
  await take();
  await connected(2);
  expect(connections).toHaveLength(2);
  ahead.warm(origin);
  await connected(3);
  now += 4_999;
  await take();
  expect(connections).toHaveLength(3);
});

test('a proxy in the environment is known by any of its variables', () => {
  for (const name of ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'])
    expect(isProxied((asked) => (asked === name ? 'http://proxy:3128' : ''))).toBe(true);
  expect(isProxied((asked) => (asked === 'NO_PROXY' ? '*' : undefined))).toBe(false);
});
