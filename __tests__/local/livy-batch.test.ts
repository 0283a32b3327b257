import { describe, expect, test } from '@jest/globals';
import { listAt, objectAt, textAt } from '../../src/http/json.ts';
import { defaultIds } from '../../local/settings.ts';
import { batches, bench, errorCodeOf, lakehousePath, start, whole, workspace } from './bench.ts';

describe('a batch on its way', () => {
  const script = {
    steps: [
      { at: 10, phase: 'starting' as const },
      { at: 20, phase: 'running' as const },
      { at: 30, phase: 'success' as const },
    ],
  };
  const at = (seconds: number): string => new Date(start + seconds * 1_000).toISOString();

  test('says in each phase what the swagger has for it', async () => {
    const on = await bench({ script });
    const id = await on.submit(whole);
    const read = async () => (await on.call('fabric', 'GET', `${batches}/${id}`)).json;
    expect(await read()).toMatchObject({
      id,
      jobType: 'SparkBatch',
      submitterId: defaultIds.principal,
      artifactId: defaultIds.lakehouse,
      state: 'not_started',
      result: 'Uncertain',
      fabricBatchStateInfo: { state: 'queued' },
    });
    on.pass(10);
    const starting = await read();
    expect(starting).toMatchObject({
      state: 'starting',
      fabricBatchStateInfo: { state: 'submitting' },
      livyInfo: { startingAt: at(10), currentState: 'starting' },
    });
    expect(starting).not.toHaveProperty('appId');
    on.pass(10);
    expect(await read()).toMatchObject({
      state: 'running',
      result: 'Uncertain',
      livyInfo: { runningAt: at(20) },
    });
    expect(textAt(await read(), 'appId')).toMatch(/^application_/);
    on.pass(10);
    expect(await read()).toMatchObject({
      state: 'success',
      result: 'Succeeded',
      livyInfo: { successAt: at(30) },
      schedulerInfo: { endedAt: at(30), currentState: 'Ended' },
    });
  });

  test('that waits in a queue first starts after it', async () => {
    const on = await bench({ script, queueSeconds: 100 });
    const id = await on.submit();
    const state = async () =>
      textAt((await on.call('fabric', 'GET', `${batches}/${id}`)).json, 'state');
    on.pass(99);
    expect(await state()).toBe('not_started');
    expect(on.jobs).toEqual([]);
    on.pass(1);
    await state();
    on.pass(10);
    expect(await state()).toBe('starting');
  });

  test('its scheduler is queued while it waits', async () => {
    const on = await bench({ script, queueSeconds: 100 });
    const id = await on.submit();
    const { json } = await on.call('fabric', 'GET', `${batches}/${id}`);
    expect(textAt(objectAt(json, 'schedulerInfo'), 'currentState')).toBe('Queued');
  });

  test('a script that raises is dead and Failed', async () => {
    const on = await bench({ script: { steps: [{ at: 0, phase: 'dead' }] } });
    const { json } = await on.call('fabric', 'GET', `${batches}/${await on.submit()}`);
    expect(json).toMatchObject({ state: 'dead', result: 'Failed', livyInfo: { deadAt: at(0) } });
    expect(listAt(json, 'errorInfo')).toHaveLength(1);
  });

  test('an error of the engine is told by Fabric’s own words', async () => {
    const error = { code: 'SPARK_SUBMIT_NOT_STARTED', message: 'no Java' };
    const on = await bench({ script: { steps: [{ at: 0, phase: 'error', error }] } });
    const { json } = await on.call('fabric', 'GET', `${batches}/${await on.submit()}`);
    expect(json).toMatchObject({
      result: 'Failed',
      errorInfo: [{ errorCode: error.code, message: error.message }],
      fabricBatchStateInfo: { state: 'error', errorMessage: error.message },
    });
  });

  test('an overlay changes and takes away fields', async () => {
    const on = await bench({
      script: { steps: [{ at: 0, overlay: { state: 'odd', result: null, more: 1 } }] },
    });
    const { json } = await on.call('fabric', 'GET', `${batches}/${await on.submit()}`);
    expect(json).toMatchObject({ state: 'odd', more: 1 });
    expect(json).not.toHaveProperty('result');
  });

  test('tags can be dropped, in every answer', async () => {
    const on = await bench({ tagsKept: false });
    const id = await on.submit(whole);
    for (const path of [batches, `${batches}/${id}`])
      expect((await on.call('fabric', 'GET', path)).text).not.toContain('submission');
  });
});

describe('cancel', () => {
  test('answers at once, and the batch ends later', async () => {
    const on = await bench({
      script: { steps: [{ at: 0, phase: 'running' }], cancelSeconds: 30 },
    });
    const id = await on.submit();
    const reply = await on.call('fabric', 'DELETE', `${batches}/${id}`);
    expect([reply.status, reply.text]).toEqual([200, '']);
    const read = async () => (await on.call('fabric', 'GET', `${batches}/${id}`)).json;
    expect(await read()).toMatchObject({
      state: 'running',
      fabricBatchStateInfo: { state: 'cancelling' },
    });
    on.pass(30);
    expect(await read()).toMatchObject({ state: 'killed', result: 'Cancelled' });
    expect(on.fabric.batches[0]).toMatchObject({ id, cancels: 1 });
  });

  test('a batch that ends before the cancel takes effect keeps its own end', async () => {
    const on = await bench({
      script: {
        steps: [
          { at: 0, phase: 'running' },
          { at: 10, phase: 'success' },
        ],
        cancelSeconds: 30,
      },
    });
    const path = `${batches}/${await on.submit()}`;
    await on.call('fabric', 'DELETE', path);
    on.pass(60);
    expect(textAt((await on.call('fabric', 'GET', path)).json, 'state')).toBe('success');
  });

  test('with a JSON content type and no body, as some clients send it', async () => {
    const on = await bench();
    const path = `${batches}/${await on.submit()}`;
    const headers = { 'content-type': 'application/json' };
    expect((await on.call('fabric', 'DELETE', path, { headers })).status).toBe(200);
  });

  test('in the queue: it never reaches the engine', async () => {
    const on = await bench({ queueSeconds: 60 });
    const id = await on.submit();
    await on.call('fabric', 'DELETE', `${batches}/${id}`);
    on.pass(60);
    const { json } = await on.call('fabric', 'GET', `${batches}/${id}`);
    expect(json).toMatchObject({ state: 'killed', result: 'Cancelled' });
    expect(on.jobs).toEqual([]);
  });

  test('after the end nothing changes, and a second one is counted', async () => {
    const on = await bench({ script: { steps: [{ at: 0, phase: 'success' }] } });
    const id = await on.submit();
    for (let call = 0; call < 2; call += 1)
      expect((await on.call('fabric', 'DELETE', `${batches}/${id}`)).status).toBe(200);
    const { json } = await on.call('fabric', 'GET', `${batches}/${id}`);
    expect(textAt(json, 'state')).toBe('success');
    expect(on.fabric.batches[0]?.cancels).toBe(2);
  });

  test('one that is not there: 404, for GET too', async () => {
    const on = await bench();
    for (const method of ['GET', 'DELETE'])
      expect((await on.call('fabric', method, `${batches}/${workspace}`)).status).toBe(404);
  });
});

test('the monitoring API tells of a batch by its id', async () => {
  const on = await bench({
    script: {
      steps: [
        { at: 10, phase: 'running' },
        { at: 25, phase: 'success' },
      ],
    },
  });
  const path = `${lakehousePath}/livySessions/${await on.submit(whole)}`;
  const read = async () => (await on.call('fabric', 'GET', path)).json;
  expect(await read()).toMatchObject({ state: 'NotStarted', livyName: whole.name });
  on.pass(10);
  expect(await read()).toMatchObject({
    state: 'InProgress',
    jobType: 'SparkBatch',
    operationName: 'Batch Livy Run',
    queuedDuration: { value: 10, timeUnit: 'Seconds' },
  });
  on.pass(100);
  expect(await read()).toMatchObject({
    state: 'Succeeded',
    submittedDateTime: '2026-01-15T12:00:00Z',
    endDateTime: '2026-01-15T12:00:25Z',
    runningDuration: { value: 15 },
  });
  const none = await on.call('fabric', 'GET', `${lakehousePath}/livySessions/${workspace}`);
  expect([none.status, errorCodeOf(none)]).toEqual([404, 'SparkCoreSessionNotFound']);
});
