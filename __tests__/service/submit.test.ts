import { describe, expect, jest, test } from '@jest/globals';
import { goodBatch } from '../../local/engine/scripted.ts';
import type { Fault } from '../../local/faults.ts';
import {
  isList,
  isStatus,
  isSubmit,
  nonce,
  stage,
  type Stage,
  type StageOptions,
} from './stage.ts';

jest.setTimeout(30_000);

const html = {
  headers: { 'content-type': 'text/html' },
  body: '<html><body>The service is unavailable.</body></html>',
};

async function faulty(
  fault: Fault,
  settings: StageOptions['settings'] = {},
  seconds = 100,
): Promise<Stage> {
  const step = await stage({ script: goodBatch('x\n', seconds), settings });
  step.fabric.faults.add({ when: isSubmit, times: 1, fault });
  return step;
}

function readings(step: Stage): number[] {
  return step.fabric.requests.filter(isList).map(({ at }) => at);
}

describe('the effect took place and the reply was lost', () => {
  const faults: [name: string, fault: Fault][] = [
    ['reset', { kind: 'reset', moment: 'after' }],
    ['reply cut', { kind: 'cut' }],
    ['reply without a body', { kind: 'cut', bytes: 0 }],
    ['503 as HTML', { kind: 'answer', moment: 'after', status: 503, ...html }],
    ['408', { kind: 'answer', moment: 'after', status: 408 }],
    ['500', { kind: 'answer', moment: 'after', status: 500 }],
    ['202 without an id', { kind: 'answer', moment: 'after', status: 202, body: '{}' }],
    ['200 as HTML', { kind: 'answer', moment: 'after', status: 200, ...html }],
  ];

  test.each(faults)('%s: the batch is adopted', async (_, fault) => {
    const step = await faulty(fault);
    await expect(step.run()).resolves.toBe(true);
    expect(step.fabric.batches).toHaveLength(1);
    expect(step.batchRequests('POST')).toHaveLength(1);
    expect(step.runner.outputs).toMatchObject({
      submission: 'adopted',
      result: 'Succeeded',
      'batch-id': step.fabric.batches[0]?.id,
    });
    expect(step.runner.states['batch-id']).toBe(step.fabric.batches[0]?.id);
    expect(step.story).toContain('(adopted)');
  });

  test('a list that lags 20 s', async () => {
    const step = await faulty({ kind: 'reset', moment: 'after' }, { listLagSeconds: 20 });
    await expect(step.run()).resolves.toBe(true);
    expect(step.fabric.batches).toHaveLength(1);
    expect(step.batchRequests('POST')).toHaveLength(1);
    expect(step.runner.outputs['submission']).toBe('adopted');
  });

  test('a list that lags 44 s', async () => {
    const step = await faulty({ kind: 'reset', moment: 'after' }, { listLagSeconds: 44 });
    await expect(step.run()).resolves.toBe(true);
    expect(step.runner.outputs['submission']).toBe('adopted');
  });

  test('a server that drops tags: by the digits in the name', async () => {
    const step = await faulty({ kind: 'reset', moment: 'after' }, { tagsKept: false });
    await expect(step.run()).resolves.toBe(true);
    expect(step.runner.outputs['submission']).toBe('adopted');
  });

  test('a list of several pages: all of them are read', async () => {
    const step = await stage({ script: goodBatch('x\n', 10_000), settings: { pageSize: 1 } });
    // Two batches that came while the reply was on its way stand on the pages before ours.
    step.fabric.faults.add({
      when: isSubmit,
      times: 1,
      fault: { kind: 'reset', moment: 'after' },
    });
    const later = step.secondStep();
    step.afterSubmit(1_000, () => later.start());
    await expect(step.run()).resolves.toBe(true);
    await later.end;
    expect(step.runner.outputs['submission']).toBe('adopted');
    expect(step.fabric.batches).toHaveLength(2);
    expect(step.runner.outputs['batch-id']).toBe(step.fabric.batches[1]?.id);
  });

  test('a list that cannot be read at first', async () => {
    const step = await faulty({ kind: 'reset', moment: 'after' }, {}, 400);
    step.fabric.faults.add({
      when: isList,
      times: 8,
      fault: { kind: 'answer', status: 503, ...html },
    });
    await expect(step.run()).resolves.toBe(true);
    expect(step.runner.outputs['submission']).toBe('adopted');
    expect(step.batchRequests('POST')).toHaveLength(1);
  });

  test('a batch of someone else is not adopted', async () => {
    const step = await stage({ script: goodBatch('x\n', 100) });
    await expect(step.run()).resolves.toBe(true);
    const foreign = step.fabric.batches[0]?.id;
    step.fabric.faults.add({
      when: isSubmit,
      times: 1,
      fault: { kind: 'reset', moment: 'before' },
    });
    await expect(step.run()).resolves.toBe(false);
    expect(step.fabric.batches.map(({ id }) => id)).toEqual([foreign]);
    expect(step.runner.outputs).toMatchObject({ result: 'Unknown', submission: 'unconfirmed' });
  });
});

describe('nothing shows what became of the submit', () => {
  const faults: [name: string, fault: Fault][] = [
    ['reset before the effect', { kind: 'reset', moment: 'before' }],
    ['408 before the effect', { kind: 'answer', status: 408 }],
    ['502 before the effect', { kind: 'answer', status: 502, ...html }],
  ];

  test.each(faults)('%s: red, and not submitted again', async (_, fault) => {
    const step = await faulty(fault);
    await expect(step.run()).resolves.toBe(false);
    expect(step.batchRequests('POST')).toHaveLength(1);
    expect(step.fabric.batches).toEqual([]);
    expect(step.runner.outputs).toMatchObject({
      result: 'Unknown',
      submission: 'unconfirmed',
      'error-code': 'SUBMIT_UNCONFIRMED',
    });
    expect(step.error.message).toContain(nonce(0).slice(0, 12));
    expect(step.runner.states['settled']).toBeUndefined();
  });

  test('the list is read at least three times over 45 s, at growing intervals', async () => {
    const step = await faulty({ kind: 'reset', moment: 'before' });
    await step.run();
    const times = readings(step);
    expect(times.length).toBeGreaterThanOrEqual(3);
    const posted = step.batchRequests('POST')[0]?.at ?? 0;
    expect((times.at(-1) ?? 0) - posted).toBeGreaterThanOrEqual(45_000);
    const pauses = times.slice(1).map((at, index) => at - (times[index] ?? 0));
    expect(pauses).toEqual([...pauses].sort((a, b) => a - b));
  });

  test('a reading that fails is no whole reading', async () => {
    const step = await faulty({ kind: 'reset', moment: 'before' });
    step.fabric.faults.add({
      when: isList,
      times: 10,
      fault: { kind: 'answer', status: 503, ...html },
    });
    await step.run();
    const whole = step.fabric.requests.filter((entry) => isList(entry) && entry.status === 200);
    expect(whole.length).toBeGreaterThanOrEqual(3);
  });

  test('an upload stays, since its batch may still appear', async () => {
    const step = await stage({
      script: goodBatch('x\n'),
      inputs: { file: 'main.py' },
      files: { 'main.py': 'print(1)\n' },
    });
    step.fabric.faults.add({ when: isSubmit, fault: { kind: 'reset', moment: 'before' } });
    await expect(step.run()).resolves.toBe(false);
    const deleted = step.fabric.requests.filter(
      ({ host, method }) => host === 'onelake' && method === 'DELETE',
    );
    expect(deleted).toEqual([]);
  });

  test('post cancels the batch that appears late', async () => {
    const step = await faulty({ kind: 'reset', moment: 'after' }, { listLagSeconds: 80 }, 40_000);
    await expect(step.run()).resolves.toBe(false);
    expect(step.runner.outputs).toMatchObject({ result: 'Unknown', submission: 'unconfirmed' });
    expect(step.fabric.batches[0]?.active).toBe(true);
    const post = await step.post();
    expect(step.fabric.batches[0]?.snapshot().phase).toBe('killed');
    expect(post.lines.join('\n')).toContain('stopped');
    expect(step.batchRequests('POST')).toHaveLength(1);
  });

  test('post says when it finds nothing', async () => {
    const step = await faulty({ kind: 'reset', moment: 'before' });
    await step.run();
    const post = await step.post();
    expect(post.warnings.join('\n')).toContain('not found, may still appear');
    expect(post.warnings.join('\n')).toContain(nonce(0).slice(0, 12));
    expect(step.batchRequests('DELETE')).toEqual([]);
  });
});

describe('proof that nothing was started', () => {
  test('401: a new token, then once more', async () => {
    const step = await faulty({ kind: 'answer', status: 401 });
    await expect(step.run()).resolves.toBe(true);
    expect(step.fabric.batches).toHaveLength(1);
    expect(step.runner.outputs['submission']).toBe('submitted');
  });

  test('a 404 of a lakehouse just made', async () => {
    const step = await stage({ script: goodBatch('x\n') });
    step.fabric.faults.add({ when: isSubmit, times: 3, fault: { kind: 'answer', status: 404 } });
    await expect(step.run()).resolves.toBe(true);
    expect(step.fabric.batches).toHaveLength(1);
    expect(readings(step)).toEqual([]);
  });

  test('a refused connection', async () => {
    const step = await stage({
      script: goodBatch('x\n'),
      inputs: { 'fabric-endpoint': 'https://127.0.0.1:1' },
    });
    await expect(step.run()).resolves.toBe(false);
    expect(step.runner.outputs).toMatchObject({
      result: 'NotStarted',
      submission: 'none',
      'error-code': 'SERVICE_UNREACHABLE',
    });
    expect(step.error.message).toContain('Nothing was started');
    expect(
      step.sent.filter(({ method, url }) => method === 'POST' && url.includes(':1/')),
    ).toHaveLength(5);
  });

  test('400: the reason stands in the error, and nothing is tried again', async () => {
    const step = await faulty({
      kind: 'answer',
      status: 400,
      headers: { 'content-type': 'application/json' },
      body: '{"errorCode":"InvalidBatch","message":"driverCores is not allowed","requestId":"r-1"}',
    });
    await expect(step.run()).resolves.toBe(false);
    expect(step.batchRequests('POST')).toHaveLength(1);
    expect(step.runner.outputs).toMatchObject({
      result: 'NotStarted',
      'error-code': 'REQUEST_REFUSED',
    });
    expect(step.error.message).toContain('driverCores is not allowed');
    expect(step.error.message).toContain('r-1');
  });
});

test('a batch that is not readable for 20 s after its acceptance', async () => {
  const step = await stage({ script: goodBatch('x\n', 60), settings: { readLagSeconds: 20 } });
  await expect(step.run()).resolves.toBe(true);
  expect(step.runner.outputs).toMatchObject({ result: 'Succeeded', submission: 'submitted' });
  expect(
    step.fabric.requests.filter((entry) => isStatus(entry) && entry.status === 404),
  ).not.toEqual([]);
});
