import { describe, expect, jest, test } from '@jest/globals';
import type { BatchScript } from '../../local/engine/scripted.ts';
import type { RequestLine } from '../../local/faults.ts';
import { cleanUp } from '../../src/cleanup.ts';
import { isBatches, isStatus, isSubmit, nonce, stage, type Stage } from './stage.ts';

jest.setTimeout(30_000);

const endless: BatchScript = { steps: [{ at: 5, phase: 'running', stdout: 'at work\n' }] };
const isCancel = (line: RequestLine): boolean => isBatches(line) && line.method === 'DELETE';

/** Post, for a main that was killed when it had saved this and no more. */
async function postAfterKill(
  step: Stage,
  states: Readonly<Record<string, string>>,
): Promise<string> {
  const { runner } = step.secondStep();
  Object.assign(runner.states, states);
  await cleanUp(step.worldOf(runner));
  return [...runner.lines, ...runner.warnings].join('\n');
}

describe('what main knew of the ending', () => {
  test('a time-out whose DELETE did not get through: post sends it, as cancel-on: timeout says', async () => {
    const step = await stage({
      script: endless,
      inputs: { 'timeout-minutes': '5', 'cancel-on': 'timeout' },
    });
    const mend = step.fabric.faults.add({
      when: isCancel,
      fault: { kind: 'answer', status: 503 },
    });
    await expect(step.run()).resolves.toBe(false);
    expect(step.runner.outputs['result']).toBe('TimedOut');
    expect(step.fabric.batches[0]?.active).toBe(true);
    mend();
    const post = await step.post();
    expect(post.lines.join('\n')).toContain('stopped');
    expect(step.fabric.batches[0]?.snapshot().phase).toBe('killed');
  });

  test('a main that was killed counts as a cancel: with cancel-on: timeout the batch is left', async () => {
    const step = await stage({ script: endless, inputs: { 'cancel-on': 'timeout' } });
    let states: Record<string, string> = {};
    step.afterSubmit(60_000, () => {
      states = { ...step.runner.states };
      step.interrupt.raise('SIGKILL');
    });
    await step.run();
    const said = await postAfterKill(step, states);
    expect(said).toContain('left running');
    expect(said).toContain(`/${step.fabric.batches[0]?.id ?? 'none'}?`);
    expect(step.batchRequests('DELETE')).toEqual([]);
    expect(step.fabric.batches[0]?.active).toBe(true);
    const unheard = Object.entries(states).filter(([name]) => name !== 'batch-id');
    const told = await postAfterKill(step, Object.fromEntries(unheard));
    expect(told).toContain('by a name that ends with 0001ab12cd34');
  });
});

test('404 for a moment is not the end of a batch: post waits on', async () => {
  const step = await stage({
    script: { ...endless, cancelSeconds: 60 },
    inputs: { 'timeout-minutes': '5' },
  });
  await expect(step.run()).resolves.toBe(false);
  step.fabric.faults.add({ when: isStatus, times: 3, fault: { kind: 'answer', status: 404 } });
  const post = await step.post();
  expect(post.lines.join('\n')).toContain('stopped (killed');
  expect(step.fabric.batches[0]?.active).toBe(false);
});

test('a bug of ours while the batch runs says so, with its stack, and post ends the batch', async () => {
  const step = await stage({ script: endless });
  const output = step.runner.output.bind(step.runner);
  step.runner.output = (name, value) => {
    if (name === 'application-id') throw new TypeError('a bug of ours');
    output(name, value);
  };
  await expect(step.run()).resolves.toBe(false);
  expect(step.runner.outputs).toMatchObject({ result: 'Unknown', 'error-code': 'INTERNAL' });
  expect(step.error.message).toContain('a fault of its own: a bug of ours');
  expect(step.story).toMatch(/TypeError: a bug of ours +at /);
  expect(step.fabric.batches[0]?.active).toBe(true);
  const post = await step.post();
  expect(post.lines.join('\n')).toContain('stopped');
  expect(step.fabric.batches[0]?.snapshot().phase).toBe('killed');
});

test('a main that was killed when it submitted again after a full capacity: post ends the second batch', async () => {
  const full: BatchScript = {
    steps: [
      {
        at: 5,
        phase: 'error',
        error: { code: 'E', message: '[TooManyRequestsForCapacity] Full.' },
      },
    ],
  };
  const step = await stage({
    script: ({ request }) => (request.tags?.['submission'] === nonce(0) ? full : endless),
    inputs: { 'outage-minutes': '1' },
  });
  let states: Record<string, string> = {};
  let mend = (): void => undefined;
  step.once(
    (line) => isSubmit(line) && step.fabric.batches.length === 1,
    () => {
      states = { ...step.runner.states };
      mend = step.fabric.faults.add({ when: isStatus, fault: { kind: 'answer', status: 500 } });
    },
  );
  await expect(step.run()).resolves.toBe(false);
  mend();
  const [second] = step.fabric.batches;
  expect(second?.request.tags?.['submission']).toBe(nonce(1));
  expect(second?.active).toBe(true);
  const said = await postAfterKill(step, states);
  expect(said).toContain(`Batch ${second?.id ?? ''}: stopped`);
  expect(second?.snapshot().phase).toBe('killed');
});
