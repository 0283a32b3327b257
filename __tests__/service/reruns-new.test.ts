import { existsSync } from 'node:fs';
import { describe, expect, jest, test } from '@jest/globals';
import { goodBatch, type BatchScript } from '../../local/engine/scripted.ts';
import {
  isBatches,
  isList,
  isStatus,
  isSubmit,
  nonce,
  stage,
  type Stage,
  type StageOptions,
  uploadName,
} from './stage.ts';
import type { Step } from './step.ts';

jest.setTimeout(30_000);

const minute = 60_000;
const long: BatchScript = { ...goodBatch('at work\n', 10 * 3_600), cancelSeconds: 90 };

/** A first attempt that was killed with its batch at work; later batches are short. */
async function scene(first: BatchScript, options: Partial<StageOptions> = {}): Promise<Stage> {
  const made = await stage({
    script: ({ request }) =>
      request.tags?.['submission'] === nonce(0) ? first : goodBatch('anew\n', 60),
    ...options,
    inputs: { 'run-key': 'nightly/spark', 'on-rerun': 'new', ...options.inputs },
  });
  await made.step().runUntilKilled((kill) => made.afterSubmit(minute, kill));
  return made;
}

function second(of: Stage, inputs: Readonly<Record<string, string>> = {}): Step {
  return of.step({ inputs, env: { GITHUB_RUN_ATTEMPT: '2' } });
}

describe('on-rerun: new', () => {
  test('cancels the batch, waits for its end, then submits', async () => {
    const play = await scene(long);
    let endedBefore = false;
    play.once(isSubmit, () => {
      endedBefore = play.fabric.batches.every(({ active }) => !active);
    });
    const step = second(play);
    await expect(step.run()).resolves.toBe(true);
    expect(endedBefore).toBe(true);
    expect(step.runner.outputs).toMatchObject({ submission: 'submitted', result: 'Succeeded' });
    const [newer, older] = play.fabric.batches;
    expect(step.runner.outputs['batch-id']).toBe(newer?.id);
    expect(older?.snapshot().phase).toBe('killed');
    expect(newer?.snapshot().phase).toBe('success');
    const lines = play.fabric.requests.filter(isBatches);
    const cancel = lines.findIndex(({ method }) => method === 'DELETE');
    const submit = lines.findLastIndex(isSubmit);
    const read = lines.findLastIndex(
      (line) => isStatus(line) && line.path.includes(`${older?.id}`),
    );
    expect(cancel).toBeGreaterThan(0);
    expect(read).toBeGreaterThan(cancel);
    expect(submit).toBeGreaterThan(read);
    expect(lines[submit]?.at ?? 0).toBeLessThan((lines[cancel]?.at ?? 0) + 2 * minute);
  });

  test('does so for other work too', async () => {
    const play = await scene(long);
    const step = second(play, { args: '--other' });
    await expect(step.run()).resolves.toBe(true);
    expect(play.fabric.batches[1]?.snapshot().phase).toBe('killed');
    expect(play.fabric.batches[0]?.request.args).toEqual(['--other']);
  });

  test('deletes the upload of the batch that it ended', async () => {
    const play = await scene(long, {
      inputs: { file: 'main.py' },
      files: { 'main.py': 'print(1)\n' },
    });
    const folder = play.inLakehouse(`Files/.github/${uploadName(0)}`);
    expect(existsSync(folder)).toBe(true);
    await expect(second(play).run()).resolves.toBe(true);
    expect(existsSync(folder)).toBe(false);
  });

  test('leaves alone what has ended', async () => {
    const play = await scene(goodBatch('x\n', 90));
    await play.time.sleep(5 * minute);
    await expect(second(play).run()).resolves.toBe(true);
    expect(play.batchRequests('DELETE')).toEqual([]);
    expect(play.batchRequests('POST')).toHaveLength(2);
  });

  test('submits nothing while the earlier batch does not end: RERUN_NOT_ENDED', async () => {
    const play = await scene({ ...long, deafToCancel: true });
    const step = second(play);
    const start = play.time.now();
    await expect(step.run()).resolves.toBe(false);
    expect(step.runner.outputs).toMatchObject({
      result: 'NotStarted',
      'error-code': 'RERUN_NOT_ENDED',
      submission: 'none',
    });
    expect(play.time.now() - start).toBeGreaterThanOrEqual(10 * minute);
    expect(play.time.now() - start).toBeLessThan(11 * minute);
    expect(play.batchRequests('POST')).toHaveLength(1);
    expect(step.runner.onlyError.message).toContain(play.fabric.batches[0]?.id);
  });

  test('submits nothing when the earlier batch is out of sight: that proves no end', async () => {
    const play = await scene({ ...long, deafToCancel: true });
    const empty = '{"items":[],"totalCountOfMatchedItems":0}';
    play.once(
      (line) => isBatches(line) && line.method === 'DELETE',
      () => {
        play.fabric.faults.add({ when: isStatus, fault: { kind: 'answer', status: 404 } });
        play.fabric.faults.add({ when: isList, fault: { kind: 'rewrite', body: () => empty } });
      },
    );
    const step = second(play);
    await expect(step.run()).resolves.toBe(false);
    expect(step.runner.outputs['error-code']).toBe('RERUN_NOT_ENDED');
    expect(play.batchRequests('POST')).toHaveLength(1);
  });

  test('a signal during the wait: nothing is submitted', async () => {
    const play = await scene({ ...long, cancelSeconds: 300 });
    const step = second(play);
    play.afterNext(isStatus, minute, () => step.interrupt.raise('SIGTERM'));
    await expect(step.run()).resolves.toBe(false);
    expect(step.runner.outputs).toMatchObject({ result: 'Cancelled', submission: 'none' });
    await step.post();
    expect(play.batchRequests('POST')).toHaveLength(1);
  });
});
