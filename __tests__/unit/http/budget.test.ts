import { expect, test } from '@jest/globals';
import { HttpClient } from '../../../src/http/client.ts';
import type { HttpRequest } from '../../../src/http/transport.ts';
import { VirtualClock } from '../virtual-clock.ts';
import { FakeNetwork, type Reply } from './fake-network.ts';

const origin = 'https://api.fabric.microsoft.com';
const get: HttpRequest = { method: 'GET', url: `${origin}/v1/x` };

function scene(perMinute: number, reply: (index: number) => Reply = () => ({ status: 200 })) {
  const clock = new VirtualClock();
  const network = new FakeNetwork(clock, (_, index) => reply(index));
  const client = new HttpClient({
    transport: network.transport,
    clock,
    random: () => 0.5,
    perMinute: { [origin]: perMinute },
  });
  return { client, network, clock };
}

test('every request counts, whatever its method: those that are shown, and those of the budget', async () => {
  const { client, network } = scene(4);
  for (const method of ['GET', 'POST', 'PATCH', 'DELETE', 'GET'] as const)
    await client.send({ ...get, method });
  expect(client.sent).toBe(5);
  expect(network.times).toEqual([0, 0, 0, 0, 60_000]);
});

test('an urgent request does not wait for the budget, and counts', async () => {
  const { client, network } = scene(1);
  await client.send(get);
  await client.send({ ...get, method: 'DELETE', urgent: true });
  expect(network.times).toEqual([0, 0]);
  expect(client.sent).toBe(2);
  await client.send(get);
  expect(network.times[2]).toBe(60_000);
});

test('a service without a budget is not held', async () => {
  const { client, network } = scene(1);
  for (let count = 0; count < 20; count += 1)
    await client.send({ ...get, url: 'https://onelake.dfs.fabric.microsoft.com/x' });
  expect(network.times.at(-1)).toBe(0);
});

test('a 429 halves the rate of that service', async () => {
  const { client, network } = scene(120, (index) => ({ status: index === 9 ? 429 : 200 }));
  for (let count = 0; count < 10; count += 1) await client.stream(get);
  await client.stream(get);
  // Ten were sent in this minute, so five may go in one.
  expect(network.times[10]).toBe(60_000);
});

test('a pause is kept by every later request to that service, also one that only a text asks for', async () => {
  const text =
    '{"message":"Request is blocked by the upstream service until: 11/2/2026 8:01:40 AM (UTC)"}';
  const { client, network, clock } = scene(120, (index) =>
    index === 0 ? { status: 429, text } : { status: 200 },
  );
  await client.send(get);
  expect(client.pausedUntil(`${origin}/v1/another`)).toBe(clock.start + 100_000);
  await client.stream({ ...get, url: `${origin}/v1/log` });
  expect(network.times).toEqual([0, 100_000]);
});

test('requests side by side take a place each in the budget', async () => {
  const { client, network } = scene(2);
  await Promise.all(Array.from({ length: 5 }, () => client.send(get)));
  expect(network.times).toEqual([0, 0, 60_000, 60_000, 120_000]);
});

test('what a refusal says in its text is heard where the body is left to the caller, who may read it too', async () => {
  const text = 'blocked until: 11/2/2026 8:01:40 AM (UTC)';
  const { client, network, clock } = scene(120, (index) =>
    index === 0 ? { status: 429, text } : { status: 200 },
  );
  const reply = await client.stream(get);
  expect(client.pausedUntil(get.url)).toBe(clock.start + 100_000);
  const chunks: Uint8Array[] = [];
  for await (const chunk of reply.body) chunks.push(chunk);
  expect(Buffer.concat(chunks).toString()).toBe(text);
  await client.stream(get);
  expect(network.times).toEqual([0, 100_000]);
});

test('a refusal whose text is cut is one all the same', async () => {
  const { client } = scene(120, () => ({ status: 429, text: 'blocked un', cut: true }));
  expect(await client.stream(get)).toMatchObject({ status: 429 });
});
