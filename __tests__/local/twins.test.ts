import { describe, expect, test } from '@jest/globals';
import { batches, bench, fieldsOf, whole } from './bench.ts';

const running = { steps: [{ at: 0, phase: 'running' as const }] };

describe('a submit that a gateway repeats', () => {
  test('makes two batches with one body; the answer tells of one', async () => {
    const on = await bench({ twinsOfSubmit: { times: 1 } });
    const id = await on.submit(whole);
    const [twin, first] = on.fabric.batches;
    expect(on.fabric.batches).toHaveLength(2);
    expect([first?.id, first?.request]).toEqual([id, whole]);
    expect(twin?.id).not.toBe(id);
    expect(twin?.request).toEqual(whole);
    expect(on.jobs.map((job) => job.id)).toEqual([id, twin?.id]);
    const { json } = await on.call('fabric', 'GET', batches);
    expect(fieldsOf(json, 'items', 'id')).toEqual([twin?.id, id]);
    expect(json).toMatchObject({ items: [{ tags: whole.tags }, { tags: whole.tags }] });
  });

  test('so many times', async () => {
    const on = await bench({ twinsOfSubmit: { times: 2 } });
    for (let count = 0; count < 3; count += 1) await on.submit();
    expect(on.fabric.batches).toHaveLength(5);
  });

  test('the second may come late to the list, later than the first', async () => {
    const on = await bench({
      listLagSeconds: 5,
      twinsOfSubmit: { times: 1, listLagSeconds: 40 },
    });
    const id = await on.submit();
    const twin = on.fabric.batches.find((batch) => batch.id !== id)?.id;
    const listed = async () =>
      fieldsOf((await on.call('fabric', 'GET', batches)).json, 'items', 'id');
    expect(await listed()).toEqual([]);
    on.pass(5);
    expect(await listed()).toEqual([id]);
    on.pass(34.9);
    expect(await listed()).toEqual([id]);
    on.pass(0.1);
    expect(await listed()).toEqual([twin, id]);
  });

  test('without a lag of its own it has that of all batches', async () => {
    const on = await bench({ listLagSeconds: 5, twinsOfSubmit: { times: 1 } });
    await on.submit();
    const listed = async () =>
      fieldsOf((await on.call('fabric', 'GET', batches)).json, 'items', 'id').length;
    expect(await listed()).toBe(0);
    on.pass(5);
    expect(await listed()).toBe(2);
  });

  test('and whose reply is lost: two batches, and no answer', async () => {
    const on = await bench({
      twinsOfSubmit: { times: 1 },
      faults: [{ when: ({ path }) => path === batches, fault: { kind: 'reset', moment: 'after' } }],
    });
    await expect(on.submit()).rejects.toThrow();
    expect(on.fabric.batches).toHaveLength(2);
  });

  test('each is cancelled by itself', async () => {
    const on = await bench({ script: running, twinsOfSubmit: { times: 1 } });
    const id = await on.submit();
    await on.call('fabric', 'DELETE', `${batches}/${id}`);
    const phases = on.fabric.batches.map((batch) => [batch.id === id, batch.snapshot().phase]);
    expect(phases).toEqual([
      [false, 'running'],
      [true, 'killed'],
    ]);
  });

  test.each([
    ['refuse', 1],
    ['fail-later', 2],
  ] as const)('has no place in a capacity that is full: %s', async (whenFull, batchesMade) => {
    const on = await bench({
      script: running,
      capacity: { maxConcurrent: 1, whenFull },
      twinsOfSubmit: { times: 1 },
    });
    await on.submit();
    expect(on.fabric.batches).toHaveLength(batchesMade);
    expect(on.jobs).toHaveLength(1);
  });
});
