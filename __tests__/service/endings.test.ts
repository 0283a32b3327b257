import { existsSync } from 'node:fs';
import { describe, expect, jest, test } from '@jest/globals';
import { goodBatch, type BatchScript } from '../../local/engine/scripted.ts';
import {
  isBatches,
  isList,
  isStatus,
  isSubmit,
  stage,
  type Stage,
  type StageOptions,
  uploadName,
} from './stage.ts';

jest.setTimeout(30_000);

const minute = 60_000;
const long = goodBatch('at work\n', 10 * 3_600);
const running: BatchScript = {
  steps: [
    { at: 0, phase: 'starting' },
    { at: 5, phase: 'running', stdout: 'at work\n' },
    { at: 36_000, phase: 'success' },
  ],
};

/** When the first DELETE of a batch came, in milliseconds after the first submit. */
function deletedAfter(step: Stage): number | undefined {
  const [posted] = step.batchRequests('POST');
  const [deleted] = step.batchRequests('DELETE');
  return posted && deleted && deleted.at - posted.at;
}

function noStatusFrom(step: Stage, milliseconds: number, forMilliseconds?: number): void {
  step.afterSubmit(milliseconds, () => {
    const mend = step.fabric.faults.add({
      when: isStatus,
      fault: { kind: 'answer', status: 500 },
    });
    if (forMilliseconds !== undefined) step.time.after(forMilliseconds, mend);
  });
}

describe('time-outs', () => {
  test('of the queue', async () => {
    const step = await stage({
      script: long,
      settings: { queueSeconds: 36_000 },
      inputs: { 'queue-timeout-minutes': '5' },
    });
    await expect(step.run()).resolves.toBe(false);
    expect(step.runner.outputs).toMatchObject({
      result: 'TimedOut',
      'error-code': 'QUEUE_TIMEOUT',
      submission: 'submitted',
    });
    expect(deletedAfter(step)).toBeGreaterThanOrEqual(5 * minute);
    expect(deletedAfter(step)).toBeLessThan(5 * minute + 5_000);
    expect(step.fabric.batches[0]?.snapshot().phase).toBe('killed');
    expect(step.error.message).toContain('raise queue-timeout-minutes');
    const post = await step.post();
    expect(post.lines.join('\n')).toContain('stopped');
  });

  test('of the run', async () => {
    const step = await stage({ script: running, inputs: { 'timeout-minutes': '7.5' } });
    await expect(step.run()).resolves.toBe(false);
    expect(step.runner.outputs).toMatchObject({ result: 'TimedOut', 'error-code': 'TIMEOUT' });
    expect(deletedAfter(step)).toBeGreaterThanOrEqual(7.5 * minute);
    expect(deletedAfter(step)).toBeLessThan(7.5 * minute + 5_000);
    expect(step.fabric.batches[0]?.snapshot().phase).toBe('killed');
    expect(step.runner.lines).toContain('at work');
    expect(step.runner.summaryText.split('\n')[0]).toContain('timed out');
  });

  test('of the queue does not end a run that has started', async () => {
    const step = await stage({
      script: goodBatch('x\n', 1_800),
      inputs: { 'queue-timeout-minutes': '10' },
    });
    await expect(step.run()).resolves.toBe(true);
  });

  test('with cancel-on: cancel leave the batch running, and post too', async () => {
    const step = await stage({
      script: running,
      inputs: { 'timeout-minutes': '5', 'cancel-on': 'cancel' },
    });
    await expect(step.run()).resolves.toBe(false);
    expect(step.runner.outputs['result']).toBe('TimedOut');
    await step.post();
    expect(step.batchRequests('DELETE')).toEqual([]);
    expect(step.error.message).toContain(step.runner.outputs['run-url']);
  });
});

describe('an outage of the status', () => {
  test('of 20 minutes is survived', async () => {
    const step = await stage({ script: goodBatch('x\n', 3_600) });
    noStatusFrom(step, 10 * minute, 20 * minute);
    await expect(step.run()).resolves.toBe(true);
    expect(step.story).toContain('The status cannot be read now');
    expect(step.story).toContain('can be read again');
  });

  test('over the end of the batch is survived', async () => {
    const step = await stage({ script: goodBatch('x\n', 900) });
    noStatusFrom(step, 10 * minute, 20 * minute);
    await expect(step.run()).resolves.toBe(true);
    expect(step.logFile('stdout.log').toString()).toBe('x\n');
  });

  test('for longer than outage-minutes: red, and the batch is left running', async () => {
    const step = await stage({ script: running });
    noStatusFrom(step, 10 * minute);
    await expect(step.run()).resolves.toBe(false);
    expect(step.runner.outputs).toMatchObject({
      result: 'Unknown',
      'error-code': 'STATUS_UNREADABLE',
    });
    expect(step.error.message).toContain(step.runner.outputs['run-url']);
    await step.post();
    expect(step.batchRequests('DELETE')).toEqual([]);
    expect(step.fabric.batches[0]?.active).toBe(true);
    const elapsed = step.fabric.requests.filter(isStatus).at(-1)?.at ?? 0;
    const start = step.batchRequests('POST')[0]?.at ?? 0;
    expect(elapsed - start).toBeGreaterThanOrEqual(40 * minute - 20_000);
    expect(elapsed - start).toBeLessThan(42 * minute);
  });

  test('with cancel-on: error the batch gets its DELETE', async () => {
    const step = await stage({
      script: running,
      inputs: { 'cancel-on': 'error', 'outage-minutes': '10' },
    });
    noStatusFrom(step, 5 * minute);
    await expect(step.run()).resolves.toBe(false);
    expect(step.runner.outputs['result']).toBe('Unknown');
    expect(step.batchRequests('DELETE')).toHaveLength(1);
    expect(step.fabric.batches[0]?.snapshot().phase).toBe('killed');
  });

  test('of connections that are reset counts the same', async () => {
    const step = await stage({ script: goodBatch('x\n', 1_200) });
    step.afterSubmit(2 * minute, () => {
      const mend = step.fabric.faults.add({
        when: ({ host }) => host === 'fabric',
        fault: { kind: 'reset', moment: 'before' },
      });
      step.time.after(5 * minute, mend);
    });
    await expect(step.run()).resolves.toBe(true);
  });
});

describe('a sign-in that ends', () => {
  test('leaves the batch running and says how to follow it', async () => {
    const step = await stage({
      script: running,
      identity: 'oidc',
      settings: { github: { requestTokenSeconds: 2 * 3_600 } },
    });
    await expect(step.run()).resolves.toBe(false);
    expect(step.runner.outputs).toMatchObject({ result: 'Unknown' });
    expect(step.batchRequests('DELETE')).toEqual([]);
    expect(step.error.message).toContain(step.runner.outputs['run-url']);
    const start = step.batchRequests('POST')[0]?.at ?? 0;
    const last = step.fabric.requests.filter(isStatus).at(-1)?.at ?? 0;
    // The last token is gotten shortly before the two hours are over, and is used to its end.
    expect(last - start).toBeGreaterThan(2.4 * 3_600_000);
    await step.post();
    expect(step.batchRequests('DELETE')).toEqual([]);
  });
});

describe('a signal', () => {
  async function interrupted(options: Partial<StageOptions>, milliseconds: number): Promise<Stage> {
    const step = await stage({ script: running, ...options });
    step.afterSubmit(milliseconds, () => step.interrupt.raise('SIGINT'));
    await expect(step.run()).resolves.toBe(false);
    return step;
  }

  test.each([
    ['queued', { settings: { queueSeconds: 36_000 } }],
    ['running', {}],
  ])('while the batch is %s: DELETE within a second', async (_, options) => {
    const step = await interrupted(options, 100_000);
    expect(step.runner.outputs).toMatchObject({ result: 'Cancelled', 'error-code': 'CANCELLED' });
    expect(step.error.message).toContain('SIGINT');
    expect(step.batchRequests('DELETE')).toHaveLength(1);
    expect((deletedAfter(step) ?? 0) - 100_000).toBeLessThanOrEqual(1_000);
    const post = await step.post();
    expect(post.lines.join('\n')).toContain('stopped');
    expect(step.fabric.batches[0]?.snapshot().phase).toBe('killed');
  });

  test('needs no sign-in for the DELETE', async () => {
    const step = await stage({ script: running });
    step.afterSubmit(58 * minute, () => {
      step.fabric.faults.add({
        when: ({ host }) => host === 'authority',
        fault: { kind: 'answer', status: 500 },
      });
      step.interrupt.raise('SIGTERM');
    });
    await expect(step.run()).resolves.toBe(false);
    expect(step.batchRequests('DELETE').map(({ status }) => status)).toEqual([200]);
  });

  test('a DELETE that fails is sent again', async () => {
    const step = await stage({ script: running });
    step.fabric.faults.add({
      when: (line) => isBatches(line) && line.method === 'DELETE',
      times: 2,
      fault: { kind: 'answer', status: 503 },
    });
    step.afterSubmit(100_000, () => step.interrupt.raise('SIGINT'));
    await expect(step.run()).resolves.toBe(false);
    expect(step.fabric.batches[0]?.snapshot().phase).toBe('killed');
  });

  test('while names are looked up: nothing is submitted', async () => {
    const step = await stage({
      script: running,
      inputs: { workspace: 'analytics', lakehouse: 'orders' },
    });
    step.once(
      ({ path }) => path.includes('/lakehouses'),
      () => step.interrupt.raise('SIGTERM'),
    );
    await expect(step.run()).resolves.toBe(false);
    expect(step.runner.outputs).toMatchObject({ result: 'Cancelled', submission: 'none' });
    expect(step.error.message).toContain('No batch of this step is running');
    const post = await step.post();
    expect(step.batchRequests('POST')).toEqual([]);
    expect(step.batchRequests('DELETE')).toEqual([]);
    expect(post.warnings).toEqual([]);
  });

  test('before the first request: nothing is sent but the sign-in', async () => {
    const step = await stage({ script: running });
    step.interrupt.raise('SIGINT');
    await expect(step.run()).resolves.toBe(false);
    expect(step.runner.outputs).toMatchObject({ result: 'Cancelled', submission: 'none' });
    expect(step.fabric.requests.filter(({ host }) => host === 'fabric')).toEqual([]);
  });

  test('while a full capacity is waited for: no further submit', async () => {
    const step = await stage({ script: running, settings: { capacity: { maxConcurrent: 0 } } });
    step.afterSubmit(5_000, () => step.interrupt.raise('SIGINT'));
    await expect(step.run()).resolves.toBe(false);
    expect(step.runner.outputs).toMatchObject({ result: 'Cancelled', submission: 'none' });
    expect(step.batchRequests('POST')).toHaveLength(1);
    const post = await step.post();
    expect(step.batchRequests('DELETE')).toEqual([]);
    expect(post.warnings).toEqual([]);
  });

  test('during an upload: nothing is submitted, and post takes the upload away', async () => {
    const step = await stage({
      script: running,
      inputs: { file: 'main.py' },
      files: { 'main.py': 'print(1)\n' },
    });
    step.once(
      ({ host, path }) => host === 'onelake' && path.includes('action=append'),
      () => step.interrupt.raise('SIGINT'),
    );
    await expect(step.run()).resolves.toBe(false);
    await step.post();
    expect(step.batchRequests('POST')).toEqual([]);
    expect(existsSync(step.inLakehouse(`Files/.github/${uploadName(0)}`))).toBe(false);
  });

  test('during the POST: its answer gets the DELETE', async () => {
    let release = (): void => undefined;
    const until = new Promise<void>((resolve) => (release = resolve));
    const step = await stage({ script: running });
    step.fabric.faults.add({
      when: isSubmit,
      times: 1,
      fault: { kind: 'hold', moment: 'after', until },
    });
    step.once(isSubmit, () => {
      step.interrupt.raise('SIGINT');
      setImmediate(release);
    });
    await expect(step.run()).resolves.toBe(false);
    expect(step.runner.outputs['result']).toBe('Cancelled');
    expect(step.batchRequests('DELETE')).toHaveLength(1);
    expect(step.fabric.batches[0]?.snapshot().phase).toBe('killed');
    expect(step.runner.states['batch-id']).toBe(step.fabric.batches[0]?.id);
  });

  test('during a POST that hangs: the search starts beside it', async () => {
    let release = (): void => undefined;
    const until = new Promise<void>((resolve) => (release = resolve));
    const step = await stage({
      script: running,
      slow: ({ method, url }) => method === 'POST' && url.includes('/batches'),
    });
    step.fabric.faults.add({
      when: isSubmit,
      times: 1,
      fault: { kind: 'hold', moment: 'after', until },
    });
    step.afterSubmit(2_000, () => {
      step.interrupt.raise('SIGINT');
      // The runner kills a step 10 s after its first signal.
      step.time.after(8_000, release);
    });
    await expect(step.run()).resolves.toBe(false);
    expect(step.runner.outputs['result']).toBe('Cancelled');
    const posted = step.batchRequests('POST')[0]?.at ?? 0;
    const search = step.fabric.requests.find(isList);
    expect(search).toBeDefined();
    expect((search?.at ?? 0) - posted).toBeLessThanOrEqual(3_000);
    expect(deletedAfter(step)).toBeLessThan(10_000);
  });

  test('with cancel-on: never the batch is left running', async () => {
    const step = await interrupted({ inputs: { 'cancel-on': 'never' } }, 100_000);
    expect(step.runner.outputs['result']).toBe('Cancelled');
    await step.post();
    expect(step.batchRequests('DELETE')).toEqual([]);
    expect(step.fabric.batches[0]?.active).toBe(true);
    expect(step.error.message).toContain('left running');
  });
});

describe('post', () => {
  /** A step whose main was killed while its batch ran: no verdict and no cause are saved. */
  async function killed(options: Partial<StageOptions> = {}): Promise<Stage> {
    const step = await stage({
      script: running,
      ...options,
      inputs: { 'outage-minutes': '1', ...options.inputs },
    });
    const mend = step.fabric.faults.add({
      when: isStatus,
      fault: { kind: 'answer', status: 500 },
    });
    await expect(step.run()).resolves.toBe(false);
    mend();
    expect(step.fabric.batches[0]?.active).toBe(true);
    return step;
  }
  const notSaved = ['settled', 'cause'];

  test('after main was killed: ends the batch and says stopped', async () => {
    const step = await killed();
    const post = await step.post(notSaved);
    expect(step.batchRequests('DELETE')).toHaveLength(1);
    expect(post.lines.join('\n')).toContain(`${step.fabric.batches[0]?.id ?? ''}: stopped`);
    expect(post.warnings).toEqual([]);
  });

  test('after main was killed before the id came: finds the batch by its nonce', async () => {
    const step = await killed();
    const post = await step.post([...notSaved, 'batch-id']);
    expect(step.fabric.batches[0]?.snapshot().phase).toBe('killed');
    expect(post.lines.join('\n')).toContain('stopped');
  });

  test('deletes the upload of a batch that it ended', async () => {
    const step = await killed({ inputs: { file: 'main.py' }, files: { 'main.py': 'print(1)\n' } });
    const folder = step.inLakehouse(`Files/.github/${uploadName(0)}`);
    expect(existsSync(folder)).toBe(true);
    await step.post(notSaved);
    expect(existsSync(folder)).toBe(false);
  });

  test('after main was killed with cancel-on: never leaves the batch', async () => {
    const step = await killed({ inputs: { 'cancel-on': 'never' } });
    await step.post(notSaved);
    expect(step.batchRequests('DELETE')).toEqual([]);
  });

  test('waits for a batch that takes 2 minutes to end', async () => {
    const step = await killed({ script: { ...running, cancelSeconds: 120 } });
    const post = await step.post(notSaved);
    expect(post.lines.join('\n')).toContain('stopped');
  });

  test('says stopping when Fabric is at it after 4 minutes', async () => {
    const step = await killed({ script: { ...running, cancelSeconds: 3_600 } });
    const start = step.time.now();
    const post = await step.post(notSaved);
    expect(post.warnings.join('\n')).toContain('stopping');
    expect(step.time.now() - start).toBeLessThan(5 * minute);
  });

  test('says STILL RUNNING, with the link, when Fabric does not end the batch', async () => {
    const deaf: BatchScript = {
      steps: [...running.steps, { at: 0, overlay: { fabricBatchStateInfo: null } }],
      deafToCancel: true,
    };
    const step = await killed({ script: deaf });
    const post = await step.post(notSaved);
    expect(post.warnings.join('\n')).toContain('STILL RUNNING');
    expect(post.warnings.join('\n')).toContain(step.runner.outputs['run-url']);
  });

  test.each([
    ['success', goodBatch('x\n')],
    [
      'failure',
      {
        steps: [
          { at: 0, phase: 'running' },
          { at: 5, phase: 'dead' },
        ],
      },
    ],
  ] satisfies [string, BatchScript][])('does nothing after a %s', async (_, script) => {
    const step = await stage({ script });
    await step.run();
    const before = step.fabric.requests.length;
    const post = await step.post();
    expect(step.fabric.requests).toHaveLength(before);
    expect([...post.lines, ...post.warnings]).toEqual([]);
  });

  test('does nothing after an input error', async () => {
    const step = await stage({ script: running, inputs: { file: '' } });
    await expect(step.run()).resolves.toBe(false);
    const post = await step.post();
    expect(step.fabric.requests).toEqual([]);
    expect([...post.lines, ...post.warnings, ...post.errors]).toEqual([]);
  });

  test('never fails the step: trouble of its own is a warning', async () => {
    const step = await killed();
    step.fabric.faults.add({
      when: () => true,
      fault: { kind: 'answer', status: 500 },
    });
    const post = await step.post(notSaved);
    expect(post.errors).toEqual([]);
    expect(post.warnings).not.toEqual([]);
  });
});

describe('after the verdict', () => {
  const upload = `Files/.github/${uploadName(0)}`;

  /** A step that succeeds, and whose upload OneLake does not delete before `mended`. */
  async function heldAtRemoval(atRemoval: (step: Stage) => void) {
    const isRemoval = ({ host, method }: { host: string; method: string }): boolean =>
      host === 'onelake' && method === 'DELETE';
    const step = await stage({
      script: goodBatch('at work\n'),
      inputs: { file: 'main.py' },
      files: { 'main.py': 'print(1)\n' },
    });
    const mended = step.fabric.faults.add({
      when: isRemoval,
      fault: { kind: 'answer', status: 503 },
    });
    // Rules that were added later are asked first.
    step.once(isRemoval, () => atRemoval(step));
    return { step, mended };
  }

  test('its outputs stand before the rest, and a signal leaves the upload to post', async () => {
    let seen: Readonly<Record<string, string>> = {};
    const { step, mended } = await heldAtRemoval((held) => {
      seen = { ...held.runner.outputs };
      held.interrupt.raise('SIGTERM');
    });
    await expect(step.run()).resolves.toBe(true);
    expect(seen['result']).toBe('Succeeded');
    expect(step.interrupt.settled).toEqual({ result: 'Succeeded', code: undefined });
    expect(step.runner.outputs['result']).toBe('Succeeded');
    expect(step.runner.warnings).toEqual([]);
    expect(existsSync(step.inLakehouse(upload))).toBe(true);
    mended();
    await step.post();
    expect(existsSync(step.inLakehouse(upload))).toBe(false);
    expect(step.batchRequests('DELETE')).toEqual([]);
  });

  test('an upload that cannot be deleted holds the step for 30 s at most', async () => {
    let began = 0;
    const { step, mended } = await heldAtRemoval((held) => (began = held.time.now()));
    await expect(step.run()).resolves.toBe(true);
    expect(step.time.now() - began).toBeLessThanOrEqual(31_000);
    expect(step.runner.warnings.join()).toContain('not deleted within 30 s');
    mended();
    await step.post();
    expect(existsSync(step.inLakehouse(upload))).toBe(false);
  });

  test('a red one has its code at once', async () => {
    const codes: (string | undefined)[] = [];
    const step = await stage({
      script: {
        steps: [
          { at: 1, phase: 'running' },
          { at: 4, phase: 'dead' },
        ],
      },
    });
    // The next request after the one that told of the end.
    step.once(
      ({ path }) => path.includes('/logs') && step.runner.states['settled'] !== undefined,
      () => codes.push(step.runner.outputs['result'], step.runner.outputs['error-code']),
    );
    await expect(step.run()).resolves.toBe(false);
    expect(codes).toEqual(['Failed', 'BATCH_FAILED']);
  });
});
