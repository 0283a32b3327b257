import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { HttpClient, originOf, ReplyCut, type SendOptions } from '../../../src/http/client.ts';
import { refusalLine, refusalOf } from '../../../src/http/refusal.ts';
import { parseJson } from '../../../src/http/json.ts';
import { TransportError, type Transport } from '../../../src/http/transport.ts';
import { htmlError, jsonAnswer, textAnswer } from '../answers.ts';
import { VirtualClock } from '../virtual-clock.ts';
import { FakeNetwork, type Reply } from './fake-network.ts';

const url = 'https://api.fabric.microsoft.com/v1/x';
const notSent = (): Error => new TransportError('not-sent', 'ECONNREFUSED');

/** `replies`: one a request; the last one is repeated. */
function scene(replies: readonly (Reply | Error)[]): {
  clock: VirtualClock;
  network: FakeNetwork;
  client: HttpClient;
  send: (options?: SendOptions) => Promise<{ status: number; text: string; json: unknown }>;
} {
  const clock = new VirtualClock();
  const network = new FakeNetwork(
    clock,
    (_, index) => replies[Math.min(index, replies.length - 1)] ?? new Error('No reply.'),
  );
  const client = new HttpClient({ transport: network.transport, clock, random: () => 0.5 });
  return {
    clock,
    network,
    client,
    send: (options) => client.send({ method: 'GET', url }, options),
  };
}

describe('one attempt', () => {
  test('gives any reply whole, as text and as JSON', async () => {
    const { client, send, network } = scene([
      { status: 200, headers: { 'x-a': 'b' }, text: '{"a":"ü"}' },
    ]);
    expect(await send()).toMatchObject({ status: 200, json: { a: 'ü' }, text: '{"a":"ü"}' });
    expect(client.sent).toBe(1);
    expect(network.requests).toHaveLength(1);
    const html = scene([{ status: 404, text: htmlError }]);
    expect(await html.send()).toMatchObject({ status: 404, text: htmlError, json: undefined });
  });

  test('tells when its headers came, not when its body was read', async () => {
    const clock = new VirtualClock();
    const start = clock.now();
    async function* slowly(): AsyncIterable<Uint8Array> {
      await clock.sleep(90_000);
      yield Buffer.from('{}');
    }
    const transport: Transport = async () => {
      await clock.sleep(5_000);
      return { status: 200, headers: {}, body: slowly() };
    };
    const client = new HttpClient({ transport, clock, random: () => 0.5 });
    expect((await client.send({ method: 'GET', url })).heardAt).toBe(start + 5_000);
    expect(clock.now()).toBe(start + 95_000);
  });

  test.each([200, 202, 400, 401, 403, 404, 408, 409, 429, 430, 500, 502, 503, 504])(
    'without patience %i is answered as it came, once',
    async (status) => {
      const { send, network, clock } = scene([{ status }]);
      expect(await send()).toMatchObject({ status });
      expect(network.requests).toHaveLength(1);
      expect(clock.elapsed).toBe(0);
    },
  );

  test('a lost connection without patience is thrown as it came', async () => {
    const { send, network } = scene([new TransportError('unknown', 'ECONNRESET')]);
    await expect(send()).rejects.toMatchObject({ failure: 'unknown' });
    expect(network.requests).toHaveLength(1);
  });

  test('a reply that was cut says which status it had', async () => {
    const { send } = scene([{ status: 202, text: '{"id":', cut: true }]);
    const thrown: unknown = await send().catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(ReplyCut);
    expect(thrown).toMatchObject({ answer: { status: 202, text: '' } });
    expect(thrown).not.toMatchObject({ failure: 'not-sent' });
  });

  test.each([301, 302, 303, 307, 308])(
    'a redirect (%i) is refused and not followed',
    async (status) => {
      const { client, network, send } = scene([
        { status, headers: { location: 'https://evil.example/' } },
        { status: 200 },
      ]);
      await expect(send({ patience: 60_000 })).rejects.toMatchObject({ code: 'HOST_REFUSED' });
      await expect(client.stream({ method: 'GET', url })).resolves.toMatchObject({ status: 200 });
      expect(network.requests.map((request) => request.url)).toEqual([url, url]);
    },
  );

  test('is not made once the step was told to end', async () => {
    const { client, network } = scene([{ status: 202 }]);
    const request = { method: 'POST' as const, url, unlessAborted: AbortSignal.abort() };
    for (const sending of [client.send(request), client.stream(request)])
      await expect(sending).rejects.toMatchObject({ failure: 'aborted' });
    expect(network.requests).toEqual([]);
    expect(client.sent).toBe(0);
  });

  test('a stream is one attempt, its body left to the caller', async () => {
    const { client, network } = scene([{ status: 503 }, { status: 200, text: 'log' }]);
    expect((await client.stream({ method: 'GET', url })).status).toBe(503);
    const reply = await client.stream({ method: 'GET', url });
    const read: Uint8Array[] = [];
    for await (const chunk of reply.body) read.push(chunk);
    expect(Buffer.concat(read).toString()).toBe('log');
    expect(network.requests).toHaveLength(2);
    expect(client.sent).toBe(2);
  });
});

describe('patience', () => {
  const passing: (Reply | Error)[] = [
    ...[408, 429, 500, 502, 503, 504].map((status) => ({ status })),
    notSent(),
    new TransportError('unknown', 'ECONNRESET'),
    { status: 200, text: '{', cut: true },
  ];

  test.each(passing.map((reply, index) => [index, reply] as const))(
    'mends what passes (%i)',
    async (_, reply) => {
      const { send, network, client } = scene([reply, reply, { status: 200, text: '{}' }]);
      expect(await send({ patience: 120_000 })).toMatchObject({ status: 200, json: {} });
      expect(network.requests).toHaveLength(3);
      expect(client.sent).toBe(3);
      expect(network.times[1]).toBeGreaterThan(0);
    },
  );

  test.each([200, 201, 202, 204, 400, 401, 403, 404, 409, 412, 416, 430, 501])(
    'does not try %i again',
    async (status) => {
      const { send, network } = scene([{ status }]);
      expect(await send({ patience: 600_000 })).toMatchObject({ status });
      expect(network.requests).toHaveLength(1);
    },
  );

  test('ends: the last reply is given, the last failure thrown', async () => {
    const patience = 120_000;
    const busy = scene([{ status: 503, text: 'busy' }]);
    expect(await busy.send({ patience })).toMatchObject({ status: 503, text: 'busy' });
    expect(busy.clock.elapsed).toBeLessThanOrEqual(patience);
    expect(busy.clock.elapsed).toBeGreaterThan(patience / 2);
    expect(busy.network.requests.length).toBeGreaterThan(3);
    expect(busy.network.requests.length).toBeLessThan(60);
    const down = scene([notSent()]);
    await expect(down.send({ patience })).rejects.toMatchObject({ failure: 'not-sent' });
    expect(down.clock.elapsed).toBeLessThanOrEqual(patience);
  });

  test('waits as Retry-After says', async () => {
    for (const headers of [
      { 'retry-after': '45' },
      { 'retry-after': 'Mon, 02 Nov 2026 08:00:45 GMT' },
    ]) {
      const { send, network } = scene([{ status: 429, headers }, { status: 200 }]);
      expect(await send({ patience: 120_000 })).toMatchObject({ status: 200 });
      expect(network.times[1]).toBeGreaterThanOrEqual(45_000);
      expect(network.times[1]).toBeLessThan(75_000);
    }
  });

  test('waits as Fabric says in its text', async () => {
    const text =
      '{"errorCode":"RequestBlocked","message":"Request is blocked by the upstream service until: 11/2/2026 8:00:40 AM (UTC)"}';
    const { send, network } = scene([{ status: 429, text }, { status: 200 }]);
    await send({ patience: 120_000 });
    expect(network.times[1]).toBeGreaterThanOrEqual(40_000);
    expect(network.times[1]).toBeLessThan(75_000);
  });

  test('does not outlast itself for a Retry-After beyond it', async () => {
    const { send, network, clock } = scene([{ status: 429, headers: { 'retry-after': '600' } }]);
    expect(await send({ patience: 60_000 })).toMatchObject({ status: 429 });
    expect(network.requests).toHaveLength(1);
    expect(clock.elapsed).toBeLessThanOrEqual(60_000);
  });

  test.each(['0', '-1', 'Mon, 01 Jan 2001 00:00:00 GMT'])(
    'does not send without a pause for Retry-After: %s',
    async (retryAfter) => {
      const { send, network } = scene([{ status: 503, headers: { 'retry-after': retryAfter } }]);
      expect(await send({ patience: 120_000 })).toMatchObject({ status: 503 });
      expect(network.requests.length).toBeLessThan(500);
    },
  );

  test('tells others until when the service asked to be left alone', async () => {
    const { client, clock, send } = scene([{ status: 429, headers: { 'retry-after': '45' } }]);
    expect(client.pausedUntil(url)).toBe(0);
    await send();
    expect(client.pausedUntil(url)).toBe(clock.start + 45_000);
    expect(client.pausedUntil('https://api.fabric.microsoft.com/v1/another')).toBe(
      clock.start + 45_000,
    );
    expect(client.pausedUntil('https://onelake.dfs.fabric.microsoft.com/x')).toBe(0);
  });

  test('ends at once when its signal says so', async () => {
    const { send, clock, network } = scene([{ status: 503 }]);
    const controller = new AbortController();
    clock.after(500, () => controller.abort());
    const thrown: unknown = await send({ patience: 600_000, signal: controller.signal }).catch(
      (error: unknown) => error,
    );
    expect(clock.elapsed).toBe(500);
    expect(network.requests).toHaveLength(1);
    if (thrown instanceof TransportError) expect(thrown.failure).toBe('aborted');
    else expect(thrown).toMatchObject({ status: 503 });
  });

  test('property: never outlasts itself, never repeats what does not pass, counts each request', async () => {
    const reply = fc.oneof(
      fc
        .tuple(
          fc.constantFrom(200, 202, 400, 401, 404, 408, 429, 430, 500, 502, 503, 504),
          fc.option(fc.integer({ min: 1, max: 200 }), { nil: undefined }),
        )
        .map(([status, seconds]) => ({
          status,
          headers: seconds === undefined ? {} : { 'retry-after': String(seconds) },
        })),
      fc.constantFrom(notSent(), new TransportError('unknown', 'ECONNRESET')),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(reply, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 0, max: 300_000 }),
        async (replies, patience) => {
          const { send, network, clock, client } = scene(replies);
          await send({ patience }).catch(() => undefined);
          expect(clock.elapsed).toBeLessThanOrEqual(patience);
          expect(client.sent).toBe(network.requests.length);
          for (let index = 0; index + 1 < network.requests.length; index++) {
            const earlier = replies[Math.min(index, replies.length - 1)];
            if (earlier === undefined || earlier instanceof Error) continue;
            expect([408, 429, 500, 502, 503, 504]).toContain(earlier.status);
            const asked = Number(earlier.headers['retry-after'] ?? 0) * 1_000;
            const waited = (network.times[index + 1] ?? 0) - (network.times[index] ?? 0);
            expect(waited).toBeGreaterThanOrEqual(asked);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('an attempt that may take so long and no longer', () => {
  function silent(answers: number) {
    const clock = new VirtualClock();
    const network = new FakeNetwork(clock, (_, index) =>
      index < answers ? { status: 200 } : new Promise<Reply>(() => undefined),
    );
    return { clock, network, client: clientOf(network, clock) };
  }
  const clientOf = (network: FakeNetwork, clock: VirtualClock): HttpClient =>
    new HttpClient({ transport: network.transport, clock, random: () => 0.5 });

  test('is lost after that, and tried again within the patience', async () => {
    const { clock, network, client } = silent(0);
    const sent = client.send({ method: 'GET', url }, { longest: 30_000, patience: 100_000 });
    await expect(sent).rejects.toMatchObject({
      failure: 'unknown',
      message: 'no answer within 30 s',
    });
    expect(network.requests.length).toBeGreaterThan(1);
    expect(clock.elapsed).toBeLessThanOrEqual(130_000);
  });

  test('ends at once by its signal', async () => {
    const { clock, client } = silent(0);
    const controller = new AbortController();
    clock.after(500, () => controller.abort());
    const options = { longest: 30_000, signal: controller.signal };
    await expect(client.send({ method: 'GET', url }, options)).rejects.toMatchObject({
      failure: 'aborted',
    });
    expect(clock.elapsed).toBe(500);
  });

  test('does not count a pause that the service asked for', async () => {
    const { send, client, clock } = scene([
      { status: 429, headers: { 'retry-after': '90' } },
      { status: 200 },
    ]);
    await send();
    await expect(client.send({ method: 'GET', url }, { longest: 30_000 })).resolves.toMatchObject({
      status: 200,
    });
    expect(clock.elapsed).toBe(90_000);
  });
});

describe('a refusal', () => {
  test.each([
    [
      'Fabric',
      jsonAnswer(403, { errorCode: 'InsufficientPrivileges', message: 'No.', requestId: 'r-1' }),
      { code: 'InsufficientPrivileges', message: 'No.', requestId: 'r-1' },
    ],
    [
      'OneLake',
      jsonAnswer(
        404,
        { error: { code: 'PathNotFound', message: 'No.' } },
        { 'x-ms-request-id': 'r-2' },
      ),
      { code: 'PathNotFound', message: 'No.', requestId: 'r-2' },
    ],
    ['a gateway', textAnswer(502, htmlError, { requestid: 'r-3' }), { requestId: 'r-3' }],
  ])('of %s is read', (_, answer, expected) => {
    expect(refusalOf(answer)).toMatchObject(expected);
  });

  test('is one line, bounded, with the status, whatever the body', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json().map((text) => ({ text, json: parseJson(text) })),
          fc.string().map((text) => ({ text, json: undefined })),
        ),
        fc.constantFrom(400, 403, 430, 500),
        ({ text, json }, status) => {
          const answer = { status, headers: {}, text, json };
          const line = refusalLine(answer);
          expect(line).toContain(String(status));
          expect(line).not.toMatch(/[\r\n]/);
          expect(line.length).toBeLessThan(1_500);
        },
      ),
    );
    const long = jsonAnswer(400, { errorCode: 'E', message: `a\n${'x'.repeat(100_000)}` });
    expect(refusalLine(long).length).toBeLessThan(1_500);
    expect(refusalLine(long)).not.toMatch(/\n/);
  });

  test('does not print the raw reply, which echoes args and conf', () => {
    const echo = { livyInfo: { jobCreationRequest: { conf: { 'spark.pass': 'hunter2' } } } };
    expect(refusalLine(jsonAnswer(400, { errorCode: 'E', message: 'No.', ...echo }))).not.toContain(
      'hunter2',
    );
    expect(refusalLine(jsonAnswer(500, echo))).not.toContain('hunter2');
  });
});

test('the origin of a URL holds no path, no query and no credential', () => {
  expect(originOf('https://user:pw@h.example:8443/a?b=c')).toBe('https://h.example:8443');
});
