import { existsSync } from 'node:fs';
import { describe, expect, jest, test } from '@jest/globals';
import type { BatchScript } from '../../local/engine/scripted.ts';
import { isStatus, stage, type Stage, type StageOptions, uploadName } from './stage.ts';
import type { Step, StepOptions } from './step.ts';

jest.setTimeout(30_000);

const minute = 60_000;
const long: BatchScript = {
  steps: [
    { at: 5, phase: 'running', stdout: 'at work\n' },
    { at: 36_000, phase: 'success' },
  ],
};

function play(options: Partial<StageOptions> = {}): Promise<Stage> {
  const inputs = { 'run-key': 'nightly/spark', ...options.inputs };
  return stage({ script: long, ...options, inputs });
}

/** The first attempt, whose main is killed a minute after its submit and whose post never runs. */
async function killedFirst(of: Stage): Promise<void> {
  await of.step().runUntilKilled((kill) => of.afterSubmit(minute, kill));
}

function rerun(of: Stage, options: StepOptions = {}): Step {
  return of.step({ ...options, env: { GITHUB_RUN_ATTEMPT: '2' } });
}

describe('a signal while attached', () => {
  test('cancels the batch within a second: it is ours', async () => {
    const scene = await play();
    await killedFirst(scene);
    const second = rerun(scene);
    let raised = 0;
    scene.afterNext(isStatus, 3 * minute, () => {
      raised = scene.time.now();
      second.interrupt.raise('SIGINT');
    });
    await expect(second.run()).resolves.toBe(false);
    const [cancel] = scene.batchRequests('DELETE');
    expect((cancel?.at ?? 0) - raised).toBeLessThanOrEqual(1_000);
    expect(second.runner.outputs).toMatchObject({ result: 'Cancelled', submission: 'attached' });
    expect(scene.fabric.batches[0]?.snapshot().phase).toBe('killed');
  });

  test('that kills main: post ends the batch and deletes the upload', async () => {
    const scene = await play({
      inputs: { file: 'main.py' },
      files: { 'main.py': 'print(1)\n' },
    });
    await killedFirst(scene);
    const second = rerun(scene);
    await second.runUntilKilled((kill) => scene.afterNext(isStatus, 3 * minute, kill));
    const post = await second.post();
    expect(scene.fabric.batches[0]?.snapshot().phase).toBe('killed');
    expect(post.lines.join('\n')).toContain('stopped');
    expect(existsSync(scene.inLakehouse(`Files/.github/${uploadName(0)}`))).toBe(false);
  });
});

test('a batch that is being cancelled is not attached: its end is waited for, then a new one runs', async () => {
  let started = 0;
  const ending: BatchScript = { ...long, cancelSeconds: 150 };
  const anew: BatchScript = {
    steps: [
      { at: 5, phase: 'running' },
      { at: 60, phase: 'success' },
    ],
  };
  const scene = await play({ script: () => (started++ === 0 ? ending : anew) });
  const first = scene.step();
  scene.afterSubmit(minute, () => first.interrupt.raise('SIGINT'));
  await expect(first.run()).resolves.toBe(false);
  const second = rerun(scene);
  await expect(second.run()).resolves.toBe(true);
  expect(second.runner.outputs).toMatchObject({ submission: 'submitted', result: 'Succeeded' });
  expect(second.runner.story).toContain('its end is waited for before a new one is submitted');
  expect(scene.batchRequests('DELETE')).toHaveLength(1);
  expect(scene.fabric.batches.map((batch) => batch.snapshot().phase)).toEqual([
    'success',
    'killed',
  ]);
});

test('with cancel-on: never a signal leaves the batch running', async () => {
  const scene = await play({ inputs: { 'cancel-on': 'never' } });
  await killedFirst(scene);
  const second = rerun(scene);
  scene.afterNext(isStatus, minute, () => second.interrupt.raise('SIGINT'));
  await expect(second.run()).resolves.toBe(false);
  await second.post();
  expect(scene.batchRequests('DELETE')).toEqual([]);
  expect(scene.fabric.batches[0]?.active).toBe(true);
});

test('with wait: false a re-run hands the same batch over again', async () => {
  const scene = await play({ inputs: { wait: 'false' } });
  await scene.step().run();
  const second = rerun(scene);
  await expect(second.run()).resolves.toBe(true);
  expect(second.runner.outputs).toMatchObject({
    result: 'Submitted',
    submission: 'attached',
    'batch-id': scene.fabric.batches[0]?.id,
  });
  expect(scene.batchRequests('POST')).toHaveLength(1);
});

test('beside a batch that has failed, the one that is active is followed', async () => {
  const failing: BatchScript = {
    steps: [
      { at: 5, phase: 'running' },
      { at: 90, phase: 'dead' },
    ],
  };
  let batches = 0;
  const scene = await play({ script: () => (batches++ === 0 ? failing : long) });
  await killedFirst(scene);
  await scene.time.sleep(5 * minute);
  await killedFirst(scene);
  const second = rerun(scene, { inputs: { 'timeout-minutes': '10' } });
  await expect(second.run()).resolves.toBe(false);
  expect(second.runner.outputs).toMatchObject({
    submission: 'attached',
    'batch-id': scene.fabric.batches[0]?.id,
  });
  expect(scene.batchRequests('POST')).toHaveLength(2);
});

test('with keep-upload the upload stays after the end', async () => {
  const scene = await play({
    script: {
      steps: [
        { at: 5, phase: 'running' },
        { at: 180, phase: 'success' },
      ],
    },
    inputs: { file: 'main.py', 'keep-upload': 'true' },
    files: { 'main.py': 'print(1)\n' },
  });
  await killedFirst(scene);
  const second = rerun(scene);
  await expect(second.run()).resolves.toBe(true);
  expect(second.runner.outputs['submission']).toBe('attached');
  expect(existsSync(scene.inLakehouse(`Files/.github/${uploadName(0)}/main.py`))).toBe(true);
});

describe('while attached, time counts from the acceptance of the batch', () => {
  test.each([
    ['timeout-minutes', {}],
    ['queue-timeout-minutes', { queueSeconds: 36_000 }],
  ])('%s', async (limit, settings) => {
    const scene = await play({ settings });
    await killedFirst(scene);
    await scene.time.sleep(4 * minute);
    const second = rerun(scene, { inputs: { [limit]: '10' } });
    await expect(second.run()).resolves.toBe(false);
    expect(second.runner.outputs['result']).toBe('TimedOut');
    const [posted] = scene.batchRequests('POST');
    const [cancel] = scene.batchRequests('DELETE');
    const after = (cancel?.at ?? 0) - (posted?.at ?? 0);
    expect(after).toBeGreaterThanOrEqual(10 * minute);
    expect(after).toBeLessThan(10 * minute + 15_000);
  });

  test('queued-seconds and running-seconds', async () => {
    const script: BatchScript = {
      steps: [
        { at: 5, phase: 'running' },
        { at: 180, phase: 'success' },
      ],
    };
    const scene = await play({ script });
    await killedFirst(scene);
    const second = rerun(scene);
    await second.run();
    const { outputs } = second.runner;
    expect(Math.abs(Number(outputs['queued-seconds']) - 5)).toBeLessThanOrEqual(4);
    expect(Math.abs(Number(outputs['running-seconds']) - 175)).toBeLessThanOrEqual(8);
  });
});
