import { describe, expect, jest, test } from '@jest/globals';
import { goodBatch, type BatchScript } from '../../local/engine/scripted.ts';
import type { JournalEntry } from '../../local/listener.ts';
import { runJob } from '../../src/job.ts';
import { isBatches, isStatus, isSubmit, nonce, stage, type Stage } from './stage.ts';

jest.setTimeout(60_000);

const minute = 60_000;

/** A job that writes to both streams, every second unless told otherwise. */
function moving(seconds: number, every = 1): BatchScript {
  const steps = Array.from({ length: Math.floor((seconds - 10) / every) }, (_, index) => ({
    at: 5 + index * every,
    stdout: `o${index}\n`,
    stderr: `e${index}\n`,
  }));
  return { steps: [{ at: 0, phase: 'running' }, ...steps, { at: seconds, phase: 'success' }] };
}

function toFabric(step: Stage): JournalEntry[] {
  return step.fabric.requests.filter(({ host }) => host === 'fabric');
}

/** How many requests Fabric got from one time on, up to another. */
function between(step: Stage, from: number, to: number): number {
  return toFabric(step).filter(({ at }) => at >= from && at < to).length;
}

/** The most requests to Fabric within any 60 s. */
function busiest(step: Stage): number {
  return Math.max(0, ...toFabric(step).map(({ at }) => between(step, at, at + minute)));
}

/** Numbers in [0, 1) that look random and are the same each time. */
function lehmer(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

function start(step: Stage): number {
  return step.fabric.requests.find(isSubmit)?.at ?? 0;
}

describe('requests-per-minute', () => {
  test.each([
    ['the budget by default', {}, 120],
    ['30', { 'requests-per-minute': '30' }, 30],
    ['30, no job-total', { 'requests-per-minute': '30', 'job-total': '' }, 30],
    ['a share of 8 jobs', { 'job-total': '8' }, 15],
    ['100 for 7 jobs', { 'requests-per-minute': '100', 'job-total': '7' }, 14],
    ['more jobs than requests', { 'job-total': '256' }, 1],
  ])('%s is never exceeded, and the step ends well', async (_, inputs, budget) => {
    const step = await stage({ script: moving(300), inputs });
    await expect(step.run()).resolves.toBe(true);
    expect(busiest(step)).toBeLessThanOrEqual(budget);
    expect(step.logFile('stderr.log').toString().split('\n')).toHaveLength(291);
    expect(step.runner.warnings).toEqual([]);
  });

  test('a budget that is larger than what is needed slows nothing', async () => {
    const [one, other] = await Promise.all(
      [{ 'requests-per-minute': '120' }, { 'requests-per-minute': '5000' }].map(async (inputs) => {
        const step = await stage({ script: moving(300), inputs });
        await step.run();
        return step.fabric.requests.length;
      }),
    );
    expect(one).toBe(other);
  });

  test('holds while 20 MB of log come at once', async () => {
    const stdout = `${'x'.repeat(99)}\n`.repeat(100_000);
    const stderr = `${'y'.repeat(99)}\n`.repeat(100_000);
    const step = await stage({
      script: {
        steps: [
          { at: 0, phase: 'running' },
          { at: 10, stdout, stderr },
          { at: 120, phase: 'success' },
        ],
      },
      inputs: { 'requests-per-minute': '12', logs: 'none' },
    });
    await expect(step.run()).resolves.toBe(true);
    expect(busiest(step)).toBeLessThanOrEqual(12);
    expect(step.logFile('stdout.log')).toHaveLength(10_000_000);
    expect(step.logFile('stderr.log')).toHaveLength(10_000_000);
  });

  test('holds while everything is answered with 503', async () => {
    const step = await stage({
      script: moving(900),
      inputs: { 'requests-per-minute': '6', 'outage-minutes': '5' },
    });
    step.afterSubmit(1_000, () => {
      step.fabric.faults.add({
        when: (line) => isBatches(line),
        fault: { kind: 'answer', status: 503 },
      });
    });
    await expect(step.run()).resolves.toBe(false);
    expect(busiest(step)).toBeLessThanOrEqual(6);
    expect(step.runner.outputs['error-code']).toBe('STATUS_UNREADABLE');
  });

  test.each([20_500, 47_300, 151_000, 233_100])(
    'does not delay the DELETE after a signal (%i ms after the submit)',
    async (milliseconds) => {
      const step = await stage({ script: moving(3_600), inputs: { 'requests-per-minute': '5' } });
      step.afterSubmit(milliseconds, () => step.interrupt.raise('SIGINT'));
      await expect(step.run()).resolves.toBe(false);
      const [cancel] = step.batchRequests('DELETE');
      expect(cancel?.status).toBe(200);
      expect((cancel?.at ?? 0) - start(step) - milliseconds).toBeLessThanOrEqual(1_000);
    },
  );

  const names = ['requests-per-minute', 'job-total'];
  test.each(
    names.flatMap((name) => ['0', '-5', 'many', '1e999'].map((value) => ({ name, value }))),
  )('$name: $value is refused', async ({ name, value }) => {
    const step = await stage({ script: goodBatch('x\n'), inputs: { [name]: value } });
    await expect(step.run()).resolves.toBe(false);
    expect(step.runner.outputs['error-code']).toBe('INPUT_INVALID');
    expect(step.error.message).toContain(name);
    expect(step.fabric.requests).toEqual([]);
  });
});

describe('a 429', () => {
  test.each<[string, number, number, Record<string, string>, Record<string, string>]>([
    ['while the ticks are 2 s apart', 30_000, 1, {}, { 'retry-after': '1' }],
    ['while the ticks are 15 s apart', 15 * minute, 2, {}, { 'retry-after': '1' }],
    ['that does not say how long', 15 * minute, 2, {}, {}],
    ['at the limit of the budget', 5 * minute, 1, { 'requests-per-minute': '15' }, {}],
  ])('%s halves our rate, and calm restores it', async (_, at, minutes, inputs, headers) => {
    const script = moving(45 * 60, 15);
    const [step, calm] = [await stage({ script, inputs }), await stage({ script, inputs })];
    step.afterSubmit(at, () => {
      const fault = { kind: 'answer' as const, status: 429, headers };
      step.fabric.faults.add({ when: isStatus, times: 1, fault });
    });
    await expect(step.run()).resolves.toBe(true);
    await expect(calm.run()).resolves.toBe(true);
    const when = (step.fabric.requests.find(({ status }) => status === 429)?.at ?? 0) - start(step);
    const ratio = (from: number, to: number): number =>
      between(step, start(step) + when + from, start(step) + when + to) /
      between(calm, start(calm) + when + from, start(calm) + when + to);
    expect(ratio(-when, 0)).toBeGreaterThan(0.95);
    expect(ratio(1_001, minutes * minute)).toBeLessThanOrEqual(0.62);
    expect(ratio(1_001, minutes * minute)).toBeGreaterThan(0.2);
    expect(ratio(15 * minute, 25 * minute)).toBeGreaterThan(0.9);
  });

  const utc = (time: Date): string =>
    time.toLocaleString('en-US', { timeZone: 'UTC' }).replace(',', '');
  const blocked: [string, number, (until: Date) => object][] = [
    ['Retry-After', 429, () => ({ headers: { 'retry-after': '300' } })],
    ['Retry-After', 503, () => ({ headers: { 'retry-after': '300' } })],
    ['a date', 429, (until) => ({ headers: { 'retry-after': until.toUTCString() } })],
    [
      'until:',
      429,
      (until) => ({
        body: `{"errorCode":"RequestBlocked","message":"Request is blocked by the upstream service until: ${utc(until)} (UTC)"}`,
      }),
    ],
  ];

  /** A step whose status is refused for 5 minutes, 100 s after its submit. */
  async function leftAlone(status: number, make: (until: Date) => object): Promise<Stage> {
    const step = await stage({ script: moving(1_200, 5), latency: 20 });
    step.afterSubmit(100_000, () => {
      const said = make(new Date(step.time.now() + 5 * minute));
      const fault = { kind: 'answer' as const, status, ...said };
      step.fabric.faults.add({ when: isStatus, times: 1, fault });
    });
    return step;
  }
  const refusal = (step: Stage): number =>
    toFabric(step).find(({ status }) => status === 429 || status === 503)?.at ?? 0;

  test.each(blocked)('%s (%i) is obeyed by every request to that host', async (_, status, make) => {
    const step = await leftAlone(status, make);
    await expect(step.run()).resolves.toBe(true);
    const from = refusal(step);
    // The time in the text, and in a date, is cut to whole seconds.
    expect(between(step, from + 1, from + 5 * minute - 3_000)).toBe(0);
    expect(between(step, from + 1, from + 5 * minute + 40_000)).toBeGreaterThan(0);
  });

  test.each(blocked)('%s (%i) does not hold back a cancel', async (_, status, make) => {
    const step = await leftAlone(status, make);
    step.afterSubmit(130_000, () => step.interrupt.raise('SIGTERM'));
    await expect(step.run()).resolves.toBe(false);
    const [cancel] = step.batchRequests('DELETE');
    expect(cancel?.status).toBe(200);
    expect((cancel?.at ?? 0) - start(step)).toBeLessThanOrEqual(131_100);
    expect(step.fabric.batches[0]?.snapshot().phase).toBe('killed');
  });
});

describe('the ticks', () => {
  test.each([
    ['least', () => 0],
    ['most', () => 0.999_999],
    ['in between', () => 0.5],
    ['any', lehmer(7)],
  ])(
    'jitter (%s): 2 s, then 2 %% of the age, 15 s at most, anew with the application',
    async (name, random) => {
      const step = await stage({ script: moving(1_800, 20), settings: { queueSeconds: 1_800 } });
      const { world, interrupt } = step;
      await runJob({ world: { ...world, random }, interrupt, newNonce: () => nonce(0) });
      const from = start(step);
      const times = step.fabric.requests.filter(isStatus).map(({ at }) => at);
      // Half a minute at each end of a life is not looked at: an end is read again by other rules.
      const begun = times.find((at) => at >= from + 1_800_000) ?? 0;
      const factors = times.slice(1).flatMap((at, index) => {
        const last = times[index] ?? 0;
        if (at === begun || at > from + 3_590_000) return [];
        const age = (last < begun ? last - from : last - begun) / 1_000;
        return [(at - last) / 1_000 / Math.min(15, Math.max(2, age * 0.02))];
      });
      expect(factors.length).toBeGreaterThan(400);
      expect(Math.min(...factors)).toBeGreaterThanOrEqual(0.89);
      expect(Math.max(...factors)).toBeLessThanOrEqual(1.11);
      const spread = Math.max(...factors.map((factor) => Math.abs(factor - 1)));
      // Where the share counts, the middle is 5 % below.
      expect(spread > 0.07).toBe(name !== 'in between');
      // Until the application starts a tick is one status read and nothing else.
      const waiting = toFabric(step).filter(({ at }) => at > from && at < from + 1_800_000);
      expect(waiting.filter((entry) => !isStatus(entry))).toEqual([]);
    },
  );
});

test.each([
  ['a lakehouse file', {}, {}],
  ['a local file', { file: 'main.py' }, { 'main.py': 'print(1)\n' }],
])('the count at the end is that of the requests (%s)', async (_, inputs, files) => {
  const step = await stage({ script: moving(2_000), inputs, files });
  await expect(step.run()).resolves.toBe(true);
  const [, shown = ''] = /([\d,]+) requests/.exec(step.runner.lines.join('\n')) ?? [];
  expect(Number(shown.replaceAll(',', ''))).toBe(step.fabric.requests.length);
});

test('a log that is refused with a pause, again and again, does not keep the status waiting', async () => {
  const step = await stage({ script: moving(120) });
  const isLog = ({ path }: { path: string }): boolean => path.includes('fileName=');
  let started = 0;
  step.once(isLog, () => (started = step.time.now()));
  step.fabric.faults.add({
    when: (line) => isLog(line) && step.time.now() < started + 20 * minute,
    fault: { kind: 'answer', status: 429, headers: { 'retry-after': '17' } },
  });
  await expect(step.run()).resolves.toBe(true);
  const readings = step.fabric.requests.filter(isStatus).map(({ at }) => at);
  const gaps = readings.slice(1).map((at, index) => at - (readings[index] ?? at));
  expect(Math.max(...gaps)).toBeLessThan(3 * minute);
  expect((readings.at(-1) ?? 0) - start(step)).toBeLessThan(120_000 + 3 * minute);
});
