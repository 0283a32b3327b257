import { describe, expect, jest, test } from '@jest/globals';
import { goodBatch } from '../../local/engine/scripted.ts';
import type { RequestLine } from '../../local/faults.ts';
import { defaultIds, type EnvironmentSettings } from '../../local/settings.ts';
import { stage, type Stage, type StageOptions } from './stage.ts';

jest.setTimeout(30_000);

const key = 'spark.fabric.environmentDetails';

function play(environment: string, options: Partial<StageOptions> = {}): Promise<Stage> {
  return stage({
    script: goodBatch('x\n'),
    ...options,
    inputs: { environment, ...options.inputs },
  });
}

function environments(names: readonly string[]): EnvironmentSettings[] {
  return names.map((name, index) => ({
    id: `e5f6a7b8-c9d0-4e1f-8a2b-${String(index).padStart(12, '0')}`,
    name,
  }));
}

function having(
  list: readonly EnvironmentSettings[],
  pageSize = 100,
): NonNullable<StageOptions['settings']> {
  return {
    pageSize,
    workspaces: [
      {
        id: defaultIds.workspace,
        name: 'analytics',
        capacityId: defaultIds.capacity,
        lakehouses: [{ id: defaultIds.lakehouse, name: 'orders' }],
        environments: list,
      },
    ],
  };
}

function looksUp({ host, path }: RequestLine): boolean {
  return host === 'fabric' && /environments/i.test(path);
}

/** The environment that Fabric was given, and the other keys of conf. */
function given(step: Stage): { details: unknown; others: string[] } {
  const conf = step.fabric.batches[0]?.request.conf ?? {};
  const details = conf[key];
  return {
    details: details === undefined ? undefined : JSON.parse(details),
    others: Object.keys(conf).filter((name) => name !== key),
  };
}

describe('environment', () => {
  test.each(['team', 'TEAM'])('by its name, %s, is sent as JSON with its id', async (name) => {
    const step = await play(name);
    await expect(step.run()).resolves.toBe(true);
    expect(given(step)).toEqual({ details: { id: defaultIds.environment }, others: [] });
  });

  test('by its id is sent as it is, and not looked up', async () => {
    const step = await play(defaultIds.environment);
    await expect(step.run()).resolves.toBe(true);
    expect(given(step)).toEqual({ details: { id: defaultIds.environment }, others: [] });
    expect(step.fabric.requests.filter(looksUp)).toEqual([]);
  });

  test('on a later page of the list is found', async () => {
    const list = environments(['one', 'two', 'three']);
    const step = await play('three', { settings: having(list, 1) });
    await expect(step.run()).resolves.toBe(true);
    expect(given(step).details).toEqual({ id: list[2]?.id });
  });

  test('stands beside the conf of the user', async () => {
    const step = await play('team', { inputs: { conf: 'spark.app.text=a' } });
    await expect(step.run()).resolves.toBe(true);
    expect(given(step)).toEqual({
      details: { id: defaultIds.environment },
      others: ['spark.app.text'],
    });
  });

  test('that is empty adds nothing and looks nothing up', async () => {
    const step = await play('');
    await expect(step.run()).resolves.toBe(true);
    expect(step.fabric.batches[0]?.request).not.toHaveProperty('conf');
    expect(step.fabric.requests.filter(looksUp)).toEqual([]);
  });

  test('of another one is other work', async () => {
    const list = environments(['one', 'two']);
    const step = await play('one', { settings: having(list) });
    await step.run();
    await step.step({ inputs: { environment: 'two' } }).run();
    await step.step({ inputs: { environment: list[0]?.id ?? '' } }).run();
    const [byId, other, byName] = step.fabric.batches.map(
      ({ request }) => request.tags?.['fingerprint'],
    );
    expect(byName).not.toBe(other);
    expect(byName).toBe(byId);
  });

  test.each([
    ['one that is not there', environments(['one', 'two'])],
    ['one of a workspace without any', []],
  ])('%s: ENVIRONMENT_NOT_FOUND, with the names that are there', async (_, list) => {
    const step = await play('three', { settings: having(list) });
    await expect(step.run()).resolves.toBe(false);
    expect(step.runner.outputs).toMatchObject({
      result: 'NotStarted',
      'error-code': 'ENVIRONMENT_NOT_FOUND',
      submission: 'none',
    });
    expect(step.error.message).toContain('"three"');
    for (const { name } of list) expect(step.error.message).toContain(name);
    expect(step.batchRequests('POST')).toEqual([]);
  });

  test('is looked up before anything is uploaded', async () => {
    const step = await play('three', {
      inputs: { file: 'main.py' },
      files: { 'main.py': 'print(1)\n' },
    });
    await expect(step.run()).resolves.toBe(false);
    expect(step.runner.outputs['error-code']).toBe('ENVIRONMENT_NOT_FOUND');
    await step.post();
    expect(step.writes.filter(({ method }) => method !== 'DELETE')).toEqual([]);
  });

  test('together with its key in conf is an input error, and nothing is sent', async () => {
    const step = await play('team', {
      inputs: { conf: `${key}={"id":"${defaultIds.environment}"}` },
    });
    await expect(step.run()).resolves.toBe(false);
    expect(step.runner.outputs['error-code']).toBe('INPUT_INVALID');
    expect(step.error.message).toContain('environment');
    expect(step.error.message).toContain(key);
    expect(step.fabric.requests).toEqual([]);
  });
});
