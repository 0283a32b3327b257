import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, jest, test } from '@jest/globals';
import type { BatchScript } from '../../local/engine/scripted.ts';
import { defaultIds } from '../../local/settings.ts';
import { isStatus, isSubmit, stage, type Stage, type StageOptions, uploadName } from './stage.ts';
import type { Step } from './step.ts';

jest.setTimeout(30_000);

const minute = 60_000;

function ending(phase: 'success' | 'dead', at: number): BatchScript {
  return {
    steps: [
      { at: 0, phase: 'starting' },
      { at: 5, phase: 'running', stdout: 'before\n' },
      { at: at - 5, stdout: 'after\n' },
      { at, phase },
    ],
  };
}

const job = ending('success', 600);
const long = ending('success', 10 * 3_600);

describe('wait: false', () => {
  function play(options: Partial<StageOptions> = {}): Promise<Stage> {
    return stage({ script: job, ...options, inputs: { wait: 'false', ...options.inputs } });
  }

  test('is green once the batch is accepted, and sets the outputs', async () => {
    const step = await play();
    const start = step.time.now();
    await expect(step.run()).resolves.toBe(true);
    const [batch] = step.fabric.batches;
    expect(batch?.active).toBe(true);
    expect(step.time.now() - start).toBeLessThan(5_000);
    expect(step.runner.outputs).toMatchObject({
      result: 'Submitted',
      submission: 'submitted',
      'batch-id': batch?.id,
      'workspace-id': defaultIds.workspace,
      'lakehouse-id': defaultIds.lakehouse,
    });
    expect(step.runner.outputs['run-url']).toContain(batch?.id);
    expect(step.runner.outputs['file-uri']).toBe(batch?.request.file);
    expect(step.runner.outputs['error-code'] ?? '').toBe('');
    expect(step.runner.errors).toEqual([]);
    expect(step.story).toContain(step.runner.outputs['run-url']);
  });

  test('marks the batch as detached, and no other one', async () => {
    const step = await play();
    await step.run();
    const waiting = step.step({ inputs: { wait: 'true' } });
    await waiting.run();
    const tags = step.fabric.batches.map(({ request }) => request.tags?.['detached']);
    expect(tags).toEqual([undefined, 'true']);
  });

  test('polls no status', async () => {
    const step = await play();
    await step.run();
    expect(step.fabric.requests.filter(isStatus)).toEqual([]);
  });

  test('leaves the upload where file-uri says, and post touches nothing', async () => {
    const step = await play({ inputs: { file: 'main.py' }, files: { 'main.py': 'print(1)\n' } });
    await step.run();
    const before = step.fabric.requests.length;
    const post = await step.post();
    expect(step.fabric.requests).toHaveLength(before);
    expect([...post.lines, ...post.warnings, ...post.errors]).toEqual([]);
    const path = `Files/.github/${uploadName(0)}/main.py`;
    expect(readFileSync(step.inLakehouse(path), 'utf8')).toBe('print(1)\n');
    expect(step.runner.outputs['file-uri']).toContain(path);
    expect(step.fabric.batches[0]?.active).toBe(true);
  });

  test('a signal during the POST still cancels the batch', async () => {
    let release = (): void => undefined;
    const until = new Promise<void>((resolve) => (release = resolve));
    const step = await play({ script: long });
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
  });

  test('main killed before the reply to the POST: post ends the batch', async () => {
    const play = await stage({ script: long });
    const step = play.step({ inputs: { wait: 'false' } });
    await step.runUntilKilled((kill) => play.once(isSubmit, kill));
    await step.post();
    expect(play.fabric.batches.map((batch) => batch.snapshot().phase)).toEqual(['killed']);
  });

  test('a submit whose reply is lost is looked for, and handed over', async () => {
    const step = await play({ script: long });
    step.fabric.faults.add({
      when: isSubmit,
      times: 1,
      fault: { kind: 'reset', moment: 'after' },
    });
    await expect(step.run()).resolves.toBe(true);
    expect(step.runner.outputs).toMatchObject({
      result: 'Submitted',
      submission: 'adopted',
      'batch-id': step.fabric.batches[0]?.id,
    });
  });

  test('a refused submit is red', async () => {
    const step = await play({
      settings: { capacity: { maxConcurrent: 0 } },
      inputs: { 'capacity-wait-minutes': '1' },
    });
    await expect(step.run()).resolves.toBe(false);
    expect(step.runner.outputs['error-code']).toBe('CAPACITY_FULL');
  });
});

/** A batch that one step handed over two minutes ago, and the step that follows it. */
async function followed(
  script: BatchScript,
  inputs: Readonly<Record<string, string>> = {},
): Promise<{ play: Stage; step: Step }> {
  const play = await stage({ script, inputs: { file: 'main.py' }, files: { 'main.py': '1\n' } });
  const submitter = play.step({ inputs: { wait: 'false' } });
  await submitter.run();
  await play.time.sleep(2 * minute);
  const id = submitter.runner.outputs['batch-id'] ?? '';
  return { play, step: play.step({ inputs: { 'batch-id': id, ...inputs }, without: ['file'] }) };
}

describe('batch-id', () => {
  test('follows that batch to its success, with the whole log', async () => {
    const { play, step } = await followed(job);
    await expect(step.run()).resolves.toBe(true);
    const [batch] = play.fabric.batches;
    expect(step.runner.outputs).toMatchObject({
      submission: 'followed',
      result: 'Succeeded',
      state: 'success',
      'batch-id': batch?.id,
      'application-id': batch?.snapshot().applicationId,
      'workspace-id': defaultIds.workspace,
      'lakehouse-id': defaultIds.lakehouse,
    });
    expect(step.runner.outputs['run-url']).toContain(batch?.id);
    expect(step.runner.logFile('stdout.log').toString()).toBe('before\nafter\n');
    expect(step.runner.lines).toEqual(expect.arrayContaining(['before', 'after']));
    expect(play.batchRequests('POST')).toHaveLength(1);
    expect(play.batchRequests('DELETE')).toEqual([]);
  });

  test.each([300, 60])('is red when the batch fails, %i s after its start', async (seconds) => {
    const { step } = await followed(ending('dead', seconds));
    await expect(step.run()).resolves.toBe(false);
    expect(step.runner.outputs).toMatchObject({
      submission: 'followed',
      result: 'Failed',
      'error-code': 'BATCH_FAILED',
    });
  });

  test('of a batch that has ended is green at once, with the whole log', async () => {
    const { step } = await followed(ending('success', 60));
    await expect(step.run()).resolves.toBe(true);
    expect(step.runner.logFile('stdout.log').toString()).toBe('before\nafter\n');
  });

  test('that Fabric does not know is red', async () => {
    const { step } = await followed(job, { 'batch-id': '99999999-0a51-4c1e-9d5b-1d2f3a4b5c61' });
    await expect(step.run()).resolves.toBe(false);
    expect(step.runner.outputs['result']).not.toBe('Succeeded');
    expect(['BATCH_VANISHED', 'NOT_FOUND']).toContain(step.runner.outputs['error-code']);
    expect(step.runner.errors).toHaveLength(1);
  });

  test('refuses what only a submit uses, each by its name, and sends nothing', async () => {
    const refused = {
      file: 'Files/jobs/main.py',
      args: 'one',
      conf: 'spark.a=b',
      'driver-memory': '8g',
      'driver-cores': '4',
      'executor-memory': '8g',
      'executor-cores': '4',
      'num-executors': '2',
    };
    const play = await stage({ script: job, inputs: { 'batch-id': 'some-id', ...refused } });
    await expect(play.run()).resolves.toBe(false);
    expect(play.runner.outputs).toMatchObject({
      result: 'NotStarted',
      'error-code': 'INPUT_INVALID',
    });
    for (const name of Object.keys(refused)) expect(play.error.message).toContain(name);
    expect(play.fabric.requests).toEqual([]);
  });
});

describe('a batch that is followed is not ours', () => {
  test('a signal leaves it running, in main and in post', async () => {
    const { play, step } = await followed(long);
    play.afterNext(isStatus, minute, () => step.interrupt.raise('SIGTERM'));
    await expect(step.run()).resolves.toBe(false);
    expect(step.runner.outputs['result']).toBe('Cancelled');
    expect(step.runner.onlyError.message).toContain(step.runner.outputs['run-url']);
    await step.post();
    expect(play.batchRequests('DELETE')).toEqual([]);
    expect(play.fabric.batches[0]?.active).toBe(true);
    expect(existsSync(play.inLakehouse(`Files/.github/${uploadName(0)}/main.py`))).toBe(true);
  });

  test('a killed main leaves it running too', async () => {
    const { play, step } = await followed(long);
    await step.runUntilKilled((kill) => play.afterNext(isStatus, minute, kill));
    await step.post();
    expect(play.batchRequests('DELETE')).toEqual([]);
    expect(play.fabric.batches[0]?.active).toBe(true);
  });

  test('with cancel-on: cancel it is cancelled within a second', async () => {
    const { play, step } = await followed(long, { 'cancel-on': 'cancel' });
    let raised = 0;
    play.afterNext(isStatus, minute, () => {
      raised = play.time.now();
      step.interrupt.raise('SIGTERM');
    });
    await expect(step.run()).resolves.toBe(false);
    const [cancel] = play.batchRequests('DELETE');
    expect((cancel?.at ?? Infinity) - raised).toBeLessThanOrEqual(1_000);
    expect(play.fabric.batches[0]?.snapshot().phase).toBe('killed');
  });

  test.each([
    ['leaves it running', {}, 0],
    ['with cancel-on: cancel ends it within a second', { 'cancel-on': 'cancel' }, 1],
  ])('a signal before its first reading is answered %s', async (_, inputs, deletes) => {
    const { play, step } = await followed(long, inputs);
    let raised = 0;
    play.fabric.faults.add({
      when: isStatus,
      fault: { kind: 'hold', moment: 'before', until: new Promise(() => undefined) },
    });
    play.once(isStatus, () => {
      raised = play.time.now();
      step.interrupt.raise('SIGTERM');
    });
    await expect(step.run()).resolves.toBe(false);
    expect(step.runner.outputs).toMatchObject({ result: 'Cancelled', 'error-code': 'CANCELLED' });
    expect(step.runner.onlyError.message).not.toContain('No batch of this step');
    expect(play.batchRequests('DELETE')).toHaveLength(deletes);
    for (const { at } of play.batchRequests('DELETE'))
      expect(at - raised).toBeLessThanOrEqual(1_000);
  });

  test.each([
    ['leaves it running', {}, true],
    ['cancels it when cancel-on holds timeout', { 'cancel-on': 'timeout' }, false],
  ])('timeout-minutes %s', async (_, inputs, active) => {
    const { play, step } = await followed(long, { 'timeout-minutes': '5', ...inputs });
    await expect(step.run()).resolves.toBe(false);
    expect(step.runner.outputs).toMatchObject({ result: 'TimedOut', 'error-code': 'TIMEOUT' });
    const [posted] = play.batchRequests('POST');
    // The two minutes before the step count.
    expect(play.time.now() - (posted?.at ?? 0)).toBeGreaterThanOrEqual(5 * minute);
    expect(play.time.now() - (posted?.at ?? 0)).toBeLessThan(7 * minute);
    await step.post();
    expect(play.fabric.batches[0]?.active).toBe(active);
  });
});
