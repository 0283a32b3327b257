import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { FaultRule, Moment, RequestLine } from '../../local/faults.ts';
import type { JournalEntry } from '../../local/listener.ts';
import type { Wait } from '../../local/runner/step-process.ts';
import { waits } from '../../local/runner/step-process.ts';
import type { StepResult } from '../../local/runner/step.ts';
import {
  Bench,
  endless,
  overAtOnce,
  queuedForever,
  until,
  type Given,
  type Started,
} from './bench.ts';
import { leaks } from './shown.ts';

// Where a submit is in doubt post looks for a twin for 45 s of its own time.
jest.setTimeout(120_000);

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.start();
});
afterAll(() => bench.close());

const undo: (() => void)[] = [];
afterEach(() => {
  for (const each of undo.splice(0)) each();
});

const isSubmit = ({ host, method }: RequestLine): boolean => host === 'fabric' && method === 'POST';
const isStatus = ({ host, method, path }: RequestLine): boolean =>
  host === 'fabric' && method === 'GET' && /\/batches\/[^/?]+$/.test(path);
const isList = ({ host, method, path }: RequestLine): boolean =>
  host === 'fabric' && method === 'GET' && /\/batches\?/.test(path);
const isCancel = ({ host, method }: RequestLine): boolean =>
  host === 'fabric' && method === 'DELETE';

/** A request that is held until the test lets it go. */
function hold(when: FaultRule['when'], moment: Moment, times = 1): () => void {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const remove = bench.fabric.faults.add({
    when,
    times,
    fault: { kind: 'hold', moment, until: held },
  });
  undo.push(release, remove);
  return release;
}

/** A step with the requests and batches that come after its start. */
class Watched {
  readonly started: Started;
  readonly #requestsBefore: number;
  readonly #batchesBefore: number;
  readonly #uploadsBefore: ReadonlySet<string>;

  constructor(given: Given = {}) {
    this.#requestsBefore = bench.fabric.requests.length;
    this.#batchesBefore = bench.fabric.batches.length;
    this.#uploadsBefore = new Set(bench.uploads);
    this.started = bench.start({ signIn: 'secret', quickPost: true, ...given });
  }

  get requests(): readonly JournalEntry[] {
    return bench.fabric.requests.slice(this.#requestsBefore);
  }

  /** Batches accepted since the start. */
  get submitted(): number {
    return bench.fabric.batches.length - this.#batchesBefore;
  }

  /** Upload folders that this step made and that are still there. */
  get leftUploads(): string[] {
    return bench.uploads.filter((name) => !this.#uploadsBefore.has(name));
  }

  seen(what: string, which: (line: RequestLine) => boolean, count = 1): Promise<JournalEntry> {
    return until(what, () => this.requests.filter(which)[count - 1]);
  }

  answered(what: string, which: (line: RequestLine) => boolean): Promise<JournalEntry> {
    return until(what, () =>
      this.requests.find((entry) => which(entry) && entry.status !== undefined),
    );
  }

  /** Sends a signal to main and gives its time. */
  signal(name: NodeJS.Signals): number {
    const at = Date.now();
    expect(this.started.step.signal(name)).toBe(true);
    return at;
  }

  cancel(): number {
    const at = Date.now();
    this.started.step.cancel();
    return at;
  }
}

/** What holds of every step that was told to end and whose batch was ended. */
function expectCancelled(result: StepResult, name: string): void {
  expect(result.main).toMatchObject({ exitCode: 1, signal: undefined, stderr: [] });
  const errors = result.annotations.filter(
    ({ message }) => message !== 'The operation was canceled.',
  );
  expect(errors).toHaveLength(1);
  expect(errors[0]).toMatchObject({ level: 'error', title: 'Spark batch cancelled' });
  expect(errors[0]?.message).toContain(name);
  expect(result.outputs).toMatchObject({ result: 'Cancelled', 'error-code': 'CANCELLED' });
  expect(result.summary).toContain('cancelled');
  expect(result.post).toMatchObject({ conclusion: 'success', stderr: [] });
  expect(leaks(result, [bench.fabric.clientSecret])).toEqual([]);
}

const postSays = (result: StepResult): string =>
  (result.post?.stdout ?? []).filter((line) => !line.startsWith('::add-mask::')).join('\n');

/** The rule is 1 s, and the tests on virtual time hold it to that; here the machine may be busy. Milliseconds. */
const soon = 2_500;

describe('a cancel of the workflow', () => {
  test('while the batch is queued', async () => {
    bench.script = queuedForever;
    const watched = new Watched();
    await watched.answered('a status read', isStatus);
    const at = watched.cancel();
    const result = await watched.started.step.done;
    expect(result.conclusion).toBe('cancelled');
    expectCancelled(result, 'SIGINT');
    const [cancel] = watched.requests.filter(isCancel);
    expect((cancel?.at ?? Infinity) - at).toBeLessThan(soon);
    expect(postSays(result)).toMatch(/: stopped /);
    expect(bench.active).toBe(0);
  });

  test('while it runs', async () => {
    bench.script = endless;
    const watched = new Watched();
    // stderr is read after stdout, whose lines stand in the log by then.
    await until('the job prints', () =>
      watched.requests.find(
        ({ path, status }) => path.includes('fileName=stderr') && status === 200,
      ),
    );
    const at = watched.cancel();
    const result = await watched.started.step.done;
    expectCancelled(result, 'SIGINT');
    const [cancel] = watched.requests.filter(isCancel);
    expect((cancel?.at ?? Infinity) - at).toBeLessThan(soon);
    expect(result.outputs).toMatchObject({
      'batch-id': bench.fabric.batches[0]?.id,
      submission: 'submitted',
    });
    expect(result.main.stdout).toContain('started');
    expect(watched.leftUploads).toEqual([]);
    expect(postSays(result)).toMatch(/: stopped /);
    expect(bench.active).toBe(0);
  });

  test('while the status read hangs', async () => {
    bench.script = endless;
    hold(isStatus, 'before');
    const watched = new Watched();
    await watched.seen('a status read', isStatus);
    const at = watched.cancel();
    const result = await watched.started.step.done;
    expectCancelled(result, 'SIGINT');
    expect((watched.requests.find(isCancel)?.at ?? Infinity) - at).toBeLessThan(soon);
    expect(bench.active).toBe(0);
  });

  test('that comes twice, and with SIGTERM behind it, is one cancel', async () => {
    bench.script = endless;
    const release = hold(isCancel, 'before');
    const watched = new Watched();
    await watched.answered('a status read', isStatus);
    watched.signal('SIGINT');
    await watched.seen('the DELETE', isCancel);
    watched.signal('SIGINT');
    watched.signal('SIGTERM');
    release();
    const result = await watched.started.step.done;
    expectCancelled(result, 'SIGINT');
    expect(bench.active).toBe(0);
  });
});

describe('a cancel while the POST is under way', () => {
  test.each<Moment>(['before', 'after'])('held %s its effect', async (moment) => {
    bench.script = endless;
    const release = hold(isSubmit, moment);
    const watched = new Watched();
    await watched.seen('the POST', isSubmit);
    watched.cancel();
    // The signal is with the process before the answer is.
    const at = Date.now();
    release();
    const result = await watched.started.step.done;
    expectCancelled(result, 'SIGINT');
    const [cancel] = watched.requests.filter(isCancel);
    expect((cancel?.at ?? Infinity) - at).toBeLessThan(soon);
    expect(watched.requests.filter(isSubmit)).toHaveLength(1);
    expect(watched.submitted).toBe(1);
    expect(postSays(result)).toMatch(/: stopped /);
    expect(bench.active).toBe(0);
  });

  test('whose answer never comes: the search starts beside it', async () => {
    bench.script = endless;
    hold(isSubmit, 'after');
    const over = new Waits();
    const watched = new Watched({ wait: over.wait });
    await until('the batch', () => watched.submitted === 1);
    const at = watched.cancel();
    // Rule 3: within the time that the runner gives, the list is read, and the batch gets its DELETE.
    const found = await until('the DELETE', () => watched.requests.find(isCancel), waits.interrupt)
      .then(({ at: time }) => time - at)
      .catch(() => undefined);
    over.end();
    await watched.started.step.done;
    expect(found ?? Infinity).toBeLessThan(waits.interrupt);
  });

  test('whose answer never comes: post ends the batch', async () => {
    bench.script = endless;
    hold(isSubmit, 'after');
    const over = new Waits();
    const watched = new Watched({ wait: over.wait });
    await until('the batch', () => watched.submitted === 1);
    watched.cancel();
    over.end();
    const result = await watched.started.step.done;
    expect(result.main.signal).toBe('SIGKILL');
    expect(postSays(result)).toMatch(/: stopped /);
    expect(watched.submitted).toBe(1);
    expect(bench.active).toBe(0);
    expect(watched.leftUploads).toEqual([]);
  });
});

describe('a cancel while a full capacity is waited for', () => {
  /** A step whose submit was refused with 430, then cancelled: nothing was started. */
  async function refused(given: Given = {}): Promise<Watched> {
    undo.push(
      bench.fabric.faults.add({
        when: isSubmit,
        fault: { kind: 'answer', status: 430, headers: { 'retry-after': '600' } },
      }),
    );
    const watched = new Watched(given);
    const { step } = watched.started;
    await watched.answered('the POST', isSubmit);
    watched.cancel();
    let over = false;
    void step.done.then(() => (over = true));
    await until('the end, or a search', () => over || watched.requests.some(isList));
    step.kill();
    return watched;
  }

  test('ends the wait, and nothing is submitted again', async () => {
    const watched = await refused({ post: 'skip' });
    const result = await watched.started.step.done;
    expect(result.main).toMatchObject({ exitCode: 1, signal: undefined });
    expect(result.outputs).toMatchObject({ result: 'Cancelled', submission: 'none' });
    expect(result.annotations[0]?.message).toMatch(/No batch of this step is running/);
    expect(watched.requests.filter(isSubmit)).toHaveLength(1);
    expect(watched.submitted).toBe(0);
  });

  test('leaves nothing to look for: post does not search, and the upload goes', async () => {
    const watched = await refused();
    const result = await watched.started.step.done;
    expect(watched.requests.filter(isList)).toEqual([]);
    expect(result.post?.commands.annotations).toEqual([]);
    expect(watched.leftUploads).toEqual([]);
  });
});

/** The runner's waits, which end when the test says so or the process is gone. */
class Waits {
  readonly #ends: (() => void)[] = [];
  #over = false;

  readonly wait: Wait = (_milliseconds, stop) =>
    new Promise((resolve) => {
      if (this.#over || stop.aborted) resolve();
      this.#ends.push(resolve);
      stop.addEventListener('abort', () => resolve());
    });

  end(): void {
    this.#over = true;
    for (const end of this.#ends.splice(0)) end();
  }
}

describe('a main that is killed', () => {
  test('because the DELETE hangs for longer than the runner waits: post ends the batch', async () => {
    bench.script = endless;
    const release = hold(isCancel, 'before');
    const over = new Waits();
    const watched = new Watched({ wait: over.wait, beforePost: release });
    await watched.answered('a status read', isStatus);
    watched.cancel();
    await watched.seen('the DELETE', isCancel);
    over.end();
    const result = await watched.started.step.done;
    expect(result.main).toMatchObject({ exitCode: 137, signal: 'SIGKILL' });
    expect(result.conclusion).toBe('cancelled');
    expect(result.post).toMatchObject({ conclusion: 'success', stderr: [] });
    expect(postSays(result)).toMatch(/: stopped /);
    expect(bench.active).toBe(0);
    expect(leaks(result, [bench.fabric.clientSecret])).toEqual([]);
  });

  test('in the middle of the run: post ends the batch', async () => {
    bench.script = endless;
    const watched = new Watched();
    await watched.answered('a status read', isStatus);
    watched.started.step.kill();
    const result = await watched.started.step.done;
    expect(result).toMatchObject({ conclusion: 'failure', main: { signal: 'SIGKILL' } });
    expect(result.outputs['batch-id']).toBe(bench.fabric.batches[0]?.id);
    expect(postSays(result)).toMatch(/: stopped /);
    expect(bench.active).toBe(0);
  });

  test('while the POST is held: post finds the batch by its nonce', async () => {
    bench.script = endless;
    hold(isSubmit, 'after');
    const watched = new Watched();
    await until('the batch', () => watched.submitted === 1);
    watched.started.step.kill();
    const result = await watched.started.step.done;
    expect(result.outputs['batch-id']).toBeUndefined();
    expect(result.state['submission']).toBe(bench.fabric.batches[0]?.request.tags?.['submission']);
    expect(postSays(result)).toMatch(/: stopped /);
    expect(bench.active).toBe(0);
  });

  test('before anything was submitted: post has nothing to end', async () => {
    hold(({ host, path }) => host === 'fabric' && path.includes('/lakehouses'), 'before');
    const watched = new Watched();
    await watched.seen('the list of lakehouses', ({ path }) => path.includes('/lakehouses'));
    watched.started.step.kill();
    const result = await watched.started.step.done;
    expect(result.post).toMatchObject({ conclusion: 'success', stderr: [] });
    expect(result.post?.commands.annotations).toEqual([]);
    expect(watched.submitted).toBe(0);
  });
});

describe('a signal before anything was sent', () => {
  test.each([
    [
      'during sign-in',
      ({ host, method }: RequestLine) => host === 'authority' && method === 'POST',
    ],
    ['while the workspace is looked for', ({ host }: RequestLine) => host === 'fabric'],
    [
      'during the upload',
      ({ host, method }: RequestLine) => host === 'onelake' && method !== 'GET',
    ],
  ])('%s: nothing is submitted', async (_when, which) => {
    const release = hold(which, 'before', 100);
    const watched = new Watched({ beforePost: release });
    await watched.seen('the request that is held', which);
    const at = watched.cancel();
    const result = await watched.started.step.done;
    expectCancelled(result, 'SIGINT');
    expect(result.main.commands.log.at(-1)?.time).toBeLessThan(at + 3_000);
    expect(result.outputs).toMatchObject({ submission: 'none' });
    expect(watched.requests.filter(isSubmit)).toEqual([]);
    expect(watched.submitted).toBe(0);
    expect(watched.leftUploads).toEqual([]);
    expect(result.post?.commands.annotations).toEqual([]);
  });
});

test('a signal after the verdict changes neither verdict nor batch', async () => {
  bench.script = overAtOnce('rows: 3\n');
  const isLog = ({ host, path }: RequestLine): boolean =>
    host === 'fabric' && path.includes('stdout');
  const release = hold(isLog, 'before');
  const watched = new Watched();
  await watched.seen('the log is read', isLog);
  watched.cancel();
  release();
  const result = await watched.started.step.done;
  expect(result.outputs).toMatchObject({ result: 'Succeeded', state: 'success' });
  expect(result.outputs['error-code']).toBeUndefined();
  expect(watched.requests.filter(isCancel)).toEqual([]);
  // Main leaves the upload to post, which has nothing to say of it.
  expect(postSays(result)).toBe('');
  expect(watched.leftUploads).toEqual([]);
});

describe('other signals', () => {
  test.each<NodeJS.Signals>(['SIGTERM', 'SIGHUP', 'SIGINT'])('%s ends the batch', async (name) => {
    bench.script = endless;
    const watched = new Watched();
    await watched.answered('a status read', isStatus);
    const at = watched.signal(name);
    const result = await watched.started.step.done;
    expect(result.conclusion).toBe('failure');
    expectCancelled(result, name);
    expect((watched.requests.find(isCancel)?.at ?? Infinity) - at).toBeLessThan(soon);
    expect(postSays(result)).toMatch(/: stopped /);
    expect(bench.active).toBe(0);
  });
});

describe('cancel-on', () => {
  // "Never leaves the batch running and says so": main's annotation and nothing of post.
  test('never: the batch is left running, and the error says so', async () => {
    bench.script = endless;
    const watched = new Watched({ inputs: { 'cancel-on': 'never' } });
    await watched.answered('a status read', isStatus);
    watched.cancel();
    const result = await watched.started.step.done;
    expectCancelled(result, 'SIGINT');
    expect(watched.requests.filter(isCancel)).toEqual([]);
    const [error] = result.annotations;
    expect(error?.message).toMatch(/left running/);
    expect(error?.message).toContain(result.outputs['run-url']);
    expect(bench.active).toBe(1);
    bench.fabric.batches[0]?.cancel();
    expect(bench.active).toBe(0);
  });

  test('never: also when main is killed', async () => {
    bench.script = endless;
    const watched = new Watched({ inputs: { 'cancel-on': 'never' } });
    await watched.answered('a status read', isStatus);
    watched.started.step.kill();
    const result = await watched.started.step.done;
    expect(watched.requests.filter(isCancel)).toEqual([]);
    expect(postSays(result)).toMatch(/left running/);
    expect(bench.active).toBe(1);
    bench.fabric.batches[0]?.cancel();
  });

  test('never: also when the POST is under way', async () => {
    bench.script = endless;
    const release = hold(isSubmit, 'after');
    const watched = new Watched({ inputs: { 'cancel-on': 'never' } });
    await until('the batch', () => watched.submitted === 1);
    watched.cancel();
    release();
    const result = await watched.started.step.done;
    expect(result.main.exitCode).toBe(1);
    expect(watched.requests.filter(isCancel)).toEqual([]);
    expect(result.annotations[0]?.message).toMatch(/left running/);
    expect(bench.active).toBe(1);
    bench.fabric.batches[0]?.cancel();
  });

  test('timeout: a time-out ends the batch, and a cancel leaves it running', async () => {
    bench.script = endless;
    const timed = new Watched({ inputs: { 'timeout-minutes': '0.005', 'cancel-on': 'timeout' } });
    const result = await timed.started.step.done;
    expect(result).toMatchObject({ conclusion: 'failure', main: { exitCode: 1 } });
    expect(result.outputs).toMatchObject({ result: 'TimedOut', 'error-code': 'TIMEOUT' });
    expect(result.annotations).toHaveLength(1);
    expect(postSays(result)).toMatch(/: stopped /);
    expect(bench.active).toBe(0);

    const cancelled = new Watched({ inputs: { 'cancel-on': 'timeout' } });
    await cancelled.answered('a status read', isStatus);
    cancelled.cancel();
    const left = await cancelled.started.step.done;
    expect(left.annotations[0]?.message).toMatch(/left running/);
    expect(bench.active).toBe(1);
    bench.fabric.batches[0]?.cancel();
  });
});
