import { within, type Clock } from '../clock.ts';
import type { Answer } from '../http/client.ts';
import type { Livy } from '../livy/livy.ts';
import { batchStatus, type BatchStatus } from '../livy/status.ts';
import { isOver } from '../livy/verdict.ts';

/** Between two readings; how long one may take; how long 404 lasts before the list is asked; milliseconds. */
const reading = { between: 3_000, longest: 8_000, missing: 60_000 };

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
  /** The service does not know the batch (any more). */
  | { kind: 'gone' }
  | { kind: 'active'; last: BatchStatus | undefined };

/**
 * Reads a batch until it is proven to have ended, for so many milliseconds at most, or until `signal`.
 * It is gone after 404 in every reading for 60 s and its absence from a whole list (design, section 3).
 */
export async function waitForEnd(
  livy: Livy,
  clock: Clock,
  batchId: string,
  longest: number,
  signal?: AbortSignal,
): Promise<BatchEnd> {
  const giveUpAt = clock.now() + longest;
  let last: BatchStatus | undefined;
  let missingSince: number | undefined;
  for (;;) {
    const seen = await look(livy, clock, batchId);
    if (seen === 'gone') missingSince ??= clock.now();
    else missingSince = undefined;
    const missing = missingSince !== undefined && clock.now() - missingSince >= reading.missing;
    if (missing && (await isAbsent(livy, batchId))) return { kind: 'gone' };
    if (seen !== undefined && seen !== 'gone') last = seen;
    if (last && isOver(last)) return { kind: 'over', last };
    if (clock.now() >= giveUpAt || signal?.aborted) return { kind: 'active', last };
    await clock.sleep(reading.between, signal);
  }
}

async function isAbsent(livy: Livy, batchId: string): Promise<boolean> {
  const batches = await livy.list().catch(() => undefined);
  return batches !== undefined && !livy.holds(batches, batchId);
}
