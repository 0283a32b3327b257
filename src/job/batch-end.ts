import { within, type Clock } from '../clock.ts';
import type { Answer } from '../http/client.ts';
import type { Livy } from '../livy/livy.ts';
import { batchStatus, type BatchStatus } from '../livy/status.ts';
import { isOver } from '../livy/verdict.ts';

/** Between two readings; how long one may take; how often in a row 404 means that the batch is gone. */
const reading = { between: 3_000, longest: 8_000, gone: 3 };

/** What a reading says; `gone` for a 404, `undefined` when none came within a few seconds. */
export async function look(
  livy: Livy,
  clock: Clock,
  batchId: string,
): Promise<BatchStatus | 'gone' | undefined> {
  const get = (limit: AbortSignal): Promise<Answer | undefined> =>
    livy.get(batchId, limit).catch(() => undefined);
  const answer = await within(clock, reading.longest, get);
  if (answer?.status === 404) return 'gone';
  return answer?.status === 200 ? batchStatus(answer.json) : undefined;
}

/** How a wait for the end of a batch came out; `last`: what was read last, if anything was. */
export type BatchEnd =
  | { kind: 'over'; last: BatchStatus }
  /** Fabric does not know the batch (any more). */
  | { kind: 'gone' }
  | { kind: 'active'; last: BatchStatus | undefined };

/** Reads a batch until it is proven to have ended, for so many milliseconds at most, or until `signal`. */
export async function waitForEnd(
  livy: Livy,
  clock: Clock,
  batchId: string,
  longest: number,
  signal?: AbortSignal,
): Promise<BatchEnd> {
  const giveUpAt = clock.now() + longest;
  let last: BatchStatus | undefined;
  for (let gone = 0; ;) {
    const seen = await look(livy, clock, batchId);
    gone = seen === 'gone' ? gone + 1 : 0;
    if (gone >= reading.gone) return { kind: 'gone' };
    if (seen !== undefined && seen !== 'gone') last = seen;
    if (last && isOver(last)) return { kind: 'over', last };
    if (clock.now() >= giveUpAt || signal?.aborted) return { kind: 'active', last };
    await clock.sleep(reading.between, signal);
  }
}
