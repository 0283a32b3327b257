import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { Bench, overAtOnce } from './bench.ts';

// Where a submit is in doubt post looks for a twin for 45 s.
jest.setTimeout(120_000);

const hour = 3_600_000;
let later = 0;
let bench: Bench;
beforeAll(async () => {
  bench = await Bench.start({
    clock: { now: () => Date.now() + later },
    // A gateway repeats the submit, and the list shows that half an hour later.
    twinsOfSubmit: { times: 1, listLagSeconds: 1_800 },
  });
});
afterAll(() => bench.close());

test('a second batch that shows after main was green: post is red, and says so', async () => {
  bench.script = overAtOnce('rows: 3\n');
  bench.fabric.faults.add({
    when: ({ host, method }) => host === 'fabric' && method === 'POST',
    times: 1,
    fault: { kind: 'reset', moment: 'after' },
  });
  const beforePost = (): void => {
    later = hour;
  };
  const result = await bench.start({ signIn: 'secret', quickPost: true, beforePost }).step.done;
  expect(result.main).toMatchObject({ conclusion: 'success', exitCode: 0 });
  expect(result.outputs).toMatchObject({ result: 'Succeeded', submission: 'adopted' });
  expect(result.post).toMatchObject({ conclusion: 'failure', exitCode: 1, stderr: [] });
  expect(result.annotations).toHaveLength(1);
  expect(result.annotations[0]).toMatchObject({
    level: 'error',
    title: 'A second Spark batch was found',
  });
  const twin = bench.fabric.batches.find(({ id }) => id !== result.outputs['batch-id']);
  expect(result.annotations[0]?.message).toContain(twin?.id);
});
