import { describe, expect, test } from '@jest/globals';
import { textAt } from '../../src/http/json.ts';
import { defaultIds, type ApplicationSettings, type Role } from '../../local/settings.ts';
import {
  bench,
  errorCodeOf,
  fieldsOf,
  lakehousePath,
  scopes,
  workspace,
  type Bench,
} from './bench.ts';

const other = '11111111-2222-4333-8444-555555555501';

function id(last: number): string {
  return `11111111-2222-4333-8444-5555555556${String(last).padStart(2, '0')}`;
}

function withRole(role: Role): ApplicationSettings[] {
  const { client, principal } = defaultIds;
  return [
    {
      clientId: client,
      objectId: principal,
      name: 'app',
      secret: 's',
      federatedCredentials: [],
      roles: { [workspace]: role },
    },
  ];
}

async function readAll(on: Bench, path: string): Promise<{ names: unknown[]; pages: number }> {
  const names: unknown[] = [];
  let pages = 0;
  for (let next: string | undefined = path; next !== undefined; pages += 1) {
    const reply = await on.call('fabric', 'GET', next);
    expect(reply.status).toBe(200);
    names.push(...fieldsOf(reply.json, 'value', 'displayName'));
    const uri = textAt(reply.json, 'continuationUri');
    expect(uri === undefined).toBe(textAt(reply.json, 'continuationToken') === undefined);
    if (uri !== undefined) expect(new URL(uri).origin).toBe(on.fabric.hosts.fabric);
    next = uri === undefined ? undefined : new URL(uri).pathname + new URL(uri).search;
  }
  return { names, pages };
}

describe('bearer', () => {
  test('none, nonsense, another audience, an expired one', async () => {
    const on = await bench({ tokenSeconds: 600 });
    const ask = (token?: string | null) =>
      on.call('fabric', 'GET', '/v1/workspaces', token === undefined ? {} : { token });
    for (const token of [null, 'nonsense', await on.token(scopes.onelake)]) {
      const reply = await ask(token);
      expect(reply.status).toBe(401);
      expect(reply.headers['requestid']).toBeDefined();
    }
    expect((await ask()).status).toBe(200);
    on.pass(600);
    const late = await ask();
    expect(late.status).toBe(401);
    expect(late.headers['x-ms-public-api-error-code']).toBe('TokenExpired');
    expect(late.json).toMatchObject({
      errorCode: 'TokenExpired',
      requestId: late.headers['requestid'],
    });
    on.forgetTokens();
    expect((await ask()).status).toBe(200);
  });

  test('Power BI’s audience is Fabric’s too', async () => {
    const on = await bench();
    const token = await on.token('https://analysis.windows.net/powerbi/api/.default');
    expect((await on.call('fabric', 'GET', '/v1/workspaces', { token })).status).toBe(200);
  });

  test('a token of another local Fabric is not taken', async () => {
    const [on, elsewhere] = [await bench(), await bench()];
    const token = await elsewhere.token(scopes.fabric);
    expect((await on.call('fabric', 'GET', '/v1/workspaces', { token })).status).toBe(401);
  });
});

describe('lists', () => {
  test('are paged to the end', async () => {
    const lakehouses = [10, 11, 12, 13, 14].map((n) => ({ id: id(n), name: `lake ${n}` }));
    const on = await bench({
      pageSize: 2,
      workspaces: [1, 2, 3].map((n) => ({
        id: id(n),
        name: `workspace ${n}`,
        lakehouses: n === 1 ? lakehouses : [],
      })),
    });
    expect(await readAll(on, '/v1/workspaces')).toEqual({
      names: ['workspace 1', 'workspace 2', 'workspace 3'],
      pages: 2,
    });
    expect(await readAll(on, `/v1/workspaces/${id(1)}/lakehouses`)).toEqual({
      names: lakehouses.map(({ name }) => name),
      pages: 3,
    });
    expect(await readAll(on, `/v1/workspaces/${id(2)}/lakehouses`)).toEqual({
      names: [],
      pages: 1,
    });
    const bad = await on.call('fabric', 'GET', '/v1/workspaces?continuationToken=nonsense');
    expect(bad.status).toBe(400);
  });

  test('items as the API describes them', async () => {
    const on = await bench();
    const one = await on.call('fabric', 'GET', `/v1/workspaces/${workspace}`);
    expect(one.json).toMatchObject({
      id: workspace,
      displayName: 'analytics',
      type: 'Workspace',
      capacityId: defaultIds.capacity,
      oneLakeEndpoints: { dfsEndpoint: on.fabric.hosts.onelake },
    });
    const lake = await on.call('fabric', 'GET', lakehousePath);
    expect(lake.json).toMatchObject({
      displayName: 'orders',
      type: 'Lakehouse',
      workspaceId: workspace,
    });
    expect(lake.headers['requestid']).toBeDefined();
  });

  test('a workspace without a capacity has no capacityId', async () => {
    const on = await bench({ workspaces: [{ id: other, name: 'bare', lakehouses: [] }] });
    const reply = await on.call('fabric', 'GET', `/v1/workspaces/${other}`);
    expect(reply.json).not.toHaveProperty('capacityId');
  });
});

describe('paths', () => {
  test('do not care for case; ids neither', async () => {
    const on = await bench();
    const path = `/V1/Workspaces/${workspace.toUpperCase()}/LAKEHOUSES`;
    expect((await on.call('fabric', 'GET', path)).status).toBe(200);
    expect((await on.call('fabric', 'GET', lakehousePath.toUpperCase())).status).toBe(200);
  });

  test('what is not there: 404 in the form of the API', async () => {
    const on = await bench();
    for (const [path, code] of [
      [`/v1/workspaces/${other}`, 'WorkspaceNotFound'],
      [`/v1/workspaces/${other}/lakehouses`, 'WorkspaceNotFound'],
      [`/v1/workspaces/${workspace}/lakehouses/${other}`, 'ItemNotFound'],
      ['/v1/nonsense', 'EndpointNotFound'],
    ] as const) {
      const reply = await on.call('fabric', 'GET', path);
      expect([path, reply.status, errorCodeOf(reply)]).toEqual([path, 404, code]);
      expect(textAt(reply.json, 'requestId')).toBe(reply.headers['requestid']);
      expect(reply.headers['x-ms-public-api-error-code']).toBe(code);
    }
  });
});

describe('roles', () => {
  test('none: the workspace is in no list and cannot be read', async () => {
    const on = await bench({ applications: withRole('none') });
    expect((await readAll(on, '/v1/workspaces')).names).toEqual([]);
    for (const path of [
      `/v1/workspaces/${workspace}`,
      `/v1/workspaces/${workspace}/lakehouses`,
      lakehousePath,
    ])
      expect([403, 404]).toContain((await on.call('fabric', 'GET', path)).status);
  });

  test('viewer: reads', async () => {
    const on = await bench({ applications: withRole('viewer') });
    expect((await readAll(on, '/v1/workspaces')).names).toEqual(['analytics']);
    expect((await on.call('fabric', 'GET', lakehousePath)).status).toBe(200);
  });
});
