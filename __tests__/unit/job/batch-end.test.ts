import { expect, test } from '@jest/globals';
import type { Answer } from '../../../src/http/client.ts';
import { waitForEnd, type BatchEnd } from '../../../src/job/batch-end.ts';
import { batchStatus, type BatchStatus } from '../../../src/livy/status.ts';
import { jsonAnswer } from '../answers.ts';
import { FakeLivy } from '../livy/fake-livy.ts';
import { VirtualClock } from '../virtual-clock.ts';

const minute = 60_000;
const absent = jsonAnswer(404, {});
const running = jsonAnswer(200, { id: 'b', state: 'running' });

/** `list`: the ids that the list holds; `undefined`: it cannot be read. */
async function wait(
  at: (elapsed: number) => Answer,
  list: readonly string[] | undefined,
): Promise<{ end: BatchEnd; elapsed: number }> {
  const clock = new VirtualClock();
  const livy = new FakeLivy(clock);
  livy.onGet = () => at(clock.elapsed);
  livy.onList = (): BatchStatus[] | undefined => list?.map((id) => batchStatus({ id }));
  const end = await waitForEnd(livy, clock, 'b', 4 * minute);
  return { end, elapsed: clock.elapsed };
}

test('a batch is gone after a minute of 404, when a whole list does not hold it either', async () => {
  const { end, elapsed } = await wait(() => absent, ['another']);
  expect(end).toEqual({ kind: 'gone' });
  expect(elapsed).toBeGreaterThanOrEqual(minute);
});

test('404 for less than a minute is no end', async () => {
  const { end } = await wait((elapsed) => (elapsed < 50_000 ? absent : running), []);
  expect(end).toMatchObject({ kind: 'active', last: { state: 'running' } });
});

test('nor is a 404 that another answer breaks', async () => {
  const { end } = await wait((elapsed) => (elapsed % 30_000 < 27_000 ? absent : running), []);
  expect(end.kind).toBe('active');
});

test('nor is 404 while the list holds the batch, or cannot be read', async () => {
  for (const list of [['b'], undefined])
    expect((await wait(() => absent, list)).end.kind).toBe('active');
});
