import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { BearerClient } from '../../../src/auth/bearer.ts';
import { Tokens } from '../../../src/auth/tokens.ts';
import { StepError } from '../../../src/errors.ts';
import { HttpClient, ReplyCut, type Answer } from '../../../src/http/client.ts';
import { TransportError } from '../../../src/http/transport.ts';
import { follow, type FollowEnd, type FollowParts } from '../../../src/job/follow.ts';
import { fabricLogs } from '../../../src/log/batch-logs.ts';
import { LiveLog } from '../../../src/job/live-log.ts';
import type { RunFacts } from '../../../src/report/facts.ts';
import { htmlError, jsonAnswer, textAnswer } from '../answers.ts';
import { KeptRunner } from '../kept-runner.ts';
import { FakeLivy } from '../livy/fake-livy.ts';
import { VirtualClock } from '../virtual-clock.ts';

const minute = 60_000;
const batchId = '3f6c2f5e-7d1e-4f0e-9f57-0d9a4b4dbf11';

/** A log that counts its ticks and prints as many lines as a test says. */
class FakeLog extends LiveLog {
  readonly ticks: number[] = [];
  lines = 0;
  onTick: () => Promise<void> = () => Promise.resolve();
  readonly #clock: VirtualClock;

  constructor(clock: VirtualClock, runner: KeptRunner) {
    const http = new HttpClient({
      transport: () => Promise.reject(new Error('Nothing is sent here.')),
      clock,
      random: () => 0.5,
    });
    const tokens = new Tokens({
      clock,
      onNew: () => undefined,
      exchange: () => Promise.reject(new Error('No sign-in here.')),
    });
    super({
      runner,
      clock,
      logs: fabricLogs(
        new BearerClient({ http, tokens, scope: 's', origin: 'https://localhost' }),
        { workspaceId: 'w', lakehouseId: 'l', batchId },
      ),
      secrets: () => [],
      folder: '/nowhere',
      shown: 'both',
      limit: 0,
      late: false,
    });
    this.#clock = clock;
  }

  override get printed(): number {
    return this.lines;
  }

  override async tick(): Promise<void> {
    this.ticks.push(this.#clock.elapsed);
    await this.onTick();
  }
}

interface Scene {
  clock: VirtualClock;
  livy: FakeLivy;
  log: FakeLog;
  runner: KeptRunner;
  controller: AbortController;
  facts: RunFacts;
  told: () => number;
  follow: () => Promise<FollowEnd>;
}

/** `at`: what the status says, by the milliseconds since acceptance. */
function scene(
  at: (elapsed: number, index: number) => Answer | Promise<Answer>,
  limits: Partial<FollowParts['limits']> = {},
  random = () => 0.5,
  arrival: Partial<Pick<FollowParts, 'late' | 'acceptedAt'>> = {},
): Scene {
  const clock = new VirtualClock();
  const livy = new FakeLivy(clock);
  const runner = new KeptRunner(clock);
  const log = new FakeLog(clock, runner);
  const controller = new AbortController();
  const facts: RunFacts = {
    result: '',
    workspace: { name: 'w' },
    lakehouse: { name: 'l' },
    file: 'x.py',
    submission: 'submitted',
    requests: 0,
  };
  let told = 0;
  livy.onGet = (_, index) => at(clock.elapsed, index);
  return {
    clock,
    livy,
    log,
    runner,
    controller,
    facts,
    told: () => told,
    follow: () =>
      follow({
        runner,
        clock,
        random,
        signal: controller.signal,
        livy,
        log,
        batchId,
        limits: { timeoutMs: 0, queueTimeoutMs: 0, outageMs: 30 * minute, ...limits },
        acceptedAt: clock.now(),
        late: false,
        ...arrival,
        facts,
        onFact: () => (told += 1),
      }),
  };
}

const status = (fields: Record<string, unknown>): Answer =>
  jsonAnswer(200, { id: batchId, ...fields });
const queued = status({ fabricBatchStateInfo: { state: 'queued' } });
const running = status({ state: 'running', appId: 'application_1_2' });
const success = status({ state: 'success', result: 'Succeeded', appId: 'application_1_2' });

function gaps(times: readonly number[]): { at: number; gap: number }[] {
  return times
    .slice(1)
    .map((time, index) => ({ at: times[index] ?? 0, gap: time - (times[index] ?? 0) }));
}

describe('the verdict', () => {
  test('ends following, with the status that proves it', async () => {
    const {
      follow: run,
      livy,
      facts,
      told,
    } = scene((elapsed) => (elapsed < 10_000 ? queued : elapsed < 60_000 ? running : success));
    expect(await run()).toMatchObject({
      kind: 'verdict',
      verdict: { result: 'Succeeded' },
      status: { state: 'success' },
    });
    expect(facts).toMatchObject({ applicationId: 'application_1_2', state: 'success' });
    expect(told()).toBeGreaterThan(0);
    expect(livy.cancels).toEqual([]);
    expect(livy.lists).toEqual([]);
  });

  test.each([
    [{ state: 'dead' }, 'Failed', 'BATCH_FAILED'],
    [{ state: 'killed' }, 'Cancelled', 'CANCELLED_ELSEWHERE'],
    [{ fabricBatchStateInfo: { state: 'expired' } }, 'NotStarted', 'QUEUE_EXPIRED'],
  ])('of %j', async (fields, result, code) => {
    const { follow: run } = scene((elapsed) => (elapsed < 10_000 ? queued : status(fields)));
    expect(await run()).toMatchObject({ kind: 'verdict', verdict: { result, code } });
  });

  test('is not green for a word that only sounds like success', async () => {
    const { follow: run, clock } = scene(() => status({ state: 'finished' }));
    expect(await run()).toMatchObject({ verdict: { result: 'Unknown', code: 'UNKNOWN_STATE' } });
    expect(clock.elapsed).toBeGreaterThanOrEqual(30 * minute);
  });

  test('of a conflict comes after a minute of reading again', async () => {
    const {
      follow: run,
      clock,
      livy,
    } = scene(() => status({ state: 'success', result: 'Failed' }));
    expect(await run()).toMatchObject({ verdict: { result: 'Failed', code: 'STATE_CONFLICT' } });
    expect(clock.elapsed).toBeGreaterThanOrEqual(minute);
    expect(clock.elapsed).toBeLessThan(2 * minute);
    expect(livy.gets.length).toBeGreaterThan(5);
  });
});

describe('the ticks', () => {
  test('are 2 s apart at first, then 2 % of the age, 15 s at most', async () => {
    const { follow: run, livy } = scene((elapsed) => (elapsed < 60 * minute ? running : success));
    await run();
    for (const { at, gap } of gaps(livy.gets)) {
      const rule = Math.min(15_000, Math.max(2_000, at * 0.02));
      expect(gap).toBeGreaterThanOrEqual(rule * 0.7);
      expect(gap).toBeLessThanOrEqual(rule * 1.35);
    }
  });

  test('of an hour cost at most 1,100 requests with both logs', async () => {
    const {
      follow: run,
      livy,
      log,
    } = scene((elapsed) => (elapsed < 60 * minute ? running : success));
    await run();
    expect(livy.gets.length + 2 * log.ticks.length).toBeLessThanOrEqual(1_100);
    expect(livy.gets.length).toBeGreaterThan(250);
  });

  test('start anew when the application starts', async () => {
    const starts = 30 * minute;
    const { follow: run, livy } = scene((elapsed) =>
      elapsed < starts ? queued : elapsed < starts + 2 * minute ? running : success,
    );
    await run();
    const first = livy.gets.findIndex((at) => at >= starts);
    const after = gaps(livy.gets.slice(first));
    expect(gaps(livy.gets.slice(first - 2, first + 1)).at(-1)?.gap).toBeGreaterThan(10_000);
    for (const { gap } of after) expect(gap).toBeLessThan(4_000);
    expect(after.length).toBeGreaterThan(40);
  });

  test('are spread by chance, so that jobs of one schedule do not ask at the same moment', async () => {
    const times = await Promise.all(
      [0, 0.5, 0.99].map(async (chance) => {
        const { follow: run, livy } = scene(
          (elapsed) => (elapsed < minute ? running : success),
          {},
          () => chance,
        );
        await run();
        return livy.gets[10] ?? 0;
      }),
    );
    expect(new Set(times).size).toBe(3);
    for (const time of times) expect(time).toBeLessThan(2 * 10 * 2_000);
  });

  test('read no log before there is an application, and one each from then on', async () => {
    const starting = status({ state: 'starting' });
    const {
      follow: run,
      livy,
      log,
    } = scene((elapsed) => {
      if (elapsed < 3 * minute) return queued;
      if (elapsed < 5 * minute) return starting;
      return elapsed < 6 * minute ? running : success;
    });
    await run();
    expect(log.ticks.every((at) => at >= 5 * minute)).toBe(true);
    const readings = livy.gets.filter((at) => at >= 5 * minute);
    expect(log.ticks.length).toBeGreaterThanOrEqual(readings.length - 1);
    expect(log.ticks.length).toBeLessThanOrEqual(readings.length + 1);
  });

  test('do not ask while the service wants to be left alone', async () => {
    const {
      follow: run,
      livy,
      clock,
    } = scene((_, index) => (index === 0 ? jsonAnswer(429, {}, { 'retry-after': '90' }) : success));
    livy.pause = clock.start + 90_000;
    await run();
    expect(livy.gets[1]).toBeGreaterThanOrEqual(90_000);
    expect(livy.gets[1]).toBeLessThan(120_000);
  });
});

describe('the time limits', () => {
  test('of the whole count from acceptance, queueing included', async () => {
    const {
      follow: run,
      clock,
      livy,
    } = scene((elapsed) => (elapsed < 4 * minute ? queued : running), { timeoutMs: 10 * minute });
    expect(await run()).toEqual({ kind: 'timeout', code: 'TIMEOUT', limitMs: 10 * minute });
    expect(clock.elapsed).toBeGreaterThanOrEqual(10 * minute);
    expect(clock.elapsed).toBeLessThanOrEqual(10 * minute + 2_000);
    expect(livy.cancels).toEqual([]);
  });

  test('of the queue count until the application starts', async () => {
    const waiting = scene(() => queued, { queueTimeoutMs: 5 * minute, timeoutMs: 60 * minute });
    expect(await waiting.follow()).toEqual({
      kind: 'timeout',
      code: 'QUEUE_TIMEOUT',
      limitMs: 5 * minute,
    });
    expect(waiting.clock.elapsed).toBeLessThanOrEqual(5 * minute + 2_000);
    const started = scene(
      (elapsed) => (elapsed < 4 * minute ? queued : elapsed < 20 * minute ? running : success),
      { queueTimeoutMs: 5 * minute },
    );
    expect(await started.follow()).toMatchObject({ verdict: { result: 'Succeeded' } });
  });

  test('of the queue do not count once Livy says that it runs, whatever else is missing', async () => {
    const wordOnly = status({ state: 'running' });
    const { follow: run } = scene(
      (elapsed) => (elapsed < minute ? queued : elapsed < 20 * minute ? wordOnly : success),
      { queueTimeoutMs: 5 * minute },
    );
    expect(await run()).toMatchObject({ verdict: { result: 'Succeeded' } });
  });

  test('of 0 are none', async () => {
    const { follow: run } = scene((elapsed) => (elapsed < 1_500 * minute ? queued : success));
    expect(await run()).toMatchObject({ verdict: { result: 'Succeeded' } });
  });

  test('hold as well while the status cannot be read', async () => {
    const { follow: run, clock } = scene(() => jsonAnswer(503, {}), {
      timeoutMs: 10 * minute,
      outageMs: 60 * minute,
    });
    expect(await run()).toMatchObject({ kind: 'timeout', code: 'TIMEOUT' });
    expect(clock.elapsed).toBeLessThanOrEqual(10 * minute + 2_000);
  });

  test('hold as well while nothing answers at all', async () => {
    const { follow: run, clock } = scene(() => new Promise<Answer>(() => undefined), {
      timeoutMs: 10 * minute,
      outageMs: 60 * minute,
    });
    expect(await run()).toMatchObject({ kind: 'timeout', code: 'TIMEOUT' });
    expect(clock.elapsed).toBeLessThanOrEqual(10 * minute + 12_000);
  });

  test('do not beat an end that came before them', async () => {
    const { follow: run } = scene(
      (elapsed) => (elapsed < 10 * minute - 5_000 ? running : success),
      {
        timeoutMs: 10 * minute,
      },
    );
    expect(await run()).toMatchObject({ kind: 'verdict', verdict: { result: 'Succeeded' } });
  });
});

describe('a status that cannot be read', () => {
  test('since nothing answers ends the step after the outage', async () => {
    const { follow: run, clock } = scene((elapsed) =>
      elapsed < minute ? running : new Promise<Answer>(() => undefined),
    );
    const end = await run();
    expect(end).toMatchObject({ kind: 'unreadable', error: { code: 'STATUS_UNREADABLE' } });
    expect(clock.elapsed).toBeGreaterThanOrEqual(30 * minute);
    expect(clock.elapsed).toBeLessThanOrEqual(33 * minute);
  });

  const unreadable: [string, () => Answer][] = [
    ['500', () => jsonAnswer(500, {})],
    ['502 with HTML', () => textAnswer(502, htmlError)],
    ['200 with HTML', () => textAnswer(200, htmlError)],
    ['200 with an empty body', () => textAnswer(200, '')],
    ['200 with a JSON text', () => jsonAnswer(200, 'busy')],
    ['429', () => jsonAnswer(429, {})],
    ['403', () => jsonAnswer(403, { errorCode: 'No' })],
    [
      'no connection',
      () => {
        throw new TransportError('not-sent', 'ECONNREFUSED');
      },
    ],
    [
      'a reset',
      () => {
        throw new TransportError('unknown', 'ECONNRESET');
      },
    ],
    [
      'a cut reply',
      () => {
        throw new ReplyCut({ status: 200, headers: {}, body: Readable.from([]) }, new Error('cut'));
      },
    ],
  ];

  test.each(unreadable)('(%s) ends the step after the outage, not earlier', async (_, reply) => {
    const { follow: run, clock, livy } = scene((elapsed) => (elapsed < minute ? running : reply()));
    const end = await run();
    expect(end.kind).toBe('unreadable');
    if (end.kind === 'unreadable') expect(end.error.code).toBe('STATUS_UNREADABLE');
    expect(clock.elapsed).toBeGreaterThanOrEqual(30 * minute);
    expect(clock.elapsed).toBeLessThanOrEqual(32 * minute);
    expect(livy.cancels).toEqual([]);
  });

  test.each(unreadable)('(%s) for less than the outage is no matter', async (_, reply) => {
    const { follow: run } = scene((elapsed) => {
      const hour = elapsed % (40 * minute);
      if (elapsed > 120 * minute) return success;
      return hour < 20 * minute ? running : reply();
    });
    expect(await run()).toMatchObject({ verdict: { result: 'Succeeded' } });
  });

  test('since the service asks for a longer pause than the outage ends the step all the same', async () => {
    const {
      follow: run,
      livy,
      clock,
    } = scene((_, index) => (index === 0 ? jsonAnswer(429, {}) : success));
    livy.pause = clock.start + 180 * minute;
    expect(await run()).toMatchObject({
      kind: 'unreadable',
      error: { code: 'STATUS_UNREADABLE' },
    });
    expect(clock.elapsed).toBeGreaterThanOrEqual(30 * minute);
    expect(clock.elapsed).toBeLessThan(31 * minute);
  });

  test('does not flood the log', async () => {
    const { follow: run, runner } = scene((elapsed) =>
      elapsed < minute ? running : jsonAnswer(500, {}),
    );
    await run();
    const said = runner.lines.length + runner.warnings.length;
    expect(said).toBeGreaterThan(0);
    expect(said).toBeLessThan(60);
  });

  test('because the sign-in ended says so, and how to follow the batch', async () => {
    const { follow: run, clock } = scene((elapsed) => {
      if (elapsed < minute) return running;
      throw new StepError('SIGN_IN_REFUSED', 'AADSTS700024: the assertion has expired');
    });
    const end = await run();
    expect(end).toMatchObject({ kind: 'unreadable', error: { code: 'SIGN_IN_ENDED' } });
    if (end.kind === 'unreadable')
      expect(end.error.advice).toMatch(/follow the link to the run before you start it again/);
    expect(clock.elapsed).toBeLessThanOrEqual(32 * minute);
  });
});

describe('a batch that is not found', () => {
  const missing = jsonAnswer(404, { errorCode: 'NotFound' });

  test('for 60 s, and not in the list either, has vanished', async () => {
    const { follow: run, clock, livy } = scene((elapsed) => (elapsed < minute ? running : missing));
    livy.onList = () => [{ id: 'another', messages: [], log: [], tags: {} }];
    expect(await run()).toMatchObject({
      kind: 'verdict',
      verdict: { result: 'Unknown', code: 'BATCH_VANISHED', terminal: false },
    });
    expect(clock.elapsed).toBeGreaterThanOrEqual(2 * minute);
    expect(clock.elapsed).toBeLessThan(3 * minute);
    expect(livy.lists.length).toBeGreaterThan(0);
  });

  test('for less, right after its submit, is no matter', async () => {
    const { follow: run, livy } = scene((elapsed) => (elapsed < 50_000 ? missing : success));
    expect(await run()).toMatchObject({ verdict: { result: 'Succeeded' } });
    expect(livy.lists).toEqual([]);
  });

  test('but is in the list goes on', async () => {
    const { follow: run, livy } = scene((elapsed) => (elapsed < 10 * minute ? missing : success));
    livy.onList = () => [{ id: batchId, state: 'running', messages: [], log: [], tags: {} }];
    expect(await run()).toMatchObject({ verdict: { result: 'Succeeded' } });
  });

  test('has not vanished while the list cannot be read whole', async () => {
    const { follow: run, livy } = scene((elapsed) => (elapsed < 10 * minute ? missing : success));
    livy.onList = () => undefined;
    expect(await run()).toMatchObject({ verdict: { result: 'Succeeded' } });
  });
});

describe('what is said', () => {
  test('an unknown word is warned of once', async () => {
    const { follow: run, runner } = scene((elapsed) =>
      elapsed < 5 * minute ? status({ state: 'hibernating', appId: 'a' }) : success,
    );
    expect(await run()).toMatchObject({ verdict: { result: 'Succeeded' } });
    expect(runner.warnings).toHaveLength(1);
    expect(runner.warnings[0]).toContain('hibernating');
  });

  test('while nothing is logged, a line now and then, with what Fabric is doing', async () => {
    const { follow: run, runner } = scene((elapsed) => (elapsed < 60 * minute ? queued : success));
    await run();
    const lines = runner.lines.filter(({ text }) => text.includes('queued'));
    expect(lines.length).toBeGreaterThanOrEqual(6);
    expect(runner.lines.length).toBeLessThanOrEqual(70);
    for (const { gap } of gaps(runner.lines.map(({ at }) => at)).slice(0, -1))
      expect(gap).toBeLessThanOrEqual(10 * minute);
  });

  test('nothing of the kind while the log speaks', async () => {
    const {
      follow: run,
      runner,
      log,
    } = scene((elapsed) => (elapsed < 60 * minute ? running : success));
    log.onTick = () => {
      log.lines += 10;
      return Promise.resolve();
    };
    await run();
    expect(runner.lines.length).toBeLessThanOrEqual(6);
  });

  test('a log that cannot be read is never the verdict', async () => {
    const {
      follow: run,
      log,
      livy,
    } = scene((elapsed) => (elapsed < 5 * minute ? running : success));
    log.onTick = () => Promise.reject(new Error('a fault of the log'));
    expect(await run()).toMatchObject({ verdict: { result: 'Succeeded' } });
    expect(livy.cancels).toEqual([]);
  });
});

describe('a signal', () => {
  test('ends the wait between two ticks at once', async () => {
    const { follow: run, clock, controller, livy } = scene(() => queued);
    clock.after(20 * minute + 1_234, () => controller.abort());
    expect(await run()).toEqual({ kind: 'interrupted' });
    expect(clock.elapsed).toBe(20 * minute + 1_234);
    expect(livy.cancels).toEqual([]);
  });

  test('does not wait for a status that does not come', async () => {
    const {
      follow: run,
      clock,
      controller,
    } = scene((elapsed) => (elapsed < minute ? queued : new Promise<Answer>(() => undefined)));
    // In the middle of the first reading that hangs.
    clock.after(1.5 * minute, () => controller.abort());
    expect(await run()).toEqual({ kind: 'interrupted' });
    expect(clock.elapsed).toBe(1.5 * minute);
  });

  test('does not wait for a log that does not come', async () => {
    const { follow: run, clock, controller, log } = scene(() => running);
    log.onTick = () => (clock.elapsed < minute ? Promise.resolve() : new Promise(() => undefined));
    clock.after(2 * minute, () => controller.abort());
    expect(await run()).toEqual({ kind: 'interrupted' });
    expect(clock.elapsed).toBe(2 * minute);
  });

  test('that came before the first reading ends it as well', async () => {
    const { follow: run, clock, controller } = scene(() => queued);
    controller.abort();
    expect(await run()).toEqual({ kind: 'interrupted' });
    expect(clock.elapsed).toBe(0);
  });
});

describe('no limit ends the step', () => {
  const old = { late: true, acceptedAt: -120 * minute };
  const limits = { queueTimeoutMs: 60 * minute, timeoutMs: 90 * minute };

  test('before a batch of an earlier step was read once', async () => {
    const first = scene(
      (_, index) => (index === 0 ? jsonAnswer(503, {}) : success),
      limits,
      undefined,
      old,
    );
    expect(await first.follow()).toMatchObject({ verdict: { result: 'Succeeded' } });
  });

  test('but it does so once such a batch is known to be past it', async () => {
    const first = scene(
      (_, index) => (index === 0 ? jsonAnswer(503, {}) : queued),
      limits,
      undefined,
      old,
    );
    expect(await first.follow()).toMatchObject({ kind: 'timeout' });
  });

  test('while a success settles', async () => {
    const settling = status({ state: 'success', result: 'Uncertain', appId: 'application_1_2' });
    const late = scene(() => settling, limits, undefined, old);
    expect(await late.follow()).toMatchObject({ verdict: { result: 'Succeeded' } });
    const own = scene((elapsed) => (elapsed < minute - 5_000 ? running : settling), {
      timeoutMs: minute,
    });
    expect(await own.follow()).toMatchObject({ verdict: { result: 'Succeeded' } });
  });
});
