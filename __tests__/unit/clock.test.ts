import { expect, test } from '@jest/globals';
import { within } from '../../src/clock.ts';
import { VirtualClock } from './virtual-clock.ts';

test('what came in time is not told to end afterwards: its body may still be read', async () => {
  const clock = new VirtualClock();
  let limit: AbortSignal | undefined;
  const work = (signal: AbortSignal): Promise<string> => {
    limit = signal;
    return clock.sleep(500).then(() => 'reply');
  };
  await expect(within(clock, 1_000, work)).resolves.toBe('reply');
  await clock.sleep(5_000);
  expect(limit?.aborted).toBe(false);
});

test('work that is late is told so, and nobody waits for it', async () => {
  const clock = new VirtualClock();
  let told = 0;
  const work = (signal: AbortSignal): Promise<string> => {
    signal.addEventListener('abort', () => (told = clock.elapsed));
    return new Promise(() => undefined);
  };
  await expect(within(clock, 1_000, work)).resolves.toBeUndefined();
  expect([told, clock.elapsed]).toEqual([1_000, 1_000]);
});
