import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { Moment, RequestLine } from '../../local/faults.ts';
import { Bench, endless, until } from './bench.ts';

jest.setTimeout(30_000);

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.start();
});
afterAll(() => bench.close());

/** How many times faster the step's clock runs, and the runner's patience ends. */
const speed = 2;
const fastClock = `
  const { setTimeout: later } = globalThis;
  const { now } = Date;
  const start = now();
  globalThis.setTimeout = (run, ms, ...rest) => later(run, ms / ${speed}, ...rest);
  Date.now = () => start + (now() - start) * ${speed};
`;

/** Holds the requests that fit until the function returned is called. */
function hold(when: (line: RequestLine) => boolean, moment: Moment): () => void {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  bench.fabric.faults.add({ when, fault: { kind: 'hold', moment, until: held } });
  return release;
}

const isSubmit = ({ host, method }: RequestLine): boolean => host === 'fabric' && method === 'POST';
const isList = ({ host, path }: RequestLine): boolean =>
  host === 'fabric' && /\/batches\?/.test(path);
const isCancel = ({ host, method }: RequestLine): boolean =>
  host === 'fabric' && method === 'DELETE';

test('a cancel that Fabric is too slow for ends red, with its words and outputs, before the runner kills it', async () => {
  bench.script = endless;
  const answer = hold(isSubmit, 'before');
  const mend = hold(isCancel, 'before');
  const { step } = bench.start({
    signIn: 'secret',
    runtime: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(fastClock)}` },
    wait: (milliseconds, stop) =>
      sleep(milliseconds / speed, undefined, { signal: stop }).catch(() => undefined),
    beforePost: mend,
  });
  const seen = (which: (line: RequestLine) => boolean, count: number): Promise<RequestLine> =>
    until('a request', () => bench.fabric.requests.filter(which)[count - 1]);
  await seen(isSubmit, 1);
  step.cancel();
  // The list is read every 1.5 s: with the POST let go 3 s after the signal, the DELETE may go on to its tenth.
  await seen(isList, 3);
  answer();
  const result = await step.done;
  expect(result.conclusion).toBe('cancelled');
  expect(result.main).toMatchObject({ exitCode: 1, signal: undefined, stderr: [] });
  expect(result.annotations[0]).toMatchObject({ level: 'error', title: 'Spark batch cancelled' });
  expect(result.annotations[0]?.message).toMatch(
    /did not answer in time\. The post step ends the batch/,
  );
  expect(result.outputs).toMatchObject({
    result: 'Cancelled',
    'error-code': 'CANCELLED',
    'batch-id': bench.fabric.batches[0]?.id,
  });
  expect(result.post?.stdout.join('\n')).toMatch(/: stopped /);
  expect(bench.active).toBe(0);
});
