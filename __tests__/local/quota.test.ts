import { expect, test } from '@jest/globals';
import { textAt } from '../../src/http/json.ts';
import { defaultIds } from '../../local/settings.ts';
import { bench, errorCodeOf, type Call } from './bench.ts';

test('an identity that asks too often gets 429, and is let in again', async () => {
  const on = await bench({ requestsPerMinute: 2 });
  const ask = () => on.call('fabric', 'GET', '/v1/workspaces');
  await ask();
  on.pass(20);
  await ask();
  const blocked = await ask();
  expect(blocked.status).toBe(429);
  expect(blocked.headers['retry-after']).toBe('40');
  expect(errorCodeOf(blocked)).toBe('RequestBlocked');
  expect(blocked.text).toContain('until: 1/15/2026 12:01:00 PM (UTC)');
  on.pass(40);
  expect((await ask()).status).toBe(200);
});

test.each([
  ['both', '45', true],
  ['retry-after', '45', false],
  ['until', undefined, true],
  ['nothing', undefined, false],
] as const)('a 429 that tells when to come again by: %s', async (says, header, inMessage) => {
  const on = await bench({ quota: { perMinute: 1, says } });
  const ask = () => on.call('fabric', 'GET', '/v1/workspaces');
  await ask();
  on.pass(15.5);
  const blocked = await ask();
  expect([blocked.status, errorCodeOf(blocked)]).toEqual([429, 'RequestBlocked']);
  expect(blocked.headers['retry-after']).toBe(header);
  expect(blocked.text.includes('until: 1/15/2026 12:01:00 PM (UTC)')).toBe(inMessage);
  expect(blocked.text.includes('until')).toBe(inMessage);
});

test('a time within a second is told by the second after it, when there is room again', async () => {
  const on = await bench({ quota: { perMinute: 1, says: 'until' } });
  await on.token('https://api.fabric.microsoft.com/.default');
  on.pass(0.25);
  const ask = () => on.call('fabric', 'GET', '/v1/workspaces');
  await ask();
  expect((await ask()).text).toContain('until: 1/15/2026 12:01:01 PM (UTC)');
  on.pass(60.75);
  expect((await ask()).status).toBe(200);
});

test('a quota is each identity’s own', async () => {
  const second = {
    clientId: '11111111-2222-4333-8444-555555555503',
    objectId: '11111111-2222-4333-8444-555555555504',
    name: 'second',
    secret: 's',
    federatedCredentials: [],
  };
  const first = { ...second, clientId: defaultIds.client, objectId: defaultIds.principal };
  const on = await bench({ applications: [first, second], quota: { perMinute: 1 } });
  const reply = await on.signIn(on.secretForm({ client_id: second.clientId, client_secret: 's' }));
  const token = textAt(reply.json, 'access_token') ?? '';
  const statuses = async (call: Call) => [
    (await on.call('fabric', 'GET', '/v1/workspaces', call)).status,
    (await on.call('fabric', 'GET', '/v1/workspaces', call)).status,
  ];
  expect(await statuses({})).toEqual([200, 429]);
  expect(await statuses({ token })).toEqual([200, 429]);
});
