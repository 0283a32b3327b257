import { existsSync } from 'node:fs';
import { describe, expect, jest, test } from '@jest/globals';
import { goodBatch, type BatchScript } from '../../local/engine/scripted.ts';
import type { Fault, RequestLine } from '../../local/faults.ts';
import {
  isStatus,
  isSubmit,
  nonce,
  stage,
  type Stage,
  type StageOptions,
  uploadName,
} from './stage.ts';

jest.setTimeout(30_000);

const unheard: Fault = { kind: 'reset', moment: 'after' };
const endless: BatchScript = { steps: [{ at: 5, phase: 'running', stdout: 'at work\n' }] };
const deaf: BatchScript = { ...endless, deafToCancel: true };
/** A kill leaves neither. */
const notSaved = ['settled', 'cause'];

/** A step that runs a file of the checkout. */
async function uploading(options: StageOptions): Promise<Stage> {
  return stage({
    ...options,
    inputs: { file: 'main.py', ...options.inputs },
    files: { 'main.py': 'print(1)\n' },
  });
}

function uploadOf(step: Stage): boolean {
  return existsSync(step.inLakehouse(`Files/.github/${uploadName(0)}/main.py`));
}

/** Main, which loses sight of its batch one minute after the submit and ends. */
async function outOfSight(step: Stage): Promise<void> {
  let mend = (): void => undefined;
  step.afterSubmit(60_000, () => {
    mend = step.fabric.faults.add({ when: isStatus, fault: { kind: 'answer', status: 500 } });
  });
  await expect(step.run()).resolves.toBe(false);
  mend();
  expect(step.fabric.batches.map(({ active }) => active)).not.toContain(false);
}

describe('post keeps the upload', () => {
  test('of a batch that does not end', async () => {
    const step = await uploading({ script: deaf, inputs: { 'outage-minutes': '1' } });
    await outOfSight(step);
    const post = await step.post(notSaved);
    expect(post.warnings.join('\n')).toMatch(/STILL RUNNING|stopping/);
    expect(uploadOf(step)).toBe(true);
  });

  test('of a submit whose batch was not found, since it may still appear', async () => {
    const step = await uploading({ script: endless });
    step.fabric.faults.add({ when: isSubmit, fault: { kind: 'reset', moment: 'before' } });
    await expect(step.run()).resolves.toBe(false);
    const post = await step.post();
    expect(post.warnings.join('\n')).toContain('not found, may still appear');
    expect(uploadOf(step)).toBe(true);
  });

  test('of a batch in doubt that cancel-on leaves running', async () => {
    const step = await uploading({
      script: endless,
      inputs: { 'cancel-on': 'never', 'outage-minutes': '1' },
    });
    step.fabric.faults.add({ when: isSubmit, times: 1, fault: unheard });
    await outOfSight(step);
    expect(step.runner.outputs['submission']).toBe('adopted');
    await step.post(notSaved);
    expect(step.fabric.batches[0]?.active).toBe(true);
    expect(uploadOf(step)).toBe(true);
  });

  test('while one of two batches that use it does not end', async () => {
    const step = await uploading({
      script: ({ request }) => (request.tags?.['submission'] === nonce(0) ? deaf : endless),
      settings: { listLagSeconds: 100 },
      inputs: { 'on-unconfirmed': 'resubmit', 'outage-minutes': '1' },
    });
    step.fabric.faults.add({ when: isSubmit, times: 1, fault: unheard });
    await outOfSight(step);
    await step.time.sleep(60_000);
    const post = await step.post(notSaved);
    const [second, first] = step.fabric.batches;
    expect(post.lines.join('\n')).toContain(`${second?.id ?? ''}: stopped`);
    expect(post.warnings.join('\n')).toContain(first?.id);
    expect(first?.active).toBe(true);
    expect(uploadOf(step)).toBe(true);
  });
});

test('a submit that Fabric refuses takes its upload away', async () => {
  const step = await uploading({ script: goodBatch('x\n') });
  let sawUpload = false;
  step.fabric.faults.add({
    when: (line) => isSubmit(line) && (sawUpload ||= uploadOf(step)),
    fault: { kind: 'answer', status: 400 },
  });
  await expect(step.run()).resolves.toBe(false);
  expect(step.runner.outputs['result']).toBe('NotStarted');
  expect(sawUpload).toBe(true);
  expect(uploadOf(step)).toBe(false);
});

test.each<[string, (line: RequestLine) => boolean]>([
  ['made', ({ path }) => path.includes('resource=file')],
  ['filled', ({ path }) => path.includes('action=append')],
  ['closed', ({ path }) => path.includes('action=flush')],
])('a file that OneLake refuses while it is %s is not run', async (_, which) => {
  for (const status of [400, 412]) {
    const step = await uploading({ script: goodBatch('x\n') });
    step.fabric.faults.add({
      when: (line) => line.host === 'onelake' && which(line),
      fault: { kind: 'answer', status },
    });
    await expect(step.run()).resolves.toBe(false);
    expect(step.runner.outputs).toMatchObject({
      result: 'NotStarted',
      'error-code': 'REQUEST_REFUSED',
    });
    expect(step.error.message).toContain('Uploading');
    expect(step.batchRequests('POST')).toEqual([]);
    expect(uploadOf(step)).toBe(false);
  }
});
