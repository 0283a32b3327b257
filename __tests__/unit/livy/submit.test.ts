import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { StepError } from '../../../src/errors.ts';
import { ReplyCut, type Answer } from '../../../src/http/client.ts';
import { TransportError } from '../../../src/http/transport.ts';
import type { BatchBody } from '../../../src/livy/livy.ts';
import { batchBody, nonceDigits } from '../../../src/livy/request.ts';
import type { BatchStatus } from '../../../src/livy/status.ts';
import { carries } from '../../../src/livy/search.ts';
import { submitOnce, type Submitted } from '../../../src/livy/submit.ts';
import { htmlError, jsonAnswer, textAnswer } from '../answers.ts';
import { VirtualClock } from '../virtual-clock.ts';
import { FakeLivy } from './fake-livy.ts';

const nonce = '0123456789abcdef0123456789abcdef';
const run = {
  serverUrl: 'https://github.com',
  repository: 'o/r',
  workflow: 'w',
  runId: '1',
  attempt: '1',
  runKey: 'k',
};
const body: BatchBody = batchBody(
  { name: 'job', file: 'abfss://w@h/l/Files/x.py' },
  nonce,
  run,
  new Map(),
);
const batchId = '3f6c2f5e-7d1e-4f0e-9f57-0d9a4b4dbf11';
const minutes = 60_000;

type Reply = () => Answer;
const accepted =
  (status = 202): Reply =>
  () =>
    jsonAnswer(status, { id: batchId });
const refusal =
  (status: number, errorCode: string, headers: Record<string, string> = {}): Reply =>
  () =>
    jsonAnswer(status, { errorCode, message: 'no', requestId: 'r-1' }, headers);
const failing =
  (error: () => Error): Reply =>
  () => {
    throw error();
  };

function listed(fields: Partial<BatchStatus> = {}): BatchStatus {
  return { messages: [], log: [], tags: {}, ...fields };
}
const ours = listed({ id: batchId, name: `x ${nonceDigits(nonce)}`, tags: { submission: nonce } });
const strangers = [
  listed({ id: 'a', name: 'job', tags: { submission: 'f'.repeat(32) } }),
  listed({ id: 'b', name: `job ${'f'.repeat(12)}` }),
  listed({ id: 'c' }),
  listed({ id: 'd', name: `${nonceDigits(nonce)} job`, tags: { lineage: nonce } }),
];

interface Scene {
  livy: FakeLivy;
  clock: VirtualClock;
  waits: { why: string; milliseconds: number }[];
  controller: AbortController;
  doubts: () => number;
  submit: () => Promise<Submitted>;
}

/** `replies`: one a POST; the last one is repeated. */
function scene(replies: readonly Reply[], options: { capacityMinutes?: number } = {}): Scene {
  const clock = new VirtualClock();
  const livy = new FakeLivy(clock);
  const waits: Scene['waits'] = [];
  const controller = new AbortController();
  let doubts = 0;
  livy.onSubmit = (_, index) => {
    const reply = replies[Math.min(index, replies.length - 1)];
    if (reply === undefined) throw new Error('No reply.');
    return reply();
  };
  livy.onList = () => strangers;
  return {
    livy,
    clock,
    waits,
    controller,
    doubts: () => doubts,
    submit: async () => {
      const parts = {
        livy,
        clock,
        random: () => 0.5,
        signal: controller.signal,
        capacityUntil: clock.now() + (options.capacityMinutes ?? 15) * minutes,
        onWait: (why: string, milliseconds: number) => waits.push({ why, milliseconds }),
        onDoubt: () => (doubts += 1),
      };
      const done = await submitOnce(parts, body, nonce);
      if (done.kind === 'unconfirmed') throw done.error;
      return done;
    },
  };
}

async function errorOf(submitting: Promise<Submitted>): Promise<StepError> {
  const thrown: unknown = await submitting.then(
    (done) => done,
    (error: unknown) => error,
  );
  if (thrown instanceof StepError) return thrown;
  throw new Error(`Not a StepError: ${JSON.stringify(thrown)} ${String(thrown)}`);
}

/** The whole readings of a search that found nothing: at least three, over 45 s, ever further apart. */
function expectWholeSearch(livy: FakeLivy, from = 0): void {
  const whole = livy.lists.filter((reading) => reading.whole);
  expect(whole.length).toBeGreaterThanOrEqual(3);
  expect((whole.at(-1)?.at ?? 0) - from).toBeGreaterThanOrEqual(45_000);
}

describe('a submit that goes well', () => {
  test.each([200, 201, 202])('%i accepts: one POST, and no list is read', async (status) => {
    const { livy, submit } = scene([accepted(status)]);
    expect(await submit()).toMatchObject({ kind: 'accepted', id: batchId, how: 'submitted' });
    expect(livy.posts).toHaveLength(1);
    expect(livy.lists).toHaveLength(0);
  });

  test('an id that is a number, as Apache Livy gives it, is its text', async () => {
    const { submit } = scene([() => jsonAnswer(201, { id: 0, state: 'starting' })]);
    expect(await submit()).toMatchObject({ id: '0' });
  });
});

const cut = (status: number): Reply =>
  failing(() => new ReplyCut({ status, headers: {}, body: Readable.from([]) }, new Error('cut')));

const maybeStarted: readonly (readonly [string, Reply])[] = [
  ['202 without an id', () => jsonAnswer(202, {})],
  ['202 with an empty body', () => textAnswer(202, '')],
  ['200 with HTML', () => textAnswer(200, htmlError)],
  ['202 with an id of another type', () => jsonAnswer(202, { id: { a: 1 } })],
  ['202 with null', () => jsonAnswer(202, null)],
  ['a 202 that was cut', cut(202)],
  ['a 500 that was cut', cut(500)],
  ['a reset connection', failing(() => new TransportError('unknown', 'ECONNRESET'))],
  ['408', refusal(408, 'RequestTimeout')],
  ['500 with HTML', () => textAnswer(500, htmlError)],
  ['502', () => textAnswer(502, htmlError)],
  ['503 with Retry-After', () => textAnswer(503, '', { 'retry-after': '1' })],
  ['504', refusal(504, 'GatewayTimeout')],
];

describe.each(maybeStarted)('%s may have started a batch', (_, reply) => {
  test('it is never sent again; when none is found it is SUBMIT_UNCONFIRMED', async () => {
    const { livy, submit } = scene([reply, accepted()]);
    expect((await errorOf(submit())).code).toBe('SUBMIT_UNCONFIRMED');
    expect(livy.posts).toHaveLength(1);
    expectWholeSearch(livy);
  });

  test('the batch that carries its nonce is adopted', async () => {
    const { livy, submit } = scene([reply]);
    livy.onList = (index) => (index === 0 ? strangers : [...strangers, ours]);
    expect(await submit()).toMatchObject({ kind: 'accepted', id: batchId, how: 'adopted' });
    expect(livy.posts).toHaveLength(1);
    expect(livy.lists).toHaveLength(2);
  });
});

test.each([
  ['by the time that Fabric tells', 700, 700],
  ['not before its POST, whatever that time', -60_000, 0],
  ['not after it was found, whatever that time', 3_600_000, 12_000],
  ['from its POST on where Fabric tells no time', undefined, 0],
])('an adopted batch counts from its acceptance: %s', async (_, told, expected) => {
  const { livy, clock, submit } = scene([refusal(500, 'x')]);
  const acceptedAt = told === undefined ? undefined : clock.start + told;
  livy.onList = (index) => (index === 0 ? [] : [{ ...ours, acceptedAt }]);
  expect(await submit()).toMatchObject({ how: 'adopted', at: clock.start + expected });
});

describe('the search', () => {
  test('reads the list at growing intervals', async () => {
    const { livy, submit } = scene([refusal(500, 'x')]);
    await errorOf(submit());
    const times = [0, ...livy.lists.map((reading) => reading.at)];
    const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0));
    expect(gaps.length).toBeGreaterThanOrEqual(3);
    for (const [index, gap] of gaps.entries()) expect(gap).toBeGreaterThan(gaps[index - 1] ?? 0);
  });

  test('counts whole readings only: those that failed are read again', async () => {
    const { livy, submit } = scene([refusal(500, 'x')]);
    livy.onList = (index) => (index < 4 ? undefined : strangers);
    expect((await errorOf(submit())).code).toBe('SUBMIT_UNCONFIRMED');
    expectWholeSearch(livy);
  });

  test('reads again when the reading that would close the 45 s failed', async () => {
    const { livy, submit } = scene([refusal(500, 'x')]);
    livy.onList = (index) => (index === 3 ? undefined : strangers);
    expect((await errorOf(submit())).code).toBe('SUBMIT_UNCONFIRMED');
    expectWholeSearch(livy);
  });

  test('ends, unconfirmed, when the list can never be read', async () => {
    const { livy, clock, submit } = scene([refusal(500, 'x')]);
    livy.onList = () => undefined;
    expect((await errorOf(submit())).code).toBe('SUBMIT_UNCONFIRMED');
    expect(clock.elapsed).toBeLessThan(60 * minutes);
    expect(livy.posts).toHaveLength(1);
  });

  test('survives a list that throws', async () => {
    const { livy, submit } = scene([refusal(500, 'x')]);
    livy.onList = (index) => {
      if (index > 0) return [ours];
      livy.lists.push({ at: livy.clock.elapsed, whole: false });
      throw new TransportError('unknown', 'ECONNRESET');
    };
    expect(await submit()).toMatchObject({ how: 'adopted', id: batchId });
  });

  test('adopts a batch by the end of its name where the server drops tags', async () => {
    const { livy, submit } = scene([refusal(500, 'x')]);
    livy.onList = () => [...strangers, listed({ id: 'n', name: `job ${nonceDigits(nonce)}` })];
    expect(await submit()).toMatchObject({ how: 'adopted', id: 'n' });
  });

  test('says in its error that a batch may run, and is no refusal', async () => {
    const error = await errorOf(scene([refusal(500, 'x')]).submit());
    expect(error.message.length).toBeGreaterThan(20);
    expect(error.advice ?? '').not.toBe('');
  });
});

describe('carries', () => {
  test('a batch by its tag, or by the end of its name', () => {
    expect(carries(ours, nonce)).toBe(true);
    expect(carries(listed({ tags: { submission: nonce } }), nonce)).toBe(true);
    expect(carries(listed({ name: body.name }), nonce)).toBe(true);
    for (const stranger of strangers) expect(carries(stranger, nonce)).toBe(false);
  });
});

describe('what started nothing', () => {
  test('a connection that was never made is tried again', async () => {
    const refused = failing(() => new TransportError('not-sent', 'ECONNREFUSED'));
    const { livy, submit } = scene([refused, refused, accepted()]);
    expect(await submit()).toMatchObject({ how: 'submitted', id: batchId });
    expect(livy.posts).toHaveLength(3);
    expect(livy.lists).toHaveLength(0);
  });

  test('a service that is out of reach for good ends as an error, with nothing searched', async () => {
    const { livy, submit } = scene([failing(() => new TransportError('not-sent', 'ENOTFOUND'))]);
    expect((await errorOf(submit())).code).toBe('SERVICE_UNREACHABLE');
    expect(livy.posts.length).toBeGreaterThanOrEqual(2);
    expect(livy.lists).toHaveLength(0);
  });

  test('404 is tried five times, doubling from 5 s, for a lakehouse that was just made', async () => {
    const { livy, submit } = scene([refusal(404, 'EntityNotFound')]);
    expect((await errorOf(submit())).code).toBe('NOT_FOUND');
    expect(livy.lists).toHaveLength(0);
    expect(livy.posts.length).toBeGreaterThanOrEqual(5);
    expect(livy.posts.length).toBeLessThanOrEqual(6);
    const gaps = livy.posts.slice(1).map((at, index) => at - (livy.posts[index] ?? 0));
    for (const [index, gap] of gaps.entries()) {
      expect(gap).toBeGreaterThanOrEqual(5_000 * 2 ** index * 0.75);
      expect(gap).toBeLessThanOrEqual(5_000 * 2 ** index * 1.5);
    }
    const found = scene([refusal(404, 'x'), refusal(404, 'x'), accepted()]);
    expect(await found.submit()).toMatchObject({ how: 'submitted' });
  });

  test.each([
    [400, 'REQUEST_REFUSED'],
    [403, 'FORBIDDEN'],
  ])('%i ends the step at once as %s', async (status, code) => {
    const { livy, submit } = scene([refusal(status, 'Some'), accepted()]);
    const error = await errorOf(submit());
    expect(error.code).toBe(code);
    expect(error.requestId).toBe('r-1');
    expect(error.advice ?? '').not.toBe('');
    expect(livy.posts).toHaveLength(1);
    expect(livy.lists).toHaveLength(0);
  });

  test('401, which the client has answered with a new token already, is UNAUTHORIZED', async () => {
    const { livy, submit } = scene([refusal(401, 'TokenExpired')]);
    expect((await errorOf(submit())).code).toBe('UNAUTHORIZED');
    expect(livy.lists).toHaveLength(0);
  });

  test.each([
    [429, 'THROTTLED'],
    [430, 'CAPACITY_FULL'],
  ])('%i waits as Retry-After says, then is sent again', async (status, code) => {
    const { livy, waits, submit } = scene([
      refusal(status, code, { 'retry-after': '50' }),
      accepted(),
    ]);
    expect(await submit()).toMatchObject({ how: 'submitted' });
    expect(livy.posts).toHaveLength(2);
    expect(livy.posts[1]).toBeGreaterThanOrEqual(50_000);
    expect(livy.posts[1]).toBeLessThan(90_000);
    expect(waits).toHaveLength(1);
    expect(livy.lists).toHaveLength(0);
  });

  test.each([
    [429, 'THROTTLED'],
    [430, 'CAPACITY_FULL'],
  ])(
    '%i without Retry-After is tried for as long as capacity-wait-minutes says',
    async (status, code) => {
      const { livy, clock, submit } = scene([refusal(status, 'Busy')]);
      expect((await errorOf(submit())).code).toBe(code);
      expect(livy.posts.length).toBeGreaterThanOrEqual(4);
      expect(livy.posts.length).toBeLessThan(100);
      expect(clock.elapsed).toBeGreaterThan(10 * minutes);
      expect(clock.elapsed).toBeLessThanOrEqual(15 * minutes);
      expect(livy.lists).toHaveLength(0);
    },
  );

  test('with no capacity wait a 430 ends at once', async () => {
    const { livy, clock, submit } = scene([refusal(430, 'Busy')], { capacityMinutes: 0 });
    expect((await errorOf(submit())).code).toBe('CAPACITY_FULL');
    expect(livy.posts).toHaveLength(1);
    expect(clock.elapsed).toBe(0);
  });

  test('a Retry-After beyond the capacity wait is not waited for', async () => {
    const { livy, clock, submit } = scene([refusal(429, 'Busy', { 'retry-after': '3600' })]);
    expect((await errorOf(submit())).code).toBe('THROTTLED');
    expect(livy.posts).toHaveLength(1);
    expect(clock.elapsed).toBeLessThanOrEqual(15 * minutes);
  });

  test.each(['0', '-5', 'Mon, 01 Jan 2001 00:00:00 GMT'])(
    'Retry-After: %s does not make it send without a pause',
    async (retryAfter) => {
      const { livy, submit } = scene([refusal(429, 'Busy', { 'retry-after': retryAfter })]);
      expect((await errorOf(submit())).code).toBe('THROTTLED');
      expect(livy.posts.length).toBeLessThan(1_000);
    },
  );

  test('what may have started a batch after a refusal is still never sent again', async () => {
    const { livy, submit } = scene([refusal(430, 'Busy'), refusal(500, 'x'), accepted()]);
    expect((await errorOf(submit())).code).toBe('SUBMIT_UNCONFIRMED');
    expect(livy.posts).toHaveLength(2);
    expectWholeSearch(livy, livy.posts[1]);
  });
});

describe('a signal', () => {
  test('before the POST: nothing is sent', async () => {
    const { livy, controller, submit } = scene([accepted()]);
    controller.abort();
    expect(await submit()).toEqual({ kind: 'interrupted' });
    expect(livy.posts).toHaveLength(0);
  });

  test('while a refused submit waits: the wait ends at once and nothing more is sent', async () => {
    const { livy, clock, controller, submit } = scene([
      refusal(430, 'Busy', { 'retry-after': '600' }),
    ]);
    clock.after(20_000, () => controller.abort());
    expect(await submit()).toEqual({ kind: 'interrupted' });
    expect(livy.posts).toHaveLength(1);
    expect(clock.elapsed).toBe(20_000);
  });

  test('while the POST is under way: it is let finish and its id is told', async () => {
    const { livy, clock, controller, submit } = scene([]);
    livy.onSubmit = async () => {
      await clock.sleep(3_000);
      return jsonAnswer(202, { id: batchId });
    };
    clock.after(1_000, () => controller.abort());
    expect(await submit()).toMatchObject({ kind: 'accepted', id: batchId });
  });

  test('while a refused POST is under way: it is not sent again', async () => {
    const { livy, clock, controller, submit } = scene([]);
    livy.onSubmit = async () => {
      await clock.sleep(3_000);
      return jsonAnswer(430, {});
    };
    clock.after(1_000, () => controller.abort());
    expect(await submit()).toEqual({ kind: 'interrupted' });
    expect(livy.posts).toHaveLength(1);
  });

  test('while a lost submit is searched: it ends soon, and never as if nothing had been sent', async () => {
    const { livy, clock, controller, submit } = scene([refusal(500, 'x')]);
    clock.after(5_000, () => controller.abort());
    expect((await errorOf(submit())).code).toBe('SUBMIT_UNCONFIRMED');
    expect(clock.elapsed).toBeLessThanOrEqual(12_000);
    expect(livy.posts).toHaveLength(1);
  });

  test('while a lost submit is searched: a batch that shows by then is told, to be cancelled', async () => {
    const { livy, clock, controller, submit } = scene([refusal(500, 'x')]);
    clock.after(5_000, () => controller.abort());
    livy.onList = () => (clock.elapsed >= 5_000 ? [ours] : strangers);
    expect(await submit()).toMatchObject({ kind: 'accepted', id: batchId, how: 'adopted' });
  });
});

describe('whatever the replies', () => {
  const started = new Set<Reply>(maybeStarted.map(([, reply]) => reply));
  const others: readonly Reply[] = [
    ...[400, 401, 403, 404, 409, 429, 430].map((status) => refusal(status, 'No')),
    ...[400, 403, 404, 429, 430].map(cut),
    refusal(429, 'No', { 'retry-after': '30' }),
    refusal(430, 'No', { 'retry-after': 'soon' }),
    failing(() => new TransportError('not-sent', 'ECONNREFUSED')),
  ];
  const good = [accepted(200), accepted(201), accepted(202)];
  for (const reply of good) started.add(reply);
  const anyReply = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...others) },
    { weight: 2, arbitrary: fc.constantFrom(...maybeStarted.map(([, reply]) => reply)) },
    { weight: 1, arbitrary: fc.constantFrom(...good) },
  );

  test('never two POSTs of which both may have started a batch; ours is never lost or a stranger', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyReply, { minLength: 1, maxLength: 8 }),
        fc.array(fc.boolean(), { maxLength: 6 }),
        fc.option(fc.integer({ min: 0, max: 6 }), { nil: undefined }),
        fc.option(fc.integer({ min: 0, max: 120_000 }), { nil: undefined }),
        async (replies, readable, shownAt, abortedAt) => {
          const { livy, clock, controller, submit } = scene(replies, { capacityMinutes: 3 });
          if (abortedAt !== undefined) clock.after(abortedAt, () => controller.abort());
          let mayHaveStarted = 0;
          livy.onSubmit = (_, index) => {
            const reply = replies[Math.min(index, replies.length - 1)];
            if (reply === undefined) throw new Error('No reply.');
            expect(mayHaveStarted).toBe(0);
            if (started.has(reply)) mayHaveStarted += 1;
            return reply();
          };
          livy.onList = (index) => {
            if (readable[index] === false) return undefined;
            return shownAt !== undefined && index >= shownAt && mayHaveStarted > 0
              ? [...strangers, ours]
              : strangers;
          };
          const end = await submit().then(
            (done) => done,
            (error: unknown) => error,
          );
          expect(mayHaveStarted).toBeLessThanOrEqual(1);
          if (end instanceof StepError) {
            if (mayHaveStarted === 1) expect(end.code).toBe('SUBMIT_UNCONFIRMED');
            else expect(end.code).not.toBe('SUBMIT_UNCONFIRMED');
            if (end.code === 'SUBMIT_UNCONFIRMED' && abortedAt === undefined)
              expect(livy.lists.filter((reading) => reading.whole).length).toBeGreaterThanOrEqual(
                3,
              );
            return;
          }
          expect(end).toMatchObject(
            mayHaveStarted === 1 ? { kind: 'accepted', id: batchId } : { kind: 'interrupted' },
          );
        },
      ),
      { numRuns: 500 },
    );
  });
});
