import { describe, expect, test } from '@jest/globals';
import { listAt } from '../../src/http/json.ts';
import { defaultIds } from '../../local/settings.ts';
import { batches, bench, fieldsOf, start, whole, workspace } from './bench.ts';

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
