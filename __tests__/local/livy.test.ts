import { describe, expect, test } from '@jest/globals';
import { listAt, objectAt, textAt } from '../../src/http/json.ts';
import { defaultIds, type ApplicationSettings, type Role } from '../../local/settings.ts';
import { batches, bench, errorCodeOf, fieldsOf, lakehousePath, start, workspace } from './bench.ts';

function withRole(role: Role): ApplicationSettings[] {
  const { client, principal } = defaultIds;
  const federatedCredentials: [] = [];
  const roles = { [workspace]: role };
  return [
    {
      clientId: client,
      objectId: principal,
      name: 'app',
      secret: 's',
      federatedCredentials,
      roles,
    },
  ];
}

const whole = {
  name: 'orders 123456789012',
  file: 'abfss://w@onelake/l/Files/x.py',
  className: 'Main',
  args: ['a', ''],
  jars: ['j'],
  pyFiles: ['p'],
  files: ['f'],
  archives: ['z'],
  conf: { 'spark.a': 'b' },
  tags: { submission: 'n' },
  driverMemory: '28g',
  driverCores: 4,
  executorMemory: '28g',
  executorCores: 4,
  numExecutors: 2,
};

describe('submit', () => {
  test('is accepted early, poor in fields, and gives the engine what was asked for', async () => {
    const on = await bench({ script: { steps: [{ at: 0, phase: 'running' }] } });
    const reply = await on.call('fabric', 'POST', batches, { body: JSON.stringify(whole) });
    expect(reply.status).toBe(202);
    expect(reply.json).toMatchObject({
      name: whole.name,
      tags: whole.tags,
      state: 'not_started',
      fabricBatchStateInfo: { state: 'queued' },
      livyInfo: { jobCreationRequest: { file: whole.file, args: whole.args, conf: whole.conf } },
    });
    expect(reply.json).not.toHaveProperty('appId');
    expect(on.jobs).toHaveLength(1);
    expect(on.jobs[0]).toMatchObject({
      id: textAt(reply.json, 'id'),
      request: whole,
      lakehouse: { workspaceName: 'analytics', lakehouseName: 'orders' },
      onelakeHost: new URL(on.fabric.hosts.onelake).host,
    });
    expect(on.jobs[0]?.request).toEqual(whole);
  });

  test.each([
    ['no file', { file: undefined }],
    ['an empty file', { file: '' }],
    ['a file that is no text', { file: 1 }],
    ['a name that is no text', { name: 1 }],
    ['an argument that is no text', { args: ['a', 1] }],
    ['args that are no list', { args: 'a' }],
    ['pyFiles that are no list', { pyFiles: {} }],
    ['a value of conf that is no text', { conf: { 'spark.a': true } }],
    ['conf that is no object', { conf: ['a'] }],
    ['a tag that is no text', { tags: { a: 1 } }],
    ['cores as text', { driverCores: '4' }],
    ['half a core', { executorCores: 0.5 }],
    ['memory as a number', { driverMemory: 28 }],
  ])('%s: 400, and nothing starts', async (_name, change) => {
    const on = await bench();
    const body = JSON.stringify({ ...whole, ...change });
    const reply = await on.call('fabric', 'POST', batches, { body });
    expect([reply.status, errorCodeOf(reply)]).toEqual([400, 'InvalidInput']);
    expect(on.jobs).toEqual([]);
  });

  test.each([
    ['no JSON', 'application/json', '{'],
    ['an empty body', 'application/json', ''],
    ['a list', 'application/json', '[]'],
    ['another type', 'text/xml', '<a/>'],
  ])('%s: 4xx in the form of the API', async (_name, type, body) => {
    const on = await bench();
    const headers = { 'content-type': type };
    const reply = await on.call('fabric', 'POST', batches, { body: Buffer.from(body), headers });
    expect([400, 415]).toContain(reply.status);
    expect(errorCodeOf(reply)).toBeDefined();
    expect(on.jobs).toEqual([]);
  });

  test('a trailing slash and any case will do', async () => {
    const on = await bench();
    const path = `${batches.replace('livyapi', 'livyApi')}/`;
    expect((await on.call('fabric', 'POST', path, { body: '{"file":"x"}' })).status).toBe(202);
  });

  test('a viewer may read and neither run nor cancel; no role sees nothing', async () => {
    for (const [role, post, get] of [
      ['viewer', [403], [200]],
      ['none', [403, 404], [403, 404]],
    ] as const) {
      const on = await bench({ applications: withRole(role) });
      const reply = await on.call('fabric', 'POST', batches, { body: '{"file":"x"}' });
      expect(post).toContain(reply.status);
      expect(get).toContain((await on.call('fabric', 'GET', batches)).status);
      expect([403, 404]).toContain((await on.call('fabric', 'DELETE', `${batches}/x`)).status);
      expect(on.jobs).toEqual([]);
    }
  });

  test('a workspace without capacity runs nothing', async () => {
    const { workspace: id, lakehouse } = defaultIds;
    const lakehouses = [{ id: lakehouse, name: 'orders' }];
    const on = await bench({ workspaces: [{ id, name: 'bare', lakehouses }] });
    const reply = await on.call('fabric', 'POST', batches, { body: '{"file":"x"}' });
    expect([400, 403, 404]).toContain(reply.status);
    expect(on.jobs).toEqual([]);
  });
});

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

describe('list', () => {
  test('newest first, by $top and $skip, counted when asked', async () => {
    const on = await bench({ pageSize: 2 });
    const ids: string[] = [];
    for (const name of ['a', 'b', 'c']) ids.push(await on.submit({ ...whole, name }));
    const read = async (query: string) => (await on.call('fabric', 'GET', batches + query)).json;
    const first = await read('?$top=100&$skip=0&$count=true');
    expect(first).toMatchObject({ totalCountOfMatchedItems: 3, pageSize: 2 });
    expect(fieldsOf(first, 'items', 'id')).toEqual([ids[2], ids[1]]);
    expect(fieldsOf(await read('?$skip=2'), 'items', 'id')).toEqual([ids[0]]);
    expect(fieldsOf(await read('?$top=1'), 'items', 'name')).toEqual(['c']);
    expect(await read('')).not.toHaveProperty('totalCountOfMatchedItems');
    expect(listAt(first, 'items')[0]).toMatchObject({
      workspaceId: workspace,
      artifactId: defaultIds.lakehouse,
      submitterId: defaultIds.principal,
      livyState: 'not_started',
      schedulerState: 'Queued',
      tags: whole.tags,
      submittedAt: new Date(start).toISOString(),
    });
    for (const query of ['?$top=x', '?$skip=-1', '?$count=2'])
      expect((await on.call('fabric', 'GET', batches + query)).status).toBe(400);
  });

  test('holds the batches of its own lakehouse only', async () => {
    const second = '11111111-2222-4333-8444-555555555502';
    const { workspace: id, capacity, lakehouse } = defaultIds;
    const on = await bench({
      workspaces: [
        {
          id,
          name: 'w',
          capacityId: capacity,
          lakehouses: [
            { id: lakehouse, name: 'a' },
            { id: second, name: 'b' },
          ],
        },
      ],
    });
    const batch = await on.submit();
    const elsewhere = batches.replace(lakehouse, second);
    expect((await on.call('fabric', 'GET', elsewhere)).json).toMatchObject({ items: [] });
    for (const method of ['GET', 'DELETE'])
      expect((await on.call('fabric', method, `${elsewhere}/${batch}`)).status).toBe(404);
  });

  test('and reads can lag', async () => {
    const on = await bench({ listLagSeconds: 30, readLagSeconds: 10 });
    const path = `${batches}/${await on.submit()}`;
    const seen = async () => [
      (await on.call('fabric', 'GET', path)).status,
      listAt((await on.call('fabric', 'GET', batches)).json, 'items').length,
    ];
    expect(await seen()).toEqual([404, 0]);
    on.pass(10);
    expect(await seen()).toEqual([200, 0]);
    on.pass(20);
    expect(await seen()).toEqual([200, 1]);
  });
});

describe('capacity', () => {
  const script = {
    steps: [
      { at: 0, phase: 'running' as const },
      { at: 60, phase: 'success' as const },
    ],
  };

  test('full: 430 with the documented text; free again when the batch ends', async () => {
    const on = await bench({ script, capacity: { maxConcurrent: 1, retryAfterSeconds: 30 } });
    await on.submit();
    const full = await on.call('fabric', 'POST', batches, { body: '{"file":"x"}' });
    expect(full.status).toBe(430);
    expect(full.headers['retry-after']).toBe('30');
    expect(errorCodeOf(full)).toBe('TooManyRequestsForCapacity');
    expect(textAt(full.json, 'message')).toContain(
      '[TooManyRequestsForCapacity] HTTP Response code 430: This Spark job can',
    );
    expect(on.jobs).toHaveLength(1);
    on.pass(60);
    await on.submit();
  });

  test('full, and told only after the 202: never an application', async () => {
    const on = await bench({ script, capacity: { maxConcurrent: 1, whenFull: 'fail-later' } });
    await on.submit();
    const { json } = await on.call('fabric', 'GET', `${batches}/${await on.submit()}`);
    const info = objectAt(json, 'fabricBatchStateInfo');
    expect(textAt(info, 'state')).toBe('error');
    expect(textAt(info, 'errorMessage')).toContain('TooManyRequestsForCapacity');
    expect(json).not.toHaveProperty('appId');
    expect(on.jobs).toHaveLength(1);
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
