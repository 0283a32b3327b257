import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, jest, test } from '@jest/globals';
import type { BatchScript } from '../../local/engine/scripted.ts';
import {
  isList,
  isStatus,
  isSubmit,
  stage,
  type Stage,
  type StageOptions,
  uploadName,
} from './stage.ts';
import type { Step, StepOptions } from './step.ts';

jest.setTimeout(30_000);

const minute = 60_000;
const text = 'before the kill\nafter the kill\n';
const job: BatchScript = {
  steps: [
    { at: 0, phase: 'starting' },
    { at: 5, phase: 'running', stdout: 'before the kill\n' },
    { at: 120, stdout: 'after the kill\n' },
    { at: 180, phase: 'success' },
  ],
};

function play(options: Partial<StageOptions> = {}): Promise<Stage> {
  const inputs = { 'run-key': 'nightly/spark', ...options.inputs };
  return stage({ script: job, ...options, inputs });
}

function attempt(of: Stage, number: number, options: StepOptions = {}): Step {
  return of.step({ ...options, env: { GITHUB_RUN_ATTEMPT: String(number), ...options.env } });
}

/** The first attempt, whose main is killed a minute after its submit and whose post never runs. */
async function killedFirst(of: Stage): Promise<Step> {
  const first = attempt(of, 1);
  await first.runUntilKilled((kill) => of.afterSubmit(minute, kill));
  return first;
}

describe('a re-run while the batch of the killed attempt is active', () => {
  test('follows it: attached, one POST in all, the log whole, the verdict its own', async () => {
    const scene = await play();
    const first = await killedFirst(scene);
    const second = attempt(scene, 2);
    await expect(second.run()).resolves.toBe(true);
    expect(scene.batchRequests('POST')).toHaveLength(1);
    expect(scene.batchRequests('DELETE')).toEqual([]);
    expect(second.runner.outputs).toMatchObject({
      submission: 'attached',
      result: 'Succeeded',
      state: 'success',
      'batch-id': first.runner.outputs['batch-id'],
      'application-id': first.runner.outputs['application-id'],
      'run-url': first.runner.outputs['run-url'],
      'file-uri': first.runner.outputs['file-uri'],
    });
    expect(second.runner.logFile('stdout.log').toString()).toBe(text);
    expect(second.runner.lines).toEqual(
      expect.arrayContaining(['before the kill', 'after the kill']),
    );
  });

  test('is red when that batch fails', async () => {
    const script: BatchScript = {
      steps: [
        { at: 5, phase: 'running' },
        { at: 180, phase: 'dead' },
      ],
    };
    const scene = await play({ script });
    await killedFirst(scene);
    const second = attempt(scene, 2);
    await expect(second.run()).resolves.toBe(false);
    expect(second.runner.outputs).toMatchObject({
      submission: 'attached',
      result: 'Failed',
      'error-code': 'BATCH_FAILED',
    });
    expect(scene.batchRequests('POST')).toHaveLength(1);
  });

  test('of the first by a third one follows it too', async () => {
    const scene = await play();
    await killedFirst(scene);
    const third = attempt(scene, 3);
    await expect(third.run()).resolves.toBe(true);
    expect(third.runner.outputs['submission']).toBe('attached');
  });

  test('is followed again by a third attempt when the second is killed too', async () => {
    const scene = await play();
    await killedFirst(scene);
    const second = attempt(scene, 2);
    await second.runUntilKilled((kill) => scene.afterNext(isStatus, minute, kill));
    const third = attempt(scene, 3);
    await expect(third.run()).resolves.toBe(true);
    expect(third.runner.outputs['submission']).toBe('attached');
    expect(scene.batchRequests('POST')).toHaveLength(1);
  });

  test('is the same work although {attempt} and {submission} stand in args and conf', async () => {
    const scene = await play({
      inputs: {
        args: '--out\nFiles/out/{attempt}/{submission}',
        conf: 'spark.app.of={run-id}-{attempt}-{submission}',
      },
    });
    await killedFirst(scene);
    const second = attempt(scene, 2);
    await expect(second.run()).resolves.toBe(true);
    expect(second.runner.outputs['submission']).toBe('attached');
  });

  test('is the same work although the upload has another URI, and its upload is deleted', async () => {
    const scene = await play({ inputs: { file: 'main.py' }, files: { 'main.py': 'print(1)\n' } });
    await killedFirst(scene);
    expect(existsSync(scene.inLakehouse(`Files/.github/${uploadName(0)}/main.py`))).toBe(true);
    let whileRunning = false;
    scene.afterNext(isStatus, minute, () => {
      whileRunning = existsSync(scene.inLakehouse(`Files/.github/${uploadName(0)}/main.py`));
    });
    const second = attempt(scene, 2);
    await expect(second.run()).resolves.toBe(true);
    expect(second.runner.outputs['submission']).toBe('attached');
    expect(whileRunning).toBe(true);
    expect(readdirSync(scene.inLakehouse('Files/.github'))).toEqual([]);
  });

  test('with another timeout-minutes is the same work', async () => {
    const scene = await play();
    await killedFirst(scene);
    const second = attempt(scene, 2, { inputs: { 'timeout-minutes': '60', logs: 'stdout' } });
    await expect(second.run()).resolves.toBe(true);
    expect(second.runner.outputs['submission']).toBe('attached');
  });

  test('with on-rerun: attach follows it as well', async () => {
    const scene = await play({ inputs: { 'on-rerun': 'attach' } });
    await killedFirst(scene);
    const second = attempt(scene, 2);
    await expect(second.run()).resolves.toBe(true);
    expect(second.runner.outputs['submission']).toBe('attached');
    expect(scene.batchRequests('POST')).toHaveLength(1);
  });
});

describe('a re-run after the batch of the killed attempt has succeeded', () => {
  test('submits anew: attach-if-running takes none that has ended', async () => {
    const scene = await play();
    await killedFirst(scene);
    await scene.time.sleep(5 * minute);
    const second = attempt(scene, 2);
    await expect(second.run()).resolves.toBe(true);
    expect(second.runner.outputs['submission']).toBe('submitted');
    expect(scene.batchRequests('POST')).toHaveLength(2);
  });

  test.each([2, 3])('with on-rerun: attach takes it, from attempt %i', async (number) => {
    const scene = await play({ inputs: { 'on-rerun': 'attach' } });
    const first = await killedFirst(scene);
    await scene.time.sleep(5 * minute);
    const later = attempt(scene, number);
    await expect(later.run()).resolves.toBe(true);
    expect(scene.batchRequests('POST')).toHaveLength(1);
    expect(later.runner.outputs).toMatchObject({
      submission: 'attached',
      result: 'Succeeded',
      'batch-id': first.runner.outputs['batch-id'],
    });
    expect(later.runner.logFile('stdout.log').toString()).toBe(text);
  });

  test('with on-rerun: attach one that failed is not taken', async () => {
    let batches = 0;
    const failing: BatchScript = {
      steps: [
        { at: 5, phase: 'running' },
        { at: 90, phase: 'dead' },
      ],
    };
    const scene = await play({
      script: () => (batches++ === 0 ? failing : job),
      inputs: { 'on-rerun': 'attach' },
    });
    await killedFirst(scene);
    await scene.time.sleep(5 * minute);
    const second = attempt(scene, 2);
    await expect(second.run()).resolves.toBe(true);
    expect(second.runner.outputs['submission']).toBe('submitted');
  });
});

test('the batch of a lower attempt is looked for before the submit', async () => {
  const scene = await play();
  const second = attempt(scene, 2);
  await expect(second.run()).resolves.toBe(true);
  expect(second.runner.outputs['submission']).toBe('submitted');
  const { requests } = scene.fabric;
  const list = requests.findIndex(isList);
  expect(list).toBeGreaterThan(-1);
  expect(list).toBeLessThan(requests.findIndex(isSubmit));
});

test('on attempt 1 no list is read, whatever is running', async () => {
  const scene = await play();
  await killedFirst(scene);
  const other = attempt(scene, 1);
  await expect(other.run()).resolves.toBe(true);
  expect(other.runner.outputs['submission']).toBe('submitted');
  expect(scene.fabric.requests.filter(isList)).toEqual([]);
  expect(scene.fabric.requests.filter(isStatus)).not.toEqual([]);
});

test('a batch that the list still shows as running is read itself: one that ended is not followed', async () => {
  const script: BatchScript = {
    steps: [
      { at: 5, phase: 'running' },
      { at: 70, phase: 'dead' },
    ],
  };
  const scene = await play({ script });
  const first = await killedFirst(scene);
  await scene.time.sleep(minute);
  const behind = (sent: string): string =>
    sent.replaceAll(/"(?:dead|Failed|Ended)"/g, '"running"').replaceAll(/"endedAt":/g, '"endsAt":');
  scene.fabric.faults.add({ when: isList, fault: { kind: 'rewrite', body: behind } });
  const second = attempt(scene, 2);
  await second.run();
  expect(second.runner.outputs['submission']).toBe('submitted');
  expect(second.runner.outputs['batch-id']).not.toBe(first.runner.outputs['batch-id']);
});

test('the ids are outputs before the list is read, which may take long', async () => {
  const scene = await play();
  const second = attempt(scene, 2);
  let known: Readonly<Record<string, string>> = {};
  scene.once(isList, () => (known = { ...second.runner.outputs }));
  await second.run();
  expect(Object.keys(known)).toEqual(expect.arrayContaining(['workspace-id', 'lakehouse-id']));
});
