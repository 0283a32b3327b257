import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { TransportError, undiciTransport } from '../../../src/http/transport.ts';

const names = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'NO_PROXY', 'no_proxy'];
const ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const name of names) Reflect.deleteProperty(process.env, name);
  await Promise.all(ends.splice(0).map((end) => end()));
});

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
}

/** What a submit meets where the environment has these variables. */
async function submit(
  env: Readonly<Record<string, string>>,
  url = 'https://fabric.test/v1/x',
): Promise<unknown> {
  for (const [name, value] of Object.entries(env)) process.env[name] = value;
  const network = undiciTransport();
  ends.push(() => network.close());
  const request = { method: 'POST' as const, url, body: '{}', ownConnection: true };
  return network.transport(request).catch((thrown: unknown) => thrown);
}

test.each([
  [407, true, /refused \(407\).*HTTPS_PROXY/],
  [403, true, /refused \(403\).*NO_PROXY/],
  [502, false, /could not reach this host \(502\)/],
  [503, false, /could not reach this host \(503\)/],
])('a proxy that answers %i to CONNECT: nothing was sent', async (status, lasting, says) => {
  const connects: string[] = [];
  const proxy = createServer().on('connect', ({ url = '' }, socket) => {
    connects.push(url);
    socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`);
  });
  const thrown = await submit({ HTTPS_PROXY: await listening(proxy) });
  expect(connects).toEqual(['fabric.test:443']);
  expect(thrown).toBeInstanceOf(TransportError);
  expect(thrown).toMatchObject({
    failure: 'not-sent',
    lasting,
    message: expect.stringMatching(says),
  });
});

test('a proxy that closes the connection instead of an answer: nothing was sent', async () => {
  const proxy = createServer().on('connect', (_request, socket) => socket.destroy());
  const thrown = await submit({ HTTPS_PROXY: await listening(proxy) });
  expect(thrown).toMatchObject({ failure: 'not-sent', lasting: false });
});

test('a proxy that is not there: nothing was sent', async () => {
  const gone = createServer();
  const url = await listening(gone);
  await ends.pop()?.();
  const thrown = await submit({ https_proxy: url });
  expect(thrown).toMatchObject({ failure: 'not-sent', lasting: false });
});

test('a connection that ends after the proxy led on: nobody knows', async () => {
  const proxy = createServer().on('connect', (_request, socket) => {
    socket.write('HTTP/1.1 200 OK\r\n\r\n', () => socket.destroy());
  });
  const thrown = await submit({ HTTPS_PROXY: await listening(proxy) });
  expect(thrown).toMatchObject({ failure: 'unknown', lasting: false });
});

test('a plain http service: the proxy’s 407 is not the service’s', async () => {
  const asked: string[] = [];
  const proxy = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(407).end();
  });
  const thrown = await submit({ HTTP_PROXY: await listening(proxy) }, 'http://livy.test/batches');
  expect(asked).toEqual(['http://livy.test/batches']);
  expect(thrown).toMatchObject({
    failure: 'not-sent',
    lasting: true,
    message: expect.stringContaining('407'),
  });
});

test.each([
  'http://ada:se cret?@@proxy test',
  'proxy.test:3128',
  'ada:swordfish@proxy.test:3128',
  'http://ada:100%sure@proxy.test:3128',
])('%s is no proxy: it is told without its value', async (proxy) => {
  const thrown = await submit({ HTTPS_PROXY: proxy });
  expect(thrown).toBeInstanceOf(TransportError);
  expect(thrown).toMatchObject({ failure: 'not-sent', lasting: true });
  const { message, cause } = thrown instanceof Error ? thrown : new Error('none');
  expect(message).toMatch(/HTTPS_PROXY or HTTP_PROXY cannot be used/);
  expect(message).not.toMatch(/cret|swordfish|sure|proxy\.test/);
  expect(cause).toBeUndefined();
});

test.each(['NO_PROXY', 'no_proxy'])('%s: the proxy does not see that host', async (name) => {
  const seen: string[] = [];
  const proxy = createServer().on('connect', ({ url = '' }, socket) => {
    seen.push(url);
    socket.destroy();
  });
  const through = await listening(proxy);
  await submit({ HTTPS_PROXY: through, [name]: 'other.test,one.invalid' }, 'https://one.invalid/');
  await submit({ HTTPS_PROXY: through, [name]: 'other.test' }, 'https://one.invalid/');
  expect(seen).toEqual(['one.invalid:443']);
});

test('what goes to loopback never goes to the proxy, which would see the bearer', async () => {
  const seen: string[] = [];
  const proxy = createServer((request, response) => {
    seen.push(request.url ?? '');
    response.end('{}');
  }).on('connect', ({ url = '' }, socket) => {
    seen.push(url);
    socket.destroy();
  });
  const service = createServer((_request, response) => response.end('{}'));
  const [through, url] = [await listening(proxy), await listening(service)];
  const answer = await submit({ HTTP_PROXY: through, HTTPS_PROXY: through }, `${url}/v1/x`);
  expect(answer).toMatchObject({ status: 200 });
  expect(seen).toEqual([]);
});
