import { describe, expect, test } from '@jest/globals';
import { isObject } from '../../src/http/json.ts';
import { bench, lakehousePath, type Bench, type Reply } from './bench.ts';
import { application } from './driver-logs.ts';

const steps = [
  { at: 0, phase: 'starting' as const, applicationId: application },
  { at: 2, phase: 'running' as const },
  { at: 3, stages: [{ stageId: 0, numTasks: 8, numCompleteTasks: 3 }] },
  {
    at: 9,
    stages: [
      { stageId: 0, status: 'COMPLETE', numCompleteTasks: 8 },
      { stageId: 1, name: 'collect at job.py:3' },
    ],
  },
  { at: 20, phase: 'success' as const },
];

async function asked(): Promise<{ on: Bench; get: (path: string) => Promise<Reply> }> {
  const on = await bench({ script: { steps }, tokenSeconds: 86_400 });
  const applications = `${lakehousePath}/livySessions/${await on.submit()}/applications`;
  const get = (path: string): Promise<Reply> => on.call('fabric', 'GET', `${applications}/${path}`);
  return { on, get };
}

const idsOf = ({ json }: Reply): unknown =>
  Array.isArray(json) ? json.map((one: unknown) => isObject(one) && one['stageId']) : json;

describe("Spark's own REST API", () => {
  test('is not there before the application runs, nor under another name', async () => {
    const { on, get } = await asked();
    expect((await get(`${application}/stages`)).status).toBe(404);
    on.pass(4);
    expect((await get('application_7_2/stages')).status).toBe(404);
    expect((await get(`${application}/2/stages`)).status).toBe(404);
    expect((await get(`${application}/stages`)).status).toBe(200);
  });

  test('tells of stages as they are, the newest first, and after the end', async () => {
    const { on, get } = await asked();
    on.pass(4);
    expect((await get(`${application}/stages`)).json).toEqual([
      expect.objectContaining({ stageId: 0, status: 'ACTIVE', numTasks: 8, numCompleteTasks: 3 }),
    ]);
    on.pass(20);
    expect(idsOf(await get(`${application}/stages`))).toEqual([1, 0]);
    expect(idsOf(await get(`${application}/1/stages`))).toEqual([1, 0]);
    expect(idsOf(await get(`${application}/stages?status=complete`))).toEqual([0]);
    expect((await get(`${application}/stages/0`)).json).toEqual([
      expect.objectContaining({ stageId: 0, status: 'COMPLETE', numCompleteTasks: 8 }),
    ]);
    expect((await get(`${application}/stages/7`)).status).toBe(404);
  });

  test('wants a bearer as the rest of the monitoring API does', async () => {
    const { on } = await asked();
    const path = `${lakehousePath}/livySessions/x/applications/${application}/stages`;
    expect((await on.call('fabric', 'GET', path, { token: null })).status).toBe(401);
    expect((await on.call('fabric', 'GET', path)).status).toBe(404);
  });
});
