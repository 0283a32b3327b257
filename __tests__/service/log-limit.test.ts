import { describe, expect, jest, test } from '@jest/globals';
import type { ScriptStep } from '../../local/engine/scripted.ts';
import { stage, type Stage } from './stage.ts';

jest.setTimeout(60_000);

/** MB; of the lines below, each of 100 bytes, 100 to 104 fit, whichever MB is meant. */
const limit = { 'log-limit': '0.01' };
const tail = 200;
type Stream = 'stdout' | 'stderr';

/** A line of 100 bytes with its feed. */
function line(stream: Stream, index: number): string {
  return `${stream} ${String(index).padStart(5, '0')} `.padEnd(99, '.') + '\n';
}

/** Steps that print `count` lines, ten a second, from second 10 on. */
function printing(stream: Stream, count: number): ScriptStep[] {
  return Array.from({ length: Math.ceil(count / 10) }, (_, second) => ({
    at: 10 + second,
    [stream]: Array.from({ length: Math.min(10, count - second * 10) }, (__, n) =>
      line(stream, second * 10 + n),
    ).join(''),
  }));
}

/** Steps of both streams, in the order of time, and the end a minute after the last. */
function run(streams: Partial<Record<Stream, number>>, phase: 'success' | 'dead' = 'success') {
  const steps = [
    ...printing('stdout', streams.stdout ?? 0),
    ...printing('stderr', streams.stderr ?? 0),
  ].sort((a, b) => a.at - b.at);
  const last = steps.at(-1)?.at ?? 10;
  return {
    seconds: last + 60,
    script: { steps: [{ at: 3, phase: 'running' as const }, ...steps, { at: last + 60, phase }] },
  };
}

/** The numbers of a stream's lines as they stand in what was written, in order. */
function numbers(text: string, stream: Stream): number[] {
  const found = text.matchAll(new RegExp(`^${stream} (\\d{5}) \\.+$`, 'gm'));
  return [...found].map(([, number = '']) => Number(number));
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}

/** How many lines from 0 on were shown, before those of the end. */
function beginning(shown: readonly number[]): number {
  const gap = shown.findIndex((number, index) => number !== index);
  return gap === -1 ? shown.length : gap;
}

function notices(step: Stage, texts: readonly string[]): string[] {
  const path = step.runner.outputs['log-path'] ?? 'no log path';
  return texts.filter((text) => text.includes(path) && /log-limit|limit/i.test(text));
}

interface Seen {
  remotes: string;
  lines: readonly string[];
}

/** Runs, and gives what was shown shortly before the end of the application. */
async function ran(
  streams: Partial<Record<Stream, number>>,
  inputs: Readonly<Record<string, string>> = limit,
  phase: 'success' | 'dead' = 'success',
): Promise<{ step: Stage; before: Seen }> {
  const { script, seconds } = run(streams, phase);
  const step = await stage({ script, inputs });
  const before: Seen = { remotes: '', lines: [] };
  step.afterSubmit((seconds - 5) * 1_000, () => {
    before.remotes = step.runner.remotes.join('\n');
    before.lines = [...step.runner.lines, ...step.runner.warnings];
  });
  await expect(step.run()).resolves.toBe(phase === 'success');
  return { step, before };
}

describe.each<[Stream]>([['stdout'], ['stderr']])('%s beyond the limit', (stream) => {
  test('is shown up to it, in whole lines, and then no more while the application runs', async () => {
    const { before } = await ran({ [stream]: 2_000 });
    const shown = numbers(before.remotes, stream);
    expect(shown.length).toBeGreaterThanOrEqual(98);
    expect(shown.length).toBeLessThanOrEqual(104);
    expect(shown).toEqual(range(0, shown.length));
    // Nothing of the line that did not fit any more.
    expect(before.remotes.split(stream)).toHaveLength(shown.length + 1);
  });

  test('says once, while it runs, where the whole log is', async () => {
    const { step, before } = await ran({ [stream]: 2_000 });
    expect(notices(step, before.lines)).toHaveLength(1);
    expect(notices(step, [...step.runner.lines, ...step.runner.warnings])).toHaveLength(1);
  });

  test('shows its last 200 lines at the end', async () => {
    const { step } = await ran({ [stream]: 2_000 });
    const shown = numbers(step.runner.remotes.join('\n'), stream);
    const first = beginning(shown);
    expect(shown.slice(first)).toEqual(range(2_000 - tail, 2_000));
  });

  test('is whole in its file', async () => {
    const { step } = await ran({ [stream]: 2_000 });
    const whole = range(0, 2_000).map((index) => line(stream, index));
    expect(step.logFile(`${stream}.log`).toString()).toBe(whole.join(''));
  });

  test('by a few lines only: all of them are shown, in order, none twice', async () => {
    const { step } = await ran({ [stream]: 130 });
    const shown = numbers(step.runner.remotes.join('\n'), stream);
    expect(shown).toEqual(range(0, 130));
  });
});

describe('each stream', () => {
  test('has a count of its own: two that are below it are whole', async () => {
    const { step } = await ran({ stdout: 80, stderr: 80 });
    const text = step.runner.remotes.join('\n');
    expect(numbers(text, 'stdout')).toEqual(range(0, 80));
    expect(numbers(text, 'stderr')).toEqual(range(0, 80));
    expect(notices(step, step.runner.lines)).toEqual([]);
  });

  test('that is below it is whole beside one that is beyond', async () => {
    const { step } = await ran({ stdout: 2_000, stderr: 80 });
    const text = step.runner.remotes.join('\n');
    expect(numbers(text, 'stderr')).toEqual(range(0, 80));
    expect(numbers(text, 'stdout').length).toBeLessThanOrEqual(104 + tail);
    expect(notices(step, [...step.runner.lines, ...step.runner.warnings])).toHaveLength(1);
  });

  test('beyond it has its own end', async () => {
    const { step } = await ran({ stdout: 1_000, stderr: 2_000 });
    const text = step.runner.remotes.join('\n');
    expect(numbers(text, 'stdout').slice(-tail)).toEqual(range(800, 1_000));
    expect(numbers(text, 'stderr').slice(-tail)).toEqual(range(1_800, 2_000));
  });

  test('beyond it after a failure: the last 50 lines of stderr stand unfolded', async () => {
    const { step } = await ran({ stderr: 2_000 }, limit, 'dead');
    const unfolded = step.runner.lines.flatMap((text) => numbers(text, 'stderr'));
    expect(unfolded.slice(-50)).toEqual(range(1_950, 2_000));
    expect(unfolded).toHaveLength(50);
  });

  test('beyond it in a good run: no line of stderr is unfolded', async () => {
    const { step } = await ran({ stderr: 2_000 });
    expect(step.runner.lines.flatMap((text) => numbers(text, 'stderr'))).toHaveLength(0);
  });

  test('that comes all at once, at the very end, is cut the same way', async () => {
    const stdout = range(0, 2_000).map((index) => line('stdout', index));
    const step = await stage({
      inputs: limit,
      script: {
        steps: [
          { at: 3, phase: 'running' },
          { at: 30, phase: 'success', stdout: stdout.join('') },
        ],
      },
    });
    await expect(step.run()).resolves.toBe(true);
    const shown = numbers(step.runner.remotes.join('\n'), 'stdout');
    const first = beginning(shown);
    expect(first).toBeGreaterThanOrEqual(98);
    expect(first).toBeLessThanOrEqual(104);
    expect(shown.slice(first)).toEqual(range(2_000 - tail, 2_000));
    expect(notices(step, [...step.runner.lines, ...step.runner.warnings])).toHaveLength(1);
    expect(step.logFile('stdout.log')).toHaveLength(200_000);
  });

  test('that is not shown has no notice and no end', async () => {
    const { step } = await ran({ stdout: 2_000 }, { ...limit, logs: 'stderr' });
    expect(step.runner.remotes.join('\n')).not.toContain('stdout');
    expect(notices(step, [...step.runner.lines, ...step.runner.warnings])).toEqual([]);
    expect(step.logFile('stdout.log')).toHaveLength(200_000);
  });
});

describe('below the limit', () => {
  test.each([['0'], [''], ['5'], ['0.5']])('(%s) nothing changes', async (given) => {
    const streams = { stdout: 600, stderr: 400 };
    const [limited, plain] = await Promise.all([
      ran(streams, { 'log-limit': given }),
      ran(streams, {}),
    ]);
    expect(limited.step.runner.remotes.join('\n').length).toBeGreaterThan(100_000);
    expect(limited.step.runner.remotes).toEqual(plain.step.runner.remotes);
    expect(limited.step.runner.lines).toHaveLength(plain.step.runner.lines.length);
  });
});

test.each(['-1', 'much', '1 MB', 'NaN', 'Infinity'])('log-limit: %s is refused', async (given) => {
  const { script } = run({});
  const step = await stage({ script, inputs: { 'log-limit': given } });
  await expect(step.run()).resolves.toBe(false);
  expect(step.runner.outputs['error-code']).toBe('INPUT_INVALID');
  expect(step.error.message).toContain('log-limit');
  expect(step.fabric.requests).toEqual([]);
});
