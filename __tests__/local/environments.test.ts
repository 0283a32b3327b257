import { describe, expect, test } from '@jest/globals';
import { textAt } from '../../src/http/json.ts';
import { defaultIds, type WorkspaceSettings } from '../../local/settings.ts';
import { batches, bench, errorCodeOf, fieldsOf, whole, workspace } from './bench.ts';
import { second, withRoles } from './lake.ts';

const { lakehouse, environment } = defaultIds;
const path = `/v1/workspaces/${workspace}/environments`;

function id(last: number): string {
  return `22222222-2222-4333-8444-55555555550${last}`;
}

/** The default workspace without an environment, and another one with three. */
const elsewhere: WorkspaceSettings[] = [
  {
    id: workspace,
    name: 'analytics',
    capacityId: defaultIds.capacity,
    lakehouses: [{ id: lakehouse, name: 'orders' }],
  },
  {
    id: second.workspace,
    name: 'platform',
    lakehouses: [],
    environments: [1, 2, 3].map((n) => ({ id: id(n), name: `env ${n}` })),
  },
];

describe('environments', () => {
  test('one is there by default', async () => {
    const on = await bench();
    const list = await on.call('fabric', 'GET', path);
    const item = {
      id: environment,
      displayName: 'team',
      type: 'Environment',
      workspaceId: workspace,
    };
    expect(list.json).toMatchObject({ value: [item], continuationUri: null });
    const one = await on.call('fabric', 'GET', `${path}/${environment.toUpperCase()}`);
    expect([one.status, one.json]).toEqual([200, expect.objectContaining(item)]);
  });

  test('are paged, each list of its own workspace', async () => {
    const on = await bench({ pageSize: 2, workspaces: elsewhere });
    const theirs = `/v1/workspaces/${second.workspace}/environments`;
    const first = await on.call('fabric', 'GET', theirs);
    expect(fieldsOf(first.json, 'value', 'displayName')).toEqual(['env 1', 'env 2']);
    const next = new URL(textAt(first.json, 'continuationUri') ?? '');
    expect(next.origin).toBe(on.fabric.hosts.fabric);
    const last = await on.call('fabric', 'GET', next.pathname + next.search);
    expect(fieldsOf(last.json, 'value', 'displayName')).toEqual(['env 3']);
    expect(fieldsOf((await on.call('fabric', 'GET', path)).json, 'value', 'id')).toEqual([]);
    const strange = await on.call('fabric', 'GET', `${path}/${id(1)}`);
    expect([strange.status, errorCodeOf(strange)]).toEqual([404, 'ItemNotFound']);
  });

  test('a stranger to the workspace sees none', async () => {
    const on = await bench({ applications: withRoles({ [workspace]: 'none' }) });
    for (const each of [path, `${path}/${environment}`])
      expect((await on.call('fabric', 'GET', each)).status).toBe(404);
  });

  test('ids and names are each used once', async () => {
    const twice = (environments: NonNullable<WorkspaceSettings['environments']>) =>
      bench({ workspaces: [{ id: workspace, name: 'w', lakehouses: [], environments }] });
    const [one, other] = [
      { id: id(1), name: 'a' },
      { id: id(2), name: 'A' },
    ];
    await expect(twice([one, other])).rejects.toThrow(/environment of w: a/);
    await expect(twice([one, { ...one, name: 'b' }])).rejects.toThrow(/Used twice as id/);
    await expect(twice([{ ...one, id: 'x' }])).rejects.toThrow(/Not a GUID/);
  });
});

describe('a submit in an environment', () => {
  const submit = (details: string) => ({
    body: JSON.stringify({ ...whole, conf: { 'spark.fabric.environmentDetails': details } }),
  });

  test('of any workspace is accepted', async () => {
    const on = await bench({ workspaces: elsewhere });
    const details = JSON.stringify({ id: id(2).toUpperCase() });
    const reply = await on.call('fabric', 'POST', batches, submit(details));
    expect(reply.status).toBe(202);
    expect(on.jobs[0]?.request.conf).toEqual({ 'spark.fabric.environmentDetails': details });
  });

  test.each([
    ['its bare id', environment],
    ['its name', JSON.stringify({ id: 'team' })],
    ['no id', '{}'],
    ['a list', JSON.stringify([{ id: environment }])],
    ['no text', ''],
    ['an id that is not known', JSON.stringify({ id: id(9) })],
  ])('%s: 400, and nothing starts', async (_name, details) => {
    const on = await bench();
    const reply = await on.call('fabric', 'POST', batches, submit(details));
    expect([reply.status, errorCodeOf(reply)]).toEqual([400, 'InvalidInput']);
    expect(on.jobs).toEqual([]);
  });
});
