import { describe, expect, jest, test } from '@jest/globals';
import { goodBatch, type BatchScript } from '../../local/engine/scripted.ts';
import { isBatches, isStatus, stage, type Stage } from './stage.ts';
import type { Step } from './step.ts';

jest.setTimeout(30_000);

const minute = 60_000;
const long = goodBatch('at work\n', 10 * 3_600);
const unknownId = '99999999-0a51-4c1e-9d5b-1d2f3a4b5c61';

/** A batch that was handed over a minute ago, and the step that cancels it. */
async function play(script: BatchScript, id?: string): Promise<{ scene: Stage; step: Step }> {
  const scene = await stage({ script });
  const submitter = scene.step({ inputs: { wait: 'false' } });
  await submitter.run();
  await scene.time.sleep(minute);
  const batch = id ?? submitter.runner.outputs['batch-id'] ?? '';
  const step = scene.step({
    inputs: { operation: 'cancel', 'batch-id': batch },
    without: ['file'],
  });
  return { scene, step };
}

describe('operation: cancel', () => {
  test('sends DELETE, waits for the proven end and is green', async () => {
    const { scene, step } = await play({ ...long, cancelSeconds: 90 });
    await expect(step.run()).resolves.toBe(true);
    const [batch] = scene.fabric.batches;
    expect(batch?.snapshot().phase).toBe('killed');
    expect(step.runner.outputs['batch-id']).toBe(batch?.id);
    expect(step.runner.outputs['state']).toBe('killed');
    expect(step.runner.outputs['error-code'] ?? '').toBe('');
    expect(step.runner.errors).toEqual([]);
    const [cancel] = scene.batchRequests('DELETE');
    const last = scene.fabric.requests.filter(isStatus).at(-1);
    expect((last?.at ?? 0) - (cancel?.at ?? 0)).toBeGreaterThanOrEqual(90_000);
    expect(scene.batchRequests('POST')).toHaveLength(1);
  });

  test('takes an end of its own for the end', async () => {
    const { step } = await play({ ...goodBatch('x\n', 120), deafToCancel: true });
    await expect(step.run()).resolves.toBe(true);
    expect(step.runner.outputs['state']).toBe('success');
  });

  test.each([
    ['succeeded', goodBatch('x\n', 30)],
    [
      'failed',
      {
        steps: [
          { at: 1, phase: 'running' },
          { at: 5, phase: 'dead' },
        ],
      },
    ],
  ] satisfies [string, BatchScript][])(
    'sends no DELETE for a batch that has %s, and is green',
    async (_, script) => {
      const { scene, step } = await play(script);
      await expect(step.run()).resolves.toBe(true);
      expect(scene.batchRequests('DELETE')).toEqual([]);
      expect(step.runner.errors).toEqual([]);
    },
  );

  test('of a batch that Fabric does not know is red', async () => {
    const { scene, step } = await play(long, unknownId);
    await expect(step.run()).resolves.toBe(false);
    expect(step.runner.onlyError.message).toContain(unknownId);
    expect(step.runner.outputs['error-code']).not.toBe('INTERNAL');
    expect(scene.fabric.batches[0]?.active).toBe(true);
  });

  test('is red as STILL_RUNNING, with the link, when the batch does not end in 4 minutes', async () => {
    const { scene, step } = await play({ ...long, deafToCancel: true });
    const start = scene.time.now();
    await expect(step.run()).resolves.toBe(false);
    expect(scene.time.now() - start).toBeGreaterThanOrEqual(4 * minute);
    expect(scene.time.now() - start).toBeLessThan(5 * minute);
    expect(step.runner.outputs).toMatchObject({ result: 'Unknown', 'error-code': 'STILL_RUNNING' });
    expect(step.runner.onlyError.message).toContain(step.runner.outputs['run-url']);
    expect(step.runner.outputs['run-url']).toContain(scene.fabric.batches[0]?.id);
  });

  test('sends a DELETE that fails again', async () => {
    const { scene, step } = await play(long);
    scene.fabric.faults.add({
      when: (line) => isBatches(line) && line.method === 'DELETE',
      times: 2,
      fault: { kind: 'answer', status: 503 },
    });
    await expect(step.run()).resolves.toBe(true);
    expect(scene.fabric.batches[0]?.snapshot().phase).toBe('killed');
  });

  test('is red when the service refuses the DELETE', async () => {
    const { scene, step } = await play(long);
    scene.fabric.faults.add({
      when: (line) => isBatches(line) && line.method === 'DELETE',
      fault: { kind: 'answer', status: 403 },
    });
    await expect(step.run()).resolves.toBe(false);
    expect(step.runner.outputs['result']).not.toBe('Cancelled');
    expect(scene.fabric.batches[0]?.active).toBe(true);
  });

  test('leaves nothing to post', async () => {
    const { scene, step } = await play(long);
    await step.run();
    const before = scene.fabric.requests.length;
    const post = await step.post();
    expect(scene.fabric.requests).toHaveLength(before);
    expect([...post.warnings, ...post.errors]).toEqual([]);
  });

  test('needs a batch-id, and sends nothing without', async () => {
    const scene = await stage({ script: long });
    const step = scene.step({ inputs: { operation: 'cancel' }, without: ['file'] });
    await expect(step.run()).resolves.toBe(false);
    expect(step.runner.outputs).toMatchObject({
      result: 'NotStarted',
      'error-code': 'INPUT_INVALID',
    });
    expect(step.runner.onlyError.message).toContain('batch-id');
    expect(scene.fabric.requests).toEqual([]);
  });

  test('another word than run, cancel or sweep is an input error', async () => {
    const scene = await stage({ script: long, inputs: { operation: 'stop' } });
    await expect(scene.run()).resolves.toBe(false);
    expect(scene.runner.outputs['error-code']).toBe('INPUT_INVALID');
    expect(scene.error.message).toContain('operation');
    expect(scene.fabric.requests).toEqual([]);
  });
});
