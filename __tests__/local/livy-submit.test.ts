import { describe, expect, test } from '@jest/globals';
import { objectAt, textAt } from '../../src/http/json.ts';
import { defaultIds } from '../../local/settings.ts';
import { batches, bench, errorCodeOf, whole, workspace } from './bench.ts';
import { withRoles } from './lake.ts';

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
      const on = await bench({ applications: withRoles({ [workspace]: role }) });
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
