import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import { goodBatch, type BatchScript } from '../../local/engine/scripted.ts';
import type { Fault } from '../../local/faults.ts';
import { isList, isSubmit, nonce, stage, type Stage, type StageOptions } from './stage.ts';

jest.setTimeout(30_000);

const lost: Fault = { kind: 'reset', moment: 'before' };
const unheard: Fault = { kind: 'reset', moment: 'after' };
const resubmit = { 'on-unconfirmed': 'resubmit' };

/** A step whose first submits meet these faults, one each. */
async function unlucky(
  faults: readonly Fault[],
  options: Omit<Partial<StageOptions>, 'script'> = {},
): Promise<Stage> {
  const step = await stage({ script: goodBatch('x\n', 100), inputs: resubmit, ...options });
  for (const fault of [...faults].reverse())
    step.fabric.faults.add({ when: isSubmit, times: 1, fault });
  return step;
}

/** The bodies of the submits, as the action sent them. */
function bodies(step: Stage): Record<string, unknown>[] {
  return step.sent
    .filter(({ method, url }) => method === 'POST' && /\/batches$/.test(url))
    .map(({ body }) => {
      const parsed: unknown = JSON.parse(String(body));
      return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
    });
}

function expectUnconfirmed(step: Stage): void {
  expect(step.runner.outputs).toMatchObject({
    result: 'Unknown',
    submission: 'unconfirmed',
    'error-code': 'SUBMIT_UNCONFIRMED',
  });
}

describe('on-unconfirmed: fail', () => {
  test('given by name: red, and one POST by main and post together', async () => {
    const step = await unlucky([lost], { inputs: { 'on-unconfirmed': 'fail' } });
    await expect(step.run()).resolves.toBe(false);
    expectUnconfirmed(step);
    await step.post();
    expect(step.batchRequests('POST')).toHaveLength(1);
    expect(step.fabric.batches).toEqual([]);
  });

  test('an empty input means the same', async () => {
    const step = await unlucky([lost], { inputs: { 'on-unconfirmed': '' } });
    await expect(step.run()).resolves.toBe(false);
    expectUnconfirmed(step);
    expect(step.batchRequests('POST')).toHaveLength(1);
  });
});

describe('on-unconfirmed: resubmit', () => {
  test('one more POST, and green by its batch', async () => {
    const step = await unlucky([lost]);
    await expect(step.run()).resolves.toBe(true);
    expect(step.batchRequests('POST')).toHaveLength(2);
    expect(step.fabric.batches).toHaveLength(1);
    expect(step.runner.outputs).toMatchObject({
      result: 'Succeeded',
      submission: 'submitted',
      'batch-id': step.fabric.batches[0]?.id,
    });
    expect(step.runner.outputs['error-code'] ?? '').toBe('');
    expect(step.runner.errors).toEqual([]);
  });

  test('the second POST has another nonce, in the tag and in the name, and is else the same', async () => {
    const step = await unlucky([lost], { inputs: { ...resubmit, name: 'orders' } });
    await step.run();
    const [first, second] = bodies(step);
    expect(first).toMatchObject({
      name: `orders ${nonce(0).slice(0, 12)}`,
      tags: { submission: nonce(0) },
    });
    expect(second).toEqual({
      ...first,
      name: `orders ${nonce(1).slice(0, 12)}`,
      tags: { ...step.fabric.batches[0]?.request.tags, submission: nonce(1) },
    });
    expect(second?.['tags']).toMatchObject({
      ...(typeof first?.['tags'] === 'object' ? first['tags'] : {}),
      submission: nonce(1),
    });
  });

  test('its nonce is saved before its POST, and the first one is not forgotten', async () => {
    const step = await unlucky([lost]);
    const saved: string[] = [];
    step.fabric.faults.add({
      when: (line) => {
        if (isSubmit(line)) saved.push(JSON.stringify(step.runner.states));
        return false;
      },
      fault: lost,
    });
    await step.run();
    expect(saved).toHaveLength(2);
    expect(saved[0]).toContain(nonce(0));
    expect(saved[1]).toContain(nonce(0));
    expect(saved[1]).toContain(nonce(1));
  });

  test('not before the list was read whole three times over 45 s', async () => {
    const step = await unlucky([lost]);
    await step.run();
    const [first, second] = step.batchRequests('POST').map(({ at }) => at);
    const readings = step.fabric.requests.filter(
      (entry) => isList(entry) && entry.status === 200 && entry.at <= (second ?? 0),
    );
    expect(readings.length).toBeGreaterThanOrEqual(3);
    expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(45_000);
  });

  test('not when the first one is found', async () => {
    const step = await unlucky([unheard], { settings: { listLagSeconds: 30 } });
    await expect(step.run()).resolves.toBe(true);
    expect(step.batchRequests('POST')).toHaveLength(1);
    expect(step.runner.outputs).toMatchObject({ submission: 'adopted', result: 'Succeeded' });
  });

  test('not when it was answered, and then no list is read, by main or by post', async () => {
    const step = await unlucky([]);
    await expect(step.run()).resolves.toBe(true);
    await step.post();
    expect(step.batchRequests('POST')).toHaveLength(1);
    expect(step.fabric.requests.filter(isList)).toEqual([]);
  });

  test('not when it is certain that nothing was started', async () => {
    const step = await unlucky([{ kind: 'answer', status: 400 }]);
    await expect(step.run()).resolves.toBe(false);
    expect(step.batchRequests('POST')).toHaveLength(1);
    expect(step.runner.outputs).toMatchObject({ result: 'NotStarted', submission: 'none' });
  });

  test('not when the submit was accepted, only without an id', async () => {
    // "Once a 2xx status line was read: search, never send again."
    const step = await unlucky([{ kind: 'answer', status: 202, body: '{}' }]);
    await expect(step.run()).resolves.toBe(false);
    expect(step.batchRequests('POST')).toHaveLength(1);
    expectUnconfirmed(step);
  });

  test('not when the submit was accepted, and the reply was cut after its status line', async () => {
    const cut: Fault = { kind: 'cut', bytes: 0 };
    const step = await unlucky([cut], { settings: { listLagSeconds: 20 * 60 } });
    await expect(step.run()).resolves.toBe(false);
    expect(step.batchRequests('POST')).toHaveLength(1);
    expectUnconfirmed(step);
    expect(step.error.message).toContain('was accepted');
  });

  test('not after a signal during the search', async () => {
    const step = await unlucky([lost]);
    step.afterSubmit(20_000, () => step.interrupt.raise('SIGTERM'));
    await expect(step.run()).resolves.toBe(false);
    await step.post();
    expect(step.batchRequests('POST')).toHaveLength(1);
    expect(step.runner.outputs['result']).toBe('Cancelled');
  });

  test('post says by which digits to look for a batch of the first, which no list held', async () => {
    const step = await unlucky([lost]);
    await expect(step.run()).resolves.toBe(true);
    const said = (await step.post()).lines.join('\n');
    expect(said).toContain('may still appear');
    expect(said).toContain(nonce(0).slice(0, 12));
    expect(said).not.toContain(nonce(1).slice(0, 12));
  });

  test('the reply of the second is lost as well: it is searched by its own nonce', async () => {
    const step = await unlucky([lost, unheard], { settings: { listLagSeconds: 10 } });
    await expect(step.run()).resolves.toBe(true);
    expect(step.batchRequests('POST')).toHaveLength(2);
    expect(step.runner.outputs).toMatchObject({
      submission: 'adopted',
      result: 'Succeeded',
      'batch-id': step.fabric.batches[0]?.id,
    });
  });

  test('the fate of the second is unknown too: no third POST, and red', async () => {
    const step = await unlucky([lost, lost]);
    await expect(step.run()).resolves.toBe(false);
    expectUnconfirmed(step);
    expect(step.batchRequests('POST')).toHaveLength(2);
    expect(step.error.message).toContain(nonce(1).slice(0, 12));
    const post = await step.post();
    expect(step.batchRequests('POST')).toHaveLength(2);
    const warned = post.warnings.join('\n');
    expect(warned).toContain('not found, may still appear');
    expect(warned).toContain(nonce(0).slice(0, 12));
    expect(warned).toContain(nonce(1).slice(0, 12));
  });

  test('once in a step, also where a full capacity makes it submit anew', async () => {
    const full: BatchScript = {
      steps: [
        { at: 5, phase: 'error', error: { code: 'E', message: '[TooManyRequestsForCapacity]' } },
      ],
    };
    const step = await stage({ script: full, inputs: resubmit });
    let posts = 0;
    step.fabric.faults.add({ when: (line) => isSubmit(line) && posts++ % 2 === 0, fault: lost });
    await expect(step.run()).resolves.toBe(false);
    expectUnconfirmed(step);
    expect(step.batchRequests('POST')).toHaveLength(3);
    expect(step.fabric.batches).toHaveLength(1);
  });

  test('a second one that fails is red by its own verdict', async () => {
    const script = {
      steps: [
        { at: 0, phase: 'running' as const },
        { at: 20, phase: 'dead' as const },
      ],
    };
    const step = await stage({ script, inputs: resubmit });
    step.fabric.faults.add({ when: isSubmit, times: 1, fault: lost });
    await expect(step.run()).resolves.toBe(false);
    expect(step.batchRequests('POST')).toHaveLength(2);
    expect(step.runner.outputs).toMatchObject({ result: 'Failed', 'error-code': 'BATCH_FAILED' });
  });

  test('a local file is there for the second one', async () => {
    const seen: boolean[] = [];
    const step = await stage({
      script: ({ request, lakehouse }) => {
        const path = request.file.slice(request.file.indexOf('/Files/'));
        seen.push(existsSync(join(lakehouse.folder, path)));
        return goodBatch('x\n', 100);
      },
      inputs: { ...resubmit, file: 'main.py' },
      files: { 'main.py': 'print(1)\n' },
    });
    step.fabric.faults.add({ when: isSubmit, times: 1, fault: lost });
    await expect(step.run()).resolves.toBe(true);
    expect(seen).toEqual([true]);
  });
});

test.each(['retry', 'true', 'fail,resubmit'])(
  'on-unconfirmed: %s is no word of it',
  async (word) => {
    const step = await stage({ script: goodBatch('x\n'), inputs: { 'on-unconfirmed': word } });
    await expect(step.run()).resolves.toBe(false);
    expect(step.runner.outputs).toMatchObject({
      result: 'NotStarted',
      'error-code': 'INPUT_INVALID',
    });
    expect(step.error.message).toContain('on-unconfirmed');
    expect(step.error.message).toMatch(/\bfail\b/);
    expect(step.error.message).toMatch(/\bresubmit\b/);
    expect(step.fabric.requests).toEqual([]);
  },
);
