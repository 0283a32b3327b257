import { describe, expect, jest, test } from '@jest/globals';
import { goodBatch, type BatchScript } from '../../local/engine/scripted.ts';
import type { Fault, RequestLine } from '../../local/faults.ts';
import { cleanUp } from '../../src/cleanup.ts';
import type { RecordingRunner } from './recording-runner.ts';
import { isBatches, isList, isSubmit, nonce, stage, type Stage } from './stage.ts';

jest.setTimeout(30_000);

const minute = 60_000;
const unheard: Fault = { kind: 'reset', moment: 'after' };
const endless = goodBatch('at work\n', 20 * 3_600);

/** What the batch in doubt does, and the one after it. */
interface Doubt {
  first?: BatchScript;
  second?: BatchScript;
  listLagSeconds?: number;
}

/** A step whose first submit takes effect unseen, so that it submits once more. */
async function doubtful(doubt: Doubt = {}): Promise<Stage> {
  const { first = endless, second = goodBatch('x\n', 300), listLagSeconds = 120 } = doubt;
  const step = await stage({
    script: ({ request }) => (request.tags?.['submission'] === nonce(0) ? first : second),
    settings: { listLagSeconds },
    inputs: { 'on-unconfirmed': 'resubmit' },
  });
  step.fabric.faults.add({ when: isSubmit, times: 1, fault: unheard });
  return step;
}

/** A step that adopts its batch, while a gateway sends the POST a second time, so much later. */
async function echoed(milliseconds: number): Promise<Stage> {
  let started = 0;
  const step = await stage({
    script: () => (started++ > 0 && milliseconds > 30_000 ? endless : goodBatch('x\n', 300)),
    settings: { listLagSeconds: 10 },
  });
  step.fabric.faults.add({ when: isSubmit, times: 1, fault: unheard });
  step.afterSubmit(milliseconds, () => {
    const post = step.sent.find(({ method, url }) => method === 'POST' && /\/batches$/.test(url));
    if (post) void step.world.transport(post);
  });
  return step;
}

/** Post with the result that the entry would end by. */
async function post(step: Stage): Promise<{ green: boolean; runner: RecordingRunner }> {
  const { runner } = step.secondStep();
  Object.assign(runner.states, step.runner.states);
  return { green: await cleanUp(step.worldOf(runner)), runner };
}

function deleted(step: Stage): string[] {
  const ids = step.batchRequests('DELETE').map(({ path }) => path.split('/').at(-1) ?? '');
  return [...new Set(ids)];
}

/** The ids of the batches, in the order of their acceptance. */
function ids(step: Stage): [first: string, second: string] {
  const [second, first] = step.fabric.batches;
  return [first?.id ?? 'no first batch', second?.id ?? 'no second batch'];
}

describe('a twin that appears before the verdict', () => {
  test('is cancelled and makes the step red; the result stays that of Spark', async () => {
    const step = await doubtful();
    await expect(step.run()).resolves.toBe(false);
    const [first, second] = ids(step);
    expect(step.runner.outputs).toMatchObject({
      result: 'Succeeded',
      state: 'success',
      'error-code': 'TWIN_FOUND',
      submission: 'submitted',
      'batch-id': second,
    });
    expect(deleted(step)).toEqual([first]);
    expect(step.fabric.batches[1]?.snapshot().phase).toBe('killed');
    for (const id of [first, second]) expect(step.error.message).toContain(id);
    expect(step.runner.summaryText).toContain('TWIN_FOUND');
    const { runner } = await post(step);
    expect(runner.errors).toEqual([]);
  });

  test('is one as well when it has ended by itself: the job ran twice', async () => {
    const step = await doubtful({ first: goodBatch('twice\n', 30) });
    await expect(step.run()).resolves.toBe(false);
    expect(step.runner.outputs).toMatchObject({ result: 'Succeeded', 'error-code': 'TWIN_FOUND' });
    for (const id of ids(step)) expect(step.error.message).toContain(id);
  });

  test('does not hide that the followed batch failed', async () => {
    const second: BatchScript = {
      steps: [
        { at: 3, phase: 'running' },
        { at: 300, phase: 'dead' },
      ],
    };
    const step = await doubtful({ second });
    await expect(step.run()).resolves.toBe(false);
    expect(step.runner.outputs).toMatchObject({ result: 'Failed', state: 'dead' });
    expect(deleted(step)).toEqual([ids(step)[0]]);
    expect(step.error.title).toBe('Spark batch failed');
    expect(step.runner.warnings.join('\n')).toContain(ids(step)[0]);
  });

  test('whose DELETE does not get through is named, and post ends it', async () => {
    const step = await doubtful();
    const mend = step.fabric.faults.add({
      when: (line) => isBatches(line) && line.method === 'DELETE',
      fault: { kind: 'answer', status: 503 },
    });
    await expect(step.run()).resolves.toBe(false);
    expect(step.runner.outputs['error-code']).toBe('TWIN_FOUND');
    mend();
    await post(step);
    expect(step.fabric.batches[1]?.snapshot().phase).toBe('killed');
  });
});

describe('a twin that appears after main has ended', () => {
  test('is found by post, which cancels it and fails', async () => {
    const step = await doubtful({ listLagSeconds: 20 * 60 });
    await expect(step.run()).resolves.toBe(true);
    expect(step.runner.outputs).toMatchObject({ result: 'Succeeded', submission: 'submitted' });
    expect(deleted(step)).toEqual([]);
    await step.time.sleep(20 * minute);
    const { green, runner } = await post(step);
    const [first, second] = ids(step);
    expect(green).toBe(false);
    expect(deleted(step)).toEqual([first]);
    expect(step.fabric.batches[1]?.snapshot().phase).toBe('killed');
    expect(runner.errors).toHaveLength(1);
    for (const id of [first, second]) expect(runner.errors[0]?.message).toContain(id);
  });

  test('none appears: post looks, and its result is good', async () => {
    const step = await doubtful({ listLagSeconds: 20 * 3_600 });
    await expect(step.run()).resolves.toBe(true);
    const before = step.fabric.requests.filter(isList).length;
    const { green, runner } = await post(step);
    expect(step.fabric.requests.filter(isList).length).toBeGreaterThan(before);
    expect(green).toBe(true);
    expect(runner.errors).toEqual([]);
    expect(deleted(step)).toEqual([]);
  });
});

describe('a batch that found the capacity full, and whose submit a gateway sent twice', () => {
  const full: BatchScript = {
    steps: [
      {
        at: 5,
        phase: 'error',
        error: { code: 'E', message: '[TooManyRequestsForCapacity] Full.' },
      },
    ],
  };

  async function turnedAway(milliseconds: number): Promise<Stage> {
    let started = 0;
    const step = await stage({ script: () => (started++ === 0 ? full : endless) });
    step.afterSubmit(milliseconds, () => {
      const post = step.sent.find(({ method, url }) => method === 'POST' && /\/batches$/.test(url));
      if (post) void step.world.transport(post);
    });
    return step;
  }

  test('is not submitted again beside its twin, which is cancelled and told', async () => {
    for (const milliseconds of [1_000, 20_000]) {
      const step = await turnedAway(milliseconds);
      await expect(step.run()).resolves.toBe(false);
      const [first, twin] = ids(step);
      expect(step.fabric.batches).toHaveLength(2);
      expect(step.runner.outputs).toMatchObject({
        result: 'NotStarted',
        'error-code': 'TWIN_FOUND',
        'batch-id': first,
      });
      expect(deleted(step)).toEqual([twin]);
      expect(step.error.message).toContain(twin);
      await post(step);
      expect(step.fabric.batches.map(({ active }) => active)).toEqual([false, false]);
    }
  });

  test('is submitted again where the list cannot be read, or shows none', async () => {
    let started = 0;
    for (const status of [200, 500]) {
      started = 0;
      const step = await stage({
        script: () => (started++ === 0 ? full : goodBatch('x\n', 60)),
      });
      if (status === 500)
        step.fabric.faults.add({ when: isList, fault: { kind: 'answer', status } });
      await expect(step.run()).resolves.toBe(true);
      expect(step.fabric.batches).toHaveLength(2);
    }
  });
});

test('a list that post could read only before a twin would show: it says how to look', async () => {
  const step = await doubtful({ listLagSeconds: 1, first: endless });
  step.afterSubmit(300, () => step.interrupt.raise('SIGINT'));
  await expect(step.run()).resolves.toBe(false);
  const { runner } = step.secondStep();
  Object.assign(runner.states, step.runner.states);
  const start = step.time.now();
  step.fabric.faults.add({
    when: (line) => isList(line) && step.time.now() > start + 20_000,
    fault: { kind: 'answer', status: 500 },
  });
  await cleanUp(step.worldOf(runner));
  expect(runner.lines.join('\n')).toMatch(/stopped/);
  expect(runner.lines.join('\n')).toMatch(
    /may still appear, if the list shows it later than it could be read: look in .* ends with [0-9a-f]{12}/,
  );
});

test('a twin that the list shows after post has found the batch that was followed is found too', async () => {
  let started = 0;
  const step = await stage({
    script: () => (started++ > 0 ? endless : goodBatch('x\n', 5)),
    settings: { listLagSeconds: 1 },
  });
  step.fabric.faults.add({ when: isSubmit, times: 1, fault: unheard });
  step.afterSubmit(20_000, () => {
    const repeated = step.sent.find(
      ({ method, url }) => method === 'POST' && /\/batches$/.test(url),
    );
    if (repeated) void step.world.transport(repeated);
  });
  await expect(step.run()).resolves.toBe(true);
  const { green, runner } = await post(step);
  expect(step.fabric.batches).toHaveLength(2);
  expect(step.fabric.batches.map(({ active }) => active)).toEqual([false, false]);
  expect(green).toBe(false);
  expect(runner.errors).toHaveLength(1);
});

test('a twin that stood beside its batch in the list once is ended and told, though the list forgets it', async () => {
  const step = await echoed(1_000);
  step.afterSubmit(20_000, () => {
    const followed = step.runner.outputs['batch-id'] ?? '';
    step.fabric.faults.add({
      when: isList,
      fault: {
        kind: 'rewrite',
        body: () => {
          const items = [{ id: followed, tags: { submission: nonce(0) } }];
          return JSON.stringify({ items, totalCountOfMatchedItems: 1 });
        },
      },
    });
  });
  await expect(step.run()).resolves.toBe(false);
  const followed = step.runner.outputs['batch-id'] ?? '';
  const [twin] = ids(step).filter((id) => id !== followed);
  expect(step.runner.outputs).toMatchObject({ result: 'Succeeded', 'error-code': 'TWIN_FOUND' });
  expect(step.error.message).toContain(twin);
  expect(deleted(step)).toEqual([twin]);
  const [posted] = step.batchRequests('POST');
  const [cancel] = step.batchRequests('DELETE');
  expect((cancel?.at ?? Infinity) - (posted?.at ?? 0)).toBeLessThan(15_000);
});

test('post reads the list once where the doubt is long past', async () => {
  const step = await stage({ script: goodBatch('x\n', 300) });
  step.fabric.faults.add({ when: isSubmit, times: 1, fault: unheard });
  await expect(step.run()).resolves.toBe(true);
  const [before, began] = [step.fabric.requests.filter(isList).length, step.time.now()];
  await post(step);
  expect(step.fabric.requests.filter(isList).length).toBeLessThanOrEqual(before + 2);
  expect(step.time.now() - began).toBeLessThan(5_000);
});

describe('an adopted batch', () => {
  test.each([1_000, 60_000])(
    'whose POST a gateway sent again %i ms later has a twin of the same nonce',
    async (milliseconds) => {
      const step = await echoed(milliseconds);
      await expect(step.run()).resolves.toBe(false);
      const both = ids(step);
      const followed = step.runner.outputs['batch-id'] ?? '';
      expect(both).toContain(followed);
      expect(step.runner.outputs).toMatchObject({
        result: 'Succeeded',
        submission: 'adopted',
        'error-code': 'TWIN_FOUND',
      });
      expect(deleted(step)).not.toContain(followed);
      expect(step.fabric.batches.map(({ active }) => active)).toEqual([false, false]);
      for (const id of both) expect(step.error.message).toContain(id);
    },
  );

  test('without a twin is green, its list read before the verdict', async () => {
    const step = await stage({ script: goodBatch('x\n', 300) });
    step.fabric.faults.add({ when: isSubmit, times: 1, fault: unheard });
    await expect(step.run()).resolves.toBe(true);
    const posted = step.batchRequests('POST')[0]?.at ?? 0;
    const last = step.fabric.requests.filter(isList).at(-1)?.at ?? 0;
    expect(last - posted).toBeGreaterThanOrEqual(300_000);
    const { green, runner } = await post(step);
    expect({ green, errors: runner.errors }).toEqual({ green: true, errors: [] });
    expect(deleted(step)).toEqual([]);
  });

  test('a batch of another submission is no twin', async () => {
    const step = await doubtful({ first: goodBatch('x\n', 300), listLagSeconds: 20 });
    const other = step.secondStep();
    step.afterSubmit(5_000, () => other.start());
    await expect(step.run()).resolves.toBe(true);
    await expect(other.end).resolves.toBe(true);
    expect(step.runner.outputs['submission']).toBe('adopted');
    expect(deleted(step)).toEqual([]);
  });
});

test('a list that cannot be read at the time of the verdict: a warning, and post looks again', async () => {
  const step = await echoed(60_000);
  let mend = (): void => undefined;
  step.afterSubmit(50_000, () => {
    mend = step.fabric.faults.add({ when: isList, fault: { kind: 'answer', status: 500 } });
  });
  await expect(step.run()).resolves.toBe(true);
  expect(step.runner.outputs).toMatchObject({ result: 'Succeeded', submission: 'adopted' });
  expect(step.runner.outputs['error-code'] ?? '').toBe('');
  expect(step.runner.warnings).not.toEqual([]);
  const blind = await post(step);
  expect(deleted(step)).toEqual([]);
  expect({ green: blind.green, errors: blind.runner.errors }).toEqual({ green: true, errors: [] });
  mend();
  const { green, runner } = await post(step);
  expect(green).toBe(false);
  expect(deleted(step)).toEqual([ids(step).find((id) => id !== step.runner.outputs['batch-id'])]);
  expect(runner.errors).toHaveLength(1);
  // A post that cannot read the list either does not keep that to itself.
  expect(blind.runner.warnings).not.toEqual([]);
});

describe('a signal while there is a doubt', () => {
  const second = (step: Stage) => (line: RequestLine) =>
    isSubmit(line) && step.fabric.batches.length === 1;

  test('during the search for the second submit: post ends both', async () => {
    const step = await doubtful({ second: endless, listLagSeconds: 100 });
    step.fabric.faults.add({ when: second(step), times: 1, fault: unheard });
    step.once(second(step), () => {
      step.time.after(5_000, () => step.interrupt.raise('SIGINT'));
    });
    await expect(step.run()).resolves.toBe(false);
    expect(step.runner.outputs['result']).toBe('Cancelled');
    expect(step.batchRequests('POST')).toHaveLength(2);
    await step.time.sleep(3 * minute);
    await post(step);
    for (const batch of step.fabric.batches) expect(batch.snapshot().phase).toBe('killed');
  });

  test('while the second batch runs: it is cancelled within a second, the first by post', async () => {
    const step = await doubtful({ second: endless, listLagSeconds: 100 });
    let raised = 0;
    step.once(second(step), () => {
      step.time.after(20_000, () => {
        raised = step.time.now();
        step.interrupt.raise('SIGTERM');
      });
    });
    await expect(step.run()).resolves.toBe(false);
    const both = ids(step);
    const [cancel] = step.batchRequests('DELETE');
    expect(cancel?.path).toContain(both[1]);
    expect((cancel?.at ?? 0) - raised).toBeLessThanOrEqual(1_000);
    await step.time.sleep(3 * minute);
    await post(step);
    expect(deleted(step).sort()).toEqual([...both].sort());
    expect(step.fabric.batches.map(({ active }) => active)).toEqual([false, false]);
  });
});
