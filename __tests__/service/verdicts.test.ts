import { existsSync } from 'node:fs';
import { describe, expect, jest, test } from '@jest/globals';
import { goodBatch, type BatchScript } from '../../local/engine/scripted.ts';
import { isList, isStatus, stage, type Stage, type StageOptions, uploadName } from './stage.ts';

jest.setTimeout(30_000);

/** A batch whose answers show these fields from second 10 on. */
function saying(
  overlay: Record<string, unknown>,
  phase: 'running' | 'success' = 'running',
): BatchScript {
  return {
    steps: [
      { at: 0, phase: 'starting' },
      { at: 5, phase: 'running', stdout: 'at work\n' },
      { at: 10, phase, overlay },
    ],
  };
}

async function ended(
  script: BatchScript,
  inputs: StageOptions['inputs'] = {},
  files: StageOptions['files'] = {},
): Promise<Stage & { green: boolean }> {
  const step = await stage({ script, inputs, files });
  const green = await step.run();
  return Object.assign(step, { green });
}

/** Seconds from the submit to the last read of the status. */
function seconds(step: Stage): number {
  const start = step.batchRequests('POST')[0]?.at ?? 0;
  return ((step.fabric.requests.filter(isStatus).at(-1)?.at ?? 0) - start) / 1_000;
}

describe('green only when success is proven', () => {
  test.each<[string, Record<string, unknown>]>([
    ['both words', { state: 'success', result: 'Succeeded' }],
    ['state alone', { state: 'success', result: null, fabricBatchStateInfo: null }],
    ['result alone', { state: null, result: 'Succeeded', fabricBatchStateInfo: null }],
    ['words in another case', { state: 'SUCCESS', result: 'SUCCEEDED' }],
    ['no times at all', { state: 'success', livyInfo: null, schedulerInfo: null }],
  ])('%s', async (_, overlay) => {
    const step = await ended(saying(overlay, 'success'));
    expect(step.green).toBe(true);
    expect(step.runner.outputs['result']).toBe('Succeeded');
    expect(seconds(step)).toBeLessThan(20);
  });

  test.each<[string, Record<string, unknown>]>([
    ['Uncertain', { state: 'success', result: 'Uncertain' }],
    ['running', { state: 'running', result: 'Succeeded' }],
  ])('while the other word says %s it is read again for 15 s', async (_, overlay) => {
    const step = await ended(saying(overlay, 'success'));
    expect(step.green).toBe(true);
    expect(seconds(step)).toBeGreaterThanOrEqual(25);
    expect(seconds(step)).toBeLessThan(35);
  });

  test('an uncertain success that turns out a failure is red', async () => {
    const step = await ended({
      steps: [
        { at: 0, phase: 'running' },
        { at: 10, phase: 'success', overlay: { result: 'Uncertain' } },
        { at: 18, overlay: { state: 'dead', result: 'Failed' } },
      ],
    });
    expect(step.green).toBe(false);
    expect(step.runner.outputs['result']).toBe('Failed');
  });
});

describe('a conflict', () => {
  test.each<[string, Record<string, unknown>]>([
    ['success and Failed', { state: 'success', result: 'Failed' }],
    ['dead and Succeeded', { state: 'dead', result: 'Succeeded' }],
    ['success and Cancelled', { state: 'success', result: 'Cancelled' }],
    ['success and error', { state: 'success', fabricBatchStateInfo: { state: 'error' } }],
  ])('%s: read again for 60 s, then Failed', async (_, overlay) => {
    const step = await ended(saying(overlay, 'success'));
    expect(step.green).toBe(false);
    expect(step.runner.outputs).toMatchObject({
      result: 'Failed',
      'error-code': 'STATE_CONFLICT',
    });
    expect(seconds(step)).toBeGreaterThanOrEqual(70);
    expect(seconds(step)).toBeLessThan(80);
  });

  test('that resolves within 60 s leaves no trace', async () => {
    const step = await ended({
      steps: [
        { at: 0, phase: 'running' },
        { at: 10, phase: 'success', overlay: { result: 'Failed' } },
        { at: 40, overlay: { result: 'Succeeded' } },
      ],
    });
    expect(step.green).toBe(true);
    expect(step.runner.errors).toEqual([]);
  });
});

describe('a failure', () => {
  const traceback = [
    'Traceback (most recent call last):',
    '  File "/tmp/main.py", line 3, in <module>',
    '    raise ValueError("17 orders without a customer")',
    'ValueError: 17 orders without a customer',
    '',
  ].join('\n');

  test('of the job: the exception is the error', async () => {
    const step = await ended({
      steps: [
        { at: 0, phase: 'running', stdout: 'start\n' },
        { at: 5, stderr: `INFO one\n${traceback}` },
        { at: 6, phase: 'dead' },
      ],
    });
    expect(step.green).toBe(false);
    expect(step.runner.outputs).toMatchObject({
      result: 'Failed',
      state: 'dead',
      'error-code': 'BATCH_FAILED',
    });
    expect(step.error.title).toBe('Spark batch failed');
    expect(step.error.message).toContain('ValueError: 17 orders without a customer');
    expect(step.runner.summaryText).toContain('ValueError: 17 orders without a customer');
    expect(step.runner.summaryText.split('\n')[0]).toContain('failed');
    expect(step.batchRequests('DELETE')).toEqual([]);
  });

  test.each<[string, Record<string, unknown>]>([
    ['dead', { state: 'dead', result: null }],
    ['DEAD', { state: 'DEAD', result: null }],
    ['error', { state: 'error', result: null }],
    ['Failed', { state: null, result: 'Failed' }],
    ["Fabric's error", { state: null, result: null, fabricBatchStateInfo: { state: 'error' } }],
    ['Failed while running', { state: 'running', result: 'Failed' }],
  ])('in the word %s', async (_, overlay) => {
    const step = await ended(saying(overlay));
    expect(step.green).toBe(false);
    expect(step.runner.outputs).toMatchObject({ result: 'Failed', 'error-code': 'BATCH_FAILED' });
  });

  test('takes the upload away', async () => {
    const step = await ended(
      saying({ state: 'dead' }),
      { file: 'main.py' },
      { 'main.py': 'print(1)\n' },
    );
    expect(existsSync(step.inLakehouse(`Files/.github/${uploadName(0)}`))).toBe(false);
  });

  test('with the capacity error after its application started is a failure', async () => {
    const step = await ended({
      steps: [
        { at: 0, phase: 'running' },
        {
          at: 10,
          phase: 'error',
          error: { code: 'X', message: '[TooManyRequestsForCapacity] HTTP Response code 430' },
        },
      ],
    });
    expect(step.runner.outputs['result']).toBe('Failed');
    expect(step.batchRequests('POST')).toHaveLength(1);
  });
});

describe('cancelled and expired', () => {
  test.each<[string, BatchScript]>([
    [
      'killed',
      {
        steps: [
          { at: 0, phase: 'running' },
          { at: 20, phase: 'killed' },
        ],
      },
    ],
    ['Cancelled', saying({ state: null, result: 'Cancelled' })],
    [
      "Fabric's cancelled",
      saying({ state: null, result: null, fabricBatchStateInfo: { state: 'cancelled' } }),
    ],
  ])('%s elsewhere', async (_, script) => {
    const step = await ended(script);
    expect(step.green).toBe(false);
    expect(step.runner.outputs).toMatchObject({
      result: 'Cancelled',
      'error-code': 'CANCELLED_ELSEWHERE',
    });
    expect(step.batchRequests('DELETE')).toEqual([]);
    expect(step.error.message).toContain('someone else');
  });

  test('expired in the queue', async () => {
    const step = await ended({
      steps: [
        {
          at: 30,
          overlay: { state: null, result: null, fabricBatchStateInfo: { state: 'expired' } },
        },
      ],
    });
    expect(step.green).toBe(false);
    expect(step.runner.outputs).toMatchObject({
      result: 'NotStarted',
      'error-code': 'QUEUE_EXPIRED',
    });
    expect(step.batchRequests('POST')).toHaveLength(1);
  });
});

describe('words that nobody knows', () => {
  test('warn once and are waited through', async () => {
    const step = await ended({
      steps: [
        { at: 0, phase: 'running' },
        { at: 10, overlay: { state: 'hibernating' } },
        { at: 300, phase: 'success', overlay: { state: 'success' } },
      ],
    });
    expect(step.green).toBe(true);
    expect(step.runner.warnings.filter((text) => text.includes('hibernating'))).toHaveLength(1);
    expect(step.batchRequests('DELETE')).toEqual([]);
  });

  test.each<[string, Record<string, unknown>]>([
    ['a new word', { state: 'hibernating' }],
    ['no word', { state: null, result: null, fabricBatchStateInfo: null }],
    ['fields of other types', { state: 7, result: ['x'], fabricBatchStateInfo: 'error' }],
  ])('%s for longer than outage-minutes with no sign of life: Unknown', async (_, overlay) => {
    const step = await ended(saying(overlay), {
      'outage-minutes': '10',
      'cancel-on': 'cancel,timeout',
    });
    expect(step.green).toBe(false);
    expect(step.runner.outputs).toMatchObject({
      result: 'Unknown',
      'error-code': 'UNKNOWN_STATE',
    });
    expect(seconds(step)).toBeGreaterThanOrEqual(600);
    expect(seconds(step)).toBeLessThan(660);
    expect(step.batchRequests('DELETE')).toEqual([]);
  });

  test('with a log that grows go on', async () => {
    const lines = Array.from({ length: 60 }, (_, index) => ({
      at: 20 + index * 60,
      stdout: `line ${index}\n`,
    }));
    const step = await ended(
      {
        steps: [
          { at: 0, phase: 'running' },
          { at: 10, overlay: { state: 'hibernating' } },
          ...lines,
          { at: 3_700, phase: 'success', overlay: { state: 'success' } },
        ],
      },
      { 'outage-minutes': '10' },
    );
    expect(step.green).toBe(true);
    expect(step.logFile('stdout.log').toString().split('\n')).toHaveLength(61);
  });

  test('with an end time: Unknown after a minute', async () => {
    const step = await ended(saying({ state: null, result: null }, 'success'));
    expect(step.green).toBe(false);
    expect(step.runner.outputs['error-code']).toBe('UNKNOWN_STATE');
    expect(seconds(step)).toBeLessThan(90);
  });

  test('on the way with every word missing for a while', async () => {
    const step = await ended({
      steps: [
        { at: 0, phase: 'running', overlay: { state: null, result: null } },
        { at: 400, phase: 'success', overlay: { state: 'success', result: 'Succeeded' } },
      ],
    });
    expect(step.green).toBe(true);
  });
});

describe('a batch that is not found any more', () => {
  async function vanishing(script: BatchScript): Promise<Stage> {
    const step = await stage({
      script,
      inputs: { 'outage-minutes': '10', file: 'main.py' },
      files: { 'main.py': 'print(1)\n' },
    });
    step.afterSubmit(100_000, () => {
      step.fabric.faults.add({ when: isStatus, fault: { kind: 'answer', status: 404 } });
    });
    return step;
  }

  test('and is absent from the list: Unknown', async () => {
    const step = await vanishing(goodBatch('x\n', 36_000));
    step.fabric.faults.add({
      when: isList,
      fault: {
        kind: 'answer',
        status: 200,
        headers: { 'content-type': 'application/json' },
        body: '{"items":[],"totalCountOfMatchedItems":0}',
      },
    });
    await expect(step.run()).resolves.toBe(false);
    expect(step.runner.outputs).toMatchObject({
      result: 'Unknown',
      'error-code': 'BATCH_VANISHED',
    });
    expect(seconds(step)).toBeGreaterThanOrEqual(160);
    expect(seconds(step)).toBeLessThan(190);
    // Not proven to have ended: its upload stays, and it is not cancelled.
    expect(existsSync(step.inLakehouse(`Files/.github/${uploadName(0)}/main.py`))).toBe(true);
    expect(step.batchRequests('DELETE')).toEqual([]);
  });

  test('and whose list cannot be read is an outage', async () => {
    const step = await vanishing(goodBatch('x\n', 36_000));
    step.fabric.faults.add({ when: isList, fault: { kind: 'answer', status: 500 } });
    await expect(step.run()).resolves.toBe(false);
    expect(step.runner.outputs['error-code']).toBe('STATUS_UNREADABLE');
  });

  test('and stands in the list is an outage', async () => {
    const step = await vanishing(goodBatch('x\n', 36_000));
    await expect(step.run()).resolves.toBe(false);
    expect(step.runner.outputs['error-code']).toBe('STATUS_UNREADABLE');
    expect(seconds(step)).toBeGreaterThanOrEqual(690);
  });

  test('for 40 s only', async () => {
    const step = await stage({ script: goodBatch('x\n', 300) });
    step.afterSubmit(100_000, () => {
      const mend = step.fabric.faults.add({
        when: isStatus,
        fault: { kind: 'answer', status: 404 },
      });
      step.time.after(40_000, mend);
    });
    await expect(step.run()).resolves.toBe(true);
  });
});

test('a status that is no JSON is read again', async () => {
  const step = await stage({ script: goodBatch('x\n', 60) });
  step.fabric.faults.add({
    when: isStatus,
    times: 3,
    fault: { kind: 'answer', status: 200, body: '<html>hello</html>' },
  });
  await expect(step.run()).resolves.toBe(true);
});
