import { describe, expect, jest, test } from '@jest/globals';
import type { BatchScript } from '../../local/engine/scripted.ts';
import type { RequestLine } from '../../local/faults.ts';
import { isBatches, isStatus, stage, type Stage, type StageOptions } from './stage.ts';

jest.setTimeout(30_000);

const minute = 60_000;
const endless: BatchScript = {
  steps: [{ at: 5, phase: 'running', stdout: 'at work\nno line feed' }],
};
const isCancel = (line: RequestLine): boolean => isBatches(line) && line.method === 'DELETE';
const isSignIn = ({ host }: RequestLine): boolean => host === 'authority';

/** How long after a signal, so many milliseconds after the submit, the main of this step ended. */
async function ended(step: Stage, milliseconds: number): Promise<number> {
  let raised = 0;
  step.afterSubmit(milliseconds, () => {
    raised = step.time.now();
    step.interrupt.raise('SIGINT');
  });
  await expect(step.run()).resolves.toBe(false);
  expect(step.runner.outputs).toMatchObject({ result: 'Cancelled', 'error-code': 'CANCELLED' });
  return step.time.now() - raised;
}

async function running(options: Partial<StageOptions> = {}): Promise<Stage> {
  return stage({ script: endless, ...options });
}

function deletedAfterSubmit(step: Stage): number {
  const [posted] = step.batchRequests('POST');
  const [deleted] = step.batchRequests('DELETE');
  return (deleted?.at ?? Infinity) - (posted?.at ?? 0);
}

describe('after a signal', () => {
  test('a pause that Fabric asked for does not hold the DELETE', async () => {
    const step = await running();
    step.afterSubmit(minute, () => {
      step.fabric.faults.add({
        when: isStatus,
        times: 1,
        fault: { kind: 'answer', status: 429, headers: { 'retry-after': '600' } },
      });
    });
    await ended(step, 2 * minute);
    expect(deletedAfterSubmit(step) - 2 * minute).toBeLessThanOrEqual(1_000);
    expect(step.fabric.batches[0]?.snapshot().phase).toBe('killed');
  });

  test('a budget that is used up does not hold the DELETE, and a POST that waited for it is never sent', async () => {
    const held = await running({ inputs: { 'requests-per-minute': '1' } });
    await ended(held, 90_000);
    expect(deletedAfterSubmit(held) - 90_000).toBeLessThanOrEqual(1_000);

    const names = { workspace: 'analytics', lakehouse: 'orders' };
    const step = await running({ inputs: { ...names, 'requests-per-minute': '2' } });
    step.once(
      ({ path }) => path.includes('/lakehouses'),
      () => step.time.after(10_000, () => step.interrupt.raise('SIGINT')),
    );
    await expect(step.run()).resolves.toBe(false);
    expect(step.runner.outputs).toMatchObject({ result: 'Cancelled', submission: 'none' });
    await step.time.sleep(10 * minute);
    expect(step.batchRequests('POST')).toEqual([]);
  });

  test('the last minute of the last token is enough, while the sign-in is out of reach', async () => {
    const step = await running();
    step.afterSubmit(40 * minute, () => {
      step.fabric.faults.add({ when: isSignIn, fault: { kind: 'reset', moment: 'before' } });
    });
    await ended(step, 59.5 * minute);
    expect(deletedAfterSubmit(step) - 59.5 * minute).toBeLessThanOrEqual(1_000);
    expect(step.fabric.batches[0]?.snapshot().phase).toBe('killed');
  });

  test('a token that is no longer good is replaced for the DELETE', async () => {
    const step = await running();
    const signIns = (): number => step.fabric.requests.filter(isSignIn).length;
    step.afterSubmit(minute, () => {
      const before = signIns();
      step.fabric.faults.add({
        when: (line) => isCancel(line) && signIns() === before,
        fault: { kind: 'answer', status: 401 },
      });
    });
    await ended(step, 2 * minute);
    expect(step.fabric.batches[0]?.snapshot().phase).toBe('killed');
  });

  test.each([403, 409, 429, 500, 503])(
    'a DELETE that is answered with %i is sent again',
    async (status) => {
      const step = await running();
      step.fabric.faults.add({ when: isCancel, times: 2, fault: { kind: 'answer', status } });
      await ended(step, minute);
      expect(step.batchRequests('DELETE').map((entry) => entry.status)).toEqual([
        status,
        status,
        200,
      ]);
      expect(step.fabric.batches[0]?.snapshot().phase).toBe('killed');
    },
  );

  test('a DELETE that is refused again and again is given up before the runner kills the step', async () => {
    const step = await running();
    step.fabric.faults.add({ when: isCancel, fault: { kind: 'answer', status: 503 } });
    expect(await ended(step, minute)).toBeLessThanOrEqual(8_000);
    expect(step.error.message).toContain('could not be asked to end the batch');
    expect(step.error.message).toContain(step.runner.outputs['run-url']);
  });

  test('what is at hand of the log is shown, a line without its end too', async () => {
    const step = await running();
    await ended(step, minute);
    expect(step.runner.lines).toContain('no line feed');
  });
});
