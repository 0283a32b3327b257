import { afterAll, describe, expect, test } from '@jest/globals';
import { startStep, type StepHandle, type StepResult } from '../../local/runner/step.ts';
import { waits, type Wait } from '../../local/runner/step-process.ts';
import { fixtureAction, Folders } from './fixture-action.ts';

const folders = new Folders();
afterAll(() => folders.remove());

/** Waits that end when the test says so, or when what they wait for has happened. */
class Waits {
  readonly asked: number[] = [];
  readonly #over = new Set<number>();
  readonly #ends = new Map<number, () => void>();

  /** Waits that have not ended. */
  pending = 0;

  readonly wait: Wait = async (milliseconds, stop) => {
    this.asked.push(milliseconds);
    this.pending += 1;
    await new Promise<void>((resolve) => {
      this.#ends.set(milliseconds, resolve);
      if (stop.aborted || this.#over.has(milliseconds)) resolve();
      else stop.addEventListener('abort', () => resolve());
    });
    this.pending -= 1;
  };

  over(milliseconds: number): void {
    this.#over.add(milliseconds);
    this.#ends.get(milliseconds)?.();
  }
}

/** Runs a step and acts on the lines that its log shows. */
async function runActing(
  entries: Parameters<typeof fixtureAction>[1],
  reactions: Record<string, (step: StepHandle, clock: Waits) => void>,
): Promise<{ result: StepResult; asked: readonly number[] }> {
  const clock = new Waits();
  const step: StepHandle = startStep({
    ...fixtureAction(folders.make(), entries),
    wait: clock.wait,
    onLine: ({ text }) => {
      reactions[text]?.(step, clock);
    },
  });
  const result = await step.done;
  expect(clock.pending).toBe(0);
  return { result, asked: clock.asked };
}

const stay = 'setInterval(() => undefined, 1000);';
const post = `console.log('state ' + process.env['STATE_id'])`;

describe('a cancel', () => {
  test('is a SIGINT, and post runs with the state', async () => {
    const { result, asked } = await runActing(
      {
        main: `put('STATE', 'id=7\\n');
          process.on('SIGINT', () => { put('OUTPUT', 'o=x\\n'); process.exit(1); });
          process.on('SIGTERM', () => console.log('got SIGTERM'));
          console.log('ready'); ${stay}`,
        post,
      },
      { ready: (step) => step.cancel() },
    );
    expect(result).toMatchObject({ conclusion: 'cancelled', main: { exitCode: 1 } });
    expect(result.main.commands.lines.at(-1)).toBe('##[error]The operation was canceled.');
    expect(result.main.stdout).toEqual(['ready']);
    expect(result.outputs).toEqual({ o: 'x' });
    expect(result.post?.stdout).toEqual(['state 7']);
    expect(asked).toContain(7500);
    expect(asked).not.toContain(2500);
  });

  test('is SIGTERM 7.5 s and SIGKILL of the tree 2.5 s later, for a process that stays', async () => {
    // The grandchild holds stdout open: the step could not end if only its parent were killed.
    const { result, asked } = await runActing(
      {
        main: `
          process.on('SIGINT', () => console.log('got SIGINT'));
          process.on('SIGTERM', () => console.log('got SIGTERM'));
          const child = "process.on('SIGINT', () => console.log('child got SIGINT')); console.log('child ready'); ${stay}";
          require('node:child_process').spawn(process.execPath, ['-e', child], { stdio: 'inherit' });
          ${stay}`,
        post,
      },
      {
        'child ready': (step) => {
          step.cancel();
          step.cancel();
        },
        'got SIGINT': (_, clock) => clock.over(waits.interrupt),
        'got SIGTERM': (_, clock) => clock.over(waits.terminate),
      },
    );
    expect(result.main.stdout).toEqual(['child ready', 'got SIGINT', 'got SIGTERM']);
    expect(result).toMatchObject({
      conclusion: 'cancelled',
      main: { exitCode: 137, signal: 'SIGKILL' },
    });
    expect(asked.slice(0, 2)).toEqual([7500, 2500]);
    expect(result.post?.stdout).toEqual(['state undefined']);
  });

  test('that main answers with exit code 0 is a cancel all the same', async () => {
    const { result } = await runActing(
      { main: `process.on('SIGINT', () => process.exit(0)); console.log('ready'); ${stay}` },
      { ready: (step) => step.cancel() },
    );
    expect(result).toMatchObject({ conclusion: 'cancelled', main: { exitCode: 0 } });
  });

  test('does not reach post', async () => {
    const { result } = await runActing(
      {
        main: '',
        post: `process.on('SIGINT', () => console.log('got SIGINT'));
          console.log('ready'); setTimeout(() => console.log('done'), 50)`,
      },
      { ready: (step) => step.cancel() },
    );
    expect(result.conclusion).toBe('success');
    expect(result.post?.stdout).toEqual(['ready', 'done']);
  });
});

describe('other ends', () => {
  test('a kill is a failure, and post runs with what was saved', async () => {
    const { result } = await runActing(
      { main: `put('STATE', 'id=7\\n'); console.log('ready'); ${stay}`, post },
      { ready: (step) => step.kill() },
    );
    expect(result).toMatchObject({
      conclusion: 'failure',
      main: { exitCode: 137, signal: 'SIGKILL' },
    });
    expect(result.post?.stdout).toEqual(['state 7']);
  });

  test('a signal goes to the process and does nothing else', async () => {
    const { result } = await runActing(
      {
        main: `process.on('SIGHUP', () => { console.log('got SIGHUP'); process.exit(0); });
          console.log('ready'); ${stay}`,
      },
      { ready: (step) => step.signal('SIGHUP') },
    );
    expect(result).toMatchObject({ conclusion: 'success', main: { exitCode: 0 } });
    expect(result.main.stdout).toEqual(['ready', 'got SIGHUP']);
  });

  test('a process that leaves its streams to a child is waited for 5 s, then its tree is killed', async () => {
    const { result, asked } = await runActing(
      {
        main: `
          const child = "process.on('disconnect', () => console.log('alone')); ${stay}";
          require('node:child_process').spawn(process.execPath, ['-e', child], {
            stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
          });
          process.exit(0)`,
      },
      { alone: (_, clock) => clock.over(waits.streams) },
    );
    expect(result).toMatchObject({ conclusion: 'success', main: { exitCode: 0 } });
    expect(asked).toEqual([5000]);
  });
});
