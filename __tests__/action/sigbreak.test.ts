import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import type { JournalEntry } from '../../local/listener.ts';
import type { StepHandle } from '../../local/runner/step.ts';
import { Bench, endless, until } from './bench.ts';

jest.setTimeout(30_000);

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.start();
});
afterAll(() => bench.close());

/** A step that does not end is no heir of this test. */
let leftOver: StepHandle | undefined;
afterEach(() => {
  leftOver?.kill();
});

/** Windows alone raises SIGBREAK (Ctrl+Break): here a signal that the action does not know stands for it. */
const preload = `data:text/javascript,${encodeURIComponent(
  "process.on('SIGUSR2', () => process.emit('SIGBREAK', 'SIGBREAK'));",
)}`;

const requests = (which: (entry: JournalEntry) => boolean): JournalEntry[] =>
  bench.fabric.requests.filter((entry) => entry.host === 'fabric' && which(entry));

test('SIGBREAK ends the step like SIGINT: DELETE by main, exit code 1', async () => {
  bench.script = endless;
  const { step } = bench.start({
    signIn: 'secret',
    runtime: { NODE_OPTIONS: `--import ${preload}` },
  });
  leftOver = step;
  await until('a status read', () =>
    requests(
      ({ method, path, status }) =>
        method === 'GET' && /\/batches\/[^/?]+$/.test(path) && status === 200,
    ).at(0),
  );
  expect(requests(({ method }) => method === 'DELETE')).toEqual([]);
  expect(step.signal('SIGUSR2')).toBe(true);
  const result = await step.done;
  expect(result.main).toMatchObject({ exitCode: 1, signal: undefined, stderr: [] });
  expect(result.outputs).toMatchObject({ result: 'Cancelled', 'error-code': 'CANCELLED' });
  expect(result.annotations).toHaveLength(1);
  expect(result.annotations[0]?.title).toBe('Spark batch cancelled');
  expect(result.annotations[0]?.message).toContain('SIGBREAK');
  const [first] = requests(({ method }) => method === 'DELETE');
  expect(first?.path).toContain(bench.fabric.batches[0]?.id);
  expect(result.post).toMatchObject({ conclusion: 'success', stderr: [] });
  expect(bench.active).toBe(0);
});
