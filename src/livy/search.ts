import { orAborted, within, type Clock } from '../clock.ts';
import type { Livy } from './livy.ts';
import { nonceDigits } from './request.ts';
import type { BatchStatus } from './status.ts';

export interface SearchParts {
  livy: Livy;
  clock: Clock;
  /** Ends the search after one more reading. */
  signal: AbortSignal;
}

/** When the list is read for a submit whose reply was lost, in milliseconds after it (rule 2). */
const searchTimes = [2_000, 12_000, 27_000, 47_000];
const fewestReadings = 3;
const mostReadings = 10;
/** The last whole reading comes at least so long after the submit. */
const searchSpan = 45_000;
/** How often the list is read beside a POST that is still under way after a signal. */
const besideEvery = 1_500;
const lastReading = 4_000;

/** How long `search` takes when it finds nothing and the list can be read; milliseconds. */
export const searchMs = 47_000;

/** True for a batch that carries this nonce, as a tag or at the end of its name. */
export function carries(batch: BatchStatus, nonce: string): boolean {
  const tagged = batch.tags['submission'];
  return tagged === undefined
    ? batch.name?.endsWith(` ${nonceDigits(nonce)}`) === true
    : tagged === nonce;
}

/** A batch with an id. */
export type KnownBatch = BatchStatus & { id: string };

/** The batches that carry one of the nonces. */
export function carriersOf(
  batches: readonly BatchStatus[],
  nonces: Iterable<string>,
): KnownBatch[] {
  const wanted = [...nonces];
  return batches.flatMap((batch) =>
    batch.id !== undefined && wanted.some((nonce) => carries(batch, nonce))
      ? [{ ...batch, id: batch.id }]
      : [],
  );
}

/**
 * Looks for a batch by its nonce until it is found, or until three whole readings of the list over
 * 45 s do not hold it (rule 2). `twins`: others that carry it too, where the list holds more than
 * one at once. `readings`: how many whole ones there were.
 */
export async function search(
  parts: SearchParts,
  nonce: string,
): Promise<{ found?: KnownBatch; twins: readonly KnownBatch[]; readings: number }> {
  const { clock, livy, signal } = parts;
  const start = clock.now();
  let whole = 0;
  let wholeUntil = 0;
  for (let reading = 0; reading < mostReadings && !signal.aborted; reading += 1) {
    if (whole >= fewestReadings && wholeUntil >= searchSpan) break;
    await clock.sleep(Math.max(0, start + dueAt(reading) - clock.now()), signal);
    const batches = (await listOrAborted(livy, signal)) ?? (await lastList(parts));
    const [found, ...twins] = carriersOf(batches ?? [], [nonce]);
    if (found) return { found, twins, readings: whole };
    if (!batches) continue;
    whole += 1;
    wholeUntil = clock.now() - start;
  }
  return { twins: [], readings: whole };
}

/** Reads the list again and again until it holds the batch; ends without a value only with `over`. */
export async function searchBeside(
  parts: SearchParts,
  nonce: string,
  over: AbortSignal,
): Promise<KnownBatch> {
  for (let reading = 0; !over.aborted && reading < mostReadings; reading += 1) {
    const batches = await parts.livy.list(over).catch(() => undefined);
    const [found] = carriersOf(batches ?? [], [nonce]);
    if (found) return found;
    await parts.clock.sleep(besideEvery, over);
  }
  return new Promise(() => undefined);
}

function dueAt(reading: number): number {
  const last = searchTimes.at(-1) ?? 0;
  return searchTimes[reading] ?? last + 15_000 * (reading - searchTimes.length + 1);
}

async function listOrAborted(
  livy: Livy,
  signal: AbortSignal,
): Promise<readonly BatchStatus[] | undefined> {
  return orAborted(
    livy.list(signal).catch(() => undefined),
    signal,
  );
}

/** After a signal: one more reading, no longer than the runner leaves time. */
async function lastList(parts: SearchParts): Promise<readonly BatchStatus[] | undefined> {
  if (!parts.signal.aborted) return undefined;
  return within(parts.clock, lastReading, (limit) => listOrAborted(parts.livy, limit));
}
