import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as inFolder } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import type { BatchScript, ScriptStep } from '../../local/engine/scripted.ts';
import { Commands } from '../../local/runner/commands.ts';
import { Masks } from '../../local/runner/masks.ts';
import { StepLog } from '../../local/runner/step-log.ts';
import { defaultIds } from '../../local/settings.ts';
import { Interrupt } from '../../src/job/interrupt.ts';
import { runJob } from '../../src/job.ts';
import { LogRecord } from '../../src/log/record.ts';
import { textsOf } from '../../src/log/shown-lines.ts';
import { asLog, firstDifference, join } from '../action/hostile-bytes.ts';
import { fenceGuesses } from '../action/hostile-lines.ts';
import { hostileLog, misbehave, pace, paced, quirks } from '../action/hostile-pieces.ts';
import { secret, secretForms, takeApart } from '../action/hostile-run.ts';
import { WritingRunner } from '../action/hostile-runner.ts';
import { lessSecrets, shownLog } from '../shown-log.ts';
import { chunks, cuts } from '../unit/cuts.ts';
import { stage, type Stage } from './stage.ts';

jest.setTimeout(60_000);

const streams = ['stdout', 'stderr'] as const;

/** A stage for one run after another, each with a script of its own. */
class Stand {
  readonly #stage: Stage;
  readonly #now: { script: BatchScript };

  private constructor(on: Stage, now: { script: BatchScript }) {
    this.#stage = on;
    this.#now = now;
  }

  static async open(): Promise<Stand> {
    const now: { script: BatchScript } = { script: { steps: [] } };
    const ids = { clientId: defaultIds.client, objectId: defaultIds.principal, name: 'client' };
    const applications = [{ ...ids, secret, federatedCredentials: [] }];
    return new Stand(await stage({ script: () => now.script, settings: { applications } }), now);
  }

  get fabric(): Stage['fabric'] {
    return this.#stage.fabric;
  }

  newRunner(): WritingRunner {
    return new WritingRunner(this.#stage.runner);
  }

  async run(script: BatchScript, runner = this.newRunner()): Promise<WritingRunner> {
    this.#now.script = script;
    const world = this.#stage.worldOf(runner);
    const newNonce = (): string => randomBytes(16).toString('hex');
    const green = await runJob({ world, interrupt: new Interrupt(), newNonce });
    expect([green, runner.errors, runner.warnings]).toEqual([true, [], []]);
    return runner;
  }
}

/** To the runner, all that was printed is text, fences and folded groups. */
function expectText(printed: string): void {
  const parts = { masks: new Masks(), debug: true, now: () => 0, onLine: () => undefined };
  const log = new StepLog(parts);
  const commands = new Commands(log, '/checkout');
  const lines = printed.split(/\r\n|\r|\n/).slice(0, -1);
  for (const line of lines) commands.line(line);
  const { groups, tokens } = takeApart(lines);
  expect(log).toMatchObject({ annotations: [], failed: false });
  expect([commands.outputs.size, commands.state.size]).toEqual([0, 0]);
  expect(log.groups.map(({ name }) => name)).toEqual(groups.map(({ name }) => name));
  // The fence masks its own token; nobody else masks anything.
  expect(log.masks.values).toEqual(tokens);
}

function linesOf(printed: string): string[] {
  return printed.split('\n').slice(0, -1);
}

function expectShown(runner: WritingRunner, written: Record<string, Uint8Array>): void {
  expectText(runner.printed);
  const printed = takeApart(linesOf(runner.printed));
  for (const stream of streams) {
    const bytes = written[stream] ?? new Uint8Array();
    expect(firstDifference(printed[stream], shownLog(bytes, secretForms))).toBeUndefined();
    const file = inFolder(runner.outputs['log-path'] ?? '', `${stream}.log`);
    // A log without a byte has no file.
    const kept = existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
    expect(kept.equals(lessSecrets(bytes, secretForms))).toBe(true);
  }
}

const logs = fc.record({ bytes: hostileLog, pace });

describe('arbitrary hostile logs', () => {
  test('whatever the log API does: what is shown is the function of the bytes', async () => {
    const stand = await Stand.open();
    const usual = stand.fabric.settings.driverLog;
    await fc.assert(
      fc.asyncProperty(logs, logs, quirks, async (stdout, stderr, given) => {
        stand.fabric.settings.driverLog = { ...usual, ...given.driverLog };
        const behave = misbehave(stand.fabric.faults, given);
        const runner = await stand.run(paced({ stdout, stderr }));
        behave();
        expectShown(runner, { stdout: stdout.bytes, stderr: stderr.bytes });
      }),
      { numRuns: 60 },
    );
  });

  test('the same bytes at two paces show the same lines', async () => {
    const stand = await Stand.open();
    await fc.assert(
      fc.asyncProperty(hostileLog, pace, pace, async (bytes, one, other) => {
        const [first, second] = [
          await stand.run(paced({ stdout: { bytes, pace: one }, stderr: { bytes, pace: other } })),
          await stand.run(paced({ stdout: { bytes, pace: other }, stderr: { bytes, pace: [] } })),
        ].map(({ printed }) => takeApart(linesOf(printed)));
        expect(first?.stdout).toEqual(second?.stdout);
        expect(first?.stderr).toEqual(first?.stdout);
        expect(second?.stderr).toEqual(first?.stdout);
      }),
      { numRuns: 15 },
    );
  });

  test('cut anywhere, secrets and characters included, they show the same lines', () => {
    const folder = mkdtempSync(inFolder(tmpdir(), 'hostile-record-'));
    // Now and then the rest begins where a line becomes too long to be one.
    const start = fc.oneof(
      { weight: 20, arbitrary: fc.constant(0) },
      { weight: 1, arbitrary: fc.integer({ min: 262_130, max: 262_145 }) },
    );
    const log = fc.tuple(start, hostileLog);
    let count = 0;
    try {
      fc.assert(
        fc.property(log, cuts, ([length, rest], sizes) => {
          const bytes = join([new Uint8Array(length).fill(0x3a), rest]);
          const file = inFolder(folder, `${(count += 1)}.log`);
          const fault = (thrown: unknown): void => {
            throw new Error('The file is not written.', { cause: thrown });
          };
          const record = new LogRecord(file, () => secretForms, fault);
          // A long start comes in one piece, so that the rest is what is cut.
          const cut = [bytes.subarray(0, length), ...chunks(rest, sizes)];
          const all = [...cut.map((part) => record.push(part)), record.end()];
          const lines = all.flatMap(textsOf);
          expect(firstDifference(lines, shownLog(bytes, secretForms))).toBeUndefined();
          const kept = existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
          expect(kept.equals(lessSecrets(bytes, secretForms))).toBe(true);
        }),
        { numRuns: 400 },
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

test('each tick replays the fences of all that came before it', async () => {
  const stand = await Stand.open();
  const runner = stand.newRunner();
  const seen = (): readonly string[] => takeApart(linesOf(runner.printed)).tokens;
  const written = { stdout: new Array<Uint8Array>(), stderr: new Array<Uint8Array>() };
  const replayed = new Set<string>();
  const replay = (stream: 'stdout' | 'stderr', index: number): Uint8Array => {
    const made = written[stream][index];
    if (made) return made;
    const tokens = seen();
    for (const token of tokens) replayed.add(token);
    return (written[stream][index] = asLog(['::group::', ...fenceGuesses(tokens)]));
  };
  const steps = Array.from({ length: 8 }, (_, index): ScriptStep => ({
    at: 3 + index * 4,
    // Not before its time: only then is it known what stands in the job log.
    get stdout() {
      return replay('stdout', index);
    },
    get stderr() {
      return replay('stderr', index);
    },
  }));
  const script = {
    steps: [{ at: 3, phase: 'running' } as const, ...steps, { at: 40, phase: 'success' } as const],
  };
  await stand.run(script, runner);
  expectShown(runner, { stdout: join(written.stdout), stderr: join(written.stderr) });
  expect(replayed.size).toBeGreaterThan(5);
});
