import type { KnownBatch } from './search.ts';
import type { BatchStatus } from './status.ts';
import { isBeingCancelled, isOver, read } from './verdict.ts';

/** What a step knows of itself when it looks for what its lower attempts left. */
export interface OwnLineage {
  lineage: string;
  attempt: number;
  fingerprint: string;
  /** Object id of the identity; absent when its token does not tell. */
  submitterId: string | undefined;
}

export type EarlierBatch =
  | { kind: 'none' }
  /** It is followed in place of a new one. */
  | { kind: 'attach'; batch: KnownBatch }
  /** It has to end before a new one is submitted. */
  | { kind: 'cancel'; batch: KnownBatch }
  /** It is being cancelled already, so its end is waited for before a new one is submitted. */
  | { kind: 'ending'; batch: KnownBatch }
  /** It is active and must not be touched. */
  | { kind: 'differs'; batch: KnownBatch; why: readonly string[] }
  | { kind: 'ambiguous'; batches: readonly KnownBatch[] };

/** The batches that lower attempts of the same call submitted. */
export function ofLowerAttempts(batches: readonly BatchStatus[], own: OwnLineage): KnownBatch[] {
  return batches.flatMap((batch) => {
    const attempt = Number(batch.tags['attempt']);
    const lower = Number.isInteger(attempt) && attempt >= 1 && attempt < own.attempt;
    return batch.id !== undefined && batch.tags['lineage'] === own.lineage && lower
      ? [{ ...batch, id: batch.id }]
      : [];
  });
}

/**
 * What becomes of the batches that lower attempts left, by `on-rerun` (design, section 2). Pure.
 * Active ones count; for `attach` also those that succeeded with the same work. More than one: none is touched.
 */
export function earlierBatch(
  earlier: readonly KnownBatch[],
  own: OwnLineage,
  word: 'attach-if-running' | 'attach' | 'new',
): EarlierBatch {
  const matches = earlier.filter((batch) => {
    if (!isOver(batch)) return true;
    return word === 'attach' && succeeded(batch) && differences(batch, own).length === 0;
  });
  const [match, second] = matches;
  if (!match) return { kind: 'none' };
  if (second) return { kind: 'ambiguous', batches: matches };
  if (word === 'new') return { kind: 'cancel', batch: match };
  if (isBeingCancelled(match)) return { kind: 'ending', batch: match };
  const why = differences(match, own);
  return why.length === 0
    ? { kind: 'attach', batch: match }
    : { kind: 'differs', batch: match, why };
}

function succeeded(batch: BatchStatus): boolean {
  const reading = read(batch);
  const verdict =
    reading.kind === 'verdict'
      ? reading.verdict
      : reading.kind === 'settle'
        ? reading.then
        : undefined;
  return verdict?.result === 'Succeeded';
}

/** In which ways a batch is not the one that this step would submit, in words. */
function differences(batch: BatchStatus, own: OwnLineage): string[] {
  const why: string[] = [];
  if (batch.tags['fingerprint'] !== own.fingerprint) why.push('its request is another one');
  const same = own.submitterId !== undefined && batch.submitterId === own.submitterId;
  if (!same) why.push('it is not known to be of the same identity');
  return why;
}
