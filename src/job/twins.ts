import { StepError } from '../errors.ts';
import { carriersOf } from '../livy/search.ts';
import type { FollowedBatch } from './batch.ts';
import { requestCancel } from './cancel.ts';
import type { Place } from './place.ts';
import { save } from './saved-state.ts';
import { unlessInterrupted, type Step } from './step.ts';

/** Why a step is red whose submit started more than the batch that it followed. */
export function twinError(twins: readonly string[], batchId: string, service: string): StepError {
  const which = twins.length === 1 ? 'a second batch' : `${twins.length} more batches`;
  return new StepError(
    'TWIN_FOUND',
    `A submit had started ${which} (${twins.join(', ')}) beside the one that was followed (${batchId || 'none'}).`,
    {
      advice: `${service} was asked to end it; look at its run for what it wrote before you rely on the data.`,
    },
  );
}

/**
 * Before a batch that found the capacity full is submitted again: did its submit start another one, which may
 * run? Then it is in doubt from now on, and nothing is submitted beside it (rule 2). A list that cannot be
 * read shows none. Throws `Interrupted`.
 */
export async function hasTwin(
  step: Step,
  place: Place,
  { words: { submission } }: Pick<FollowedBatch, 'words'>,
): Promise<boolean> {
  const { world, interrupt, doubts, followed } = step;
  const reading = place.livy.list(interrupt.signal).catch(() => undefined);
  const batches = (await unlessInterrupted(step, reading)) ?? [];
  const carriers = submission === undefined ? [] : carriersOf(batches, [submission]);
  if (submission === undefined || carriers.every(({ id }) => followed.includes(id))) return false;
  doubts.push(submission);
  save(world.runner, 'doubts', doubts.join(','));
  save(world.runner, 'doubtedAt', String(world.clock.now()));
  return true;
}

/**
 * Before the verdict, where the fate of a submit was in doubt: the list is read once more for a
 * batch that this step started and does not follow. It is cancelled, and told as TWIN_FOUND (rule 2).
 */
export async function endTwins(
  step: Step,
  place: Place,
  batchId: string,
): Promise<StepError | undefined> {
  const { world, interrupt, doubts, followed, twins } = step;
  if (doubts.length === 0) return undefined;
  const batches = await place.livy.list(interrupt.signal).catch(() => undefined);
  if (!batches)
    world.runner.warning(
      'A submit was in doubt, and the list of batches cannot be read now; the post step looks for a second batch.',
    );
  const listed = carriersOf(batches ?? [], doubts).map(({ id }) => id);
  // One that was seen is told also where the list has forgotten it.
  const ids = [...new Set([...twins, ...listed])].filter((id) => !followed.includes(id));
  if (ids.length === 0) return undefined;
  save(world.runner, 'twins', ids.join(','));
  for (const id of ids) await requestCancel(place.livy, world.clock, id, false);
  return twinError(ids, batchId, place.livy.dialect.service);
}
