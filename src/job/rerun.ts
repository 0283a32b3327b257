import { StepError } from '../errors.ts';
import { earlierBatch, ofLowerAttempts, type OwnLineage } from '../livy/lineage.ts';
import { fingerprintOf, lineageOf } from '../livy/request.ts';
import type { KnownBatch } from '../livy/search.ts';
import { stateWords, type BatchStatus } from '../livy/status.ts';
import { isOver } from '../livy/verdict.ts';
import { duration } from '../report/duration.ts';
import { acceptedAt, beginBatch, wordsOf, type FollowedBatch } from './batch.ts';
import { look, waitForEnd } from './batch-end.ts';
import { requestCancel } from './cancel.ts';
import { runUrl, type Place } from './place.ts';
import type { Plan } from './plan.ts';
import { save } from './saved-state.ts';
import { unlessInterrupted, type Step } from './step.ts';
import { wholeList } from './whole-list.ts';
import { runIdentity } from './run-identity.ts';
import { beginUploads, removeUpload, uploadFolderName } from './upload-folder.ts';

/** How long `new` waits for the end of a batch; milliseconds. */
const longestEnd = 10 * 60_000;

/**
 * On a higher attempt: what a lower one left is dealt with as `on-rerun` says, before anything is
 * submitted. Gives the batch to follow in place of a new one, or `undefined`. On a first attempt
 * nothing is read. Throws `StepError` RERUN_AMBIGUOUS, RERUN_DIFFERS, RERUN_NOT_ENDED,
 * LIST_UNREADABLE; `Interrupted`.
 */
export async function takeUpEarlier(
  step: Step,
  place: Place,
  plan: Plan,
): Promise<FollowedBatch | undefined> {
  const { runner, clock } = step.world;
  const identity = runIdentity(step);
  const attempt = Number(identity.attempt);
  if (!(attempt > 1)) return undefined;
  if (!place.livy.dialect.keepsTags) {
    runner.warning(
      `${place.livy.dialect.service} keeps no tags, so that a batch which an earlier attempt left cannot be known: look in ${place.livy.dialect.hub}.`,
    );
    return undefined;
  }
  const own: OwnLineage = {
    lineage: lineageOf(identity),
    attempt,
    fingerprint: fingerprintOf(plan.batch, plan.contents),
    submitterId: await unlessInterrupted(step, step.services.fabric.objectId()),
  };
  const batches = await wholeList(step, place, 'what an earlier attempt left');
  if (batches.length > 0 && batches.every(({ tags }) => Object.keys(tags).length === 0))
    runner.warning(
      'Fabric lists batches without tags, so that a batch which an earlier attempt left cannot be known: look in the monitoring hub.',
    );
  const earlier = await Promise.all(
    ofLowerAttempts(batches, own).map((batch) => confirmed(step, place, batch)),
  );
  const found = earlierBatch(earlier, own, step.inputs.onRerun);
  if (found.kind === 'none') return undefined;
  if (found.kind === 'ambiguous') throw ambiguous(found.batches);
  const link = runUrl(step.inputs, place.lakehouseId, found.batch.id);
  if (found.kind === 'differs') throw differs(found.batch, found.why, link);
  if (found.kind === 'cancel' || found.kind === 'ending') {
    await endEarlier(step, place, found.batch, link, found.kind);
    const folder = uploadOf(step, plan, found.batch);
    if (folder !== undefined) await removeUpload(runner, place.lake, folder, step.inputs);
    return undefined;
  }
  const { batch } = found;
  save(runner, 'batchId', batch.id);
  save(runner, 'ownership', 'attached');
  const words = wordsOf(batch);
  const folder = uploadOf(step, plan, batch);
  if (folder !== undefined) {
    beginUploads(step, place.lake, folder);
    step.facts.fileUri = plan.batch.file.replace(lastName(plan.folder), lastName(folder));
  }
  step.followed.push(batch.id);
  runner.info(
    `Attempt ${batch.tags['attempt'] ?? ''} of this run left a batch (${stateWords(batch)}); it is followed in place of a new one.`,
  );
  const since = acceptedAt(batch, clock.now());
  const name = batch.name ?? batch.id;
  return beginBatch(step, place, {
    id: batch.id,
    how: 'attached',
    status: batch,
    acceptedAt: since,
    submittedAt: batch.acceptedAt,
    name,
    words,
  });
}

/** Where a lower attempt of the same work put its files. */
function uploadOf(step: Step, plan: Plan, { tags }: BatchStatus): string | undefined {
  const nonce = tags['upload'] ?? tags['submission'] ?? '';
  const uploaded = /^[0-9a-f]{32}$/.test(nonce) && plan.uploads.length > 0;
  return uploaded
    ? `${step.inputs.uploadPath}/${uploadFolderName(nonce, runIdentity(step))}`
    : undefined;
}

function lastName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The list may lag: a batch that it shows as active is read itself. */
async function confirmed(step: Step, place: Place, batch: KnownBatch): Promise<KnownBatch> {
  if (isOver(batch)) return batch;
  const seen = await unlessInterrupted(step, look(place.livy, step.world.clock, batch.id));
  if (seen === undefined || seen === 'gone') return batch;
  const submitterId = seen.submitterId ?? batch.submitterId;
  return { ...seen, id: batch.id, submitterId, tags: { ...seen.tags, ...batch.tags } };
}

async function endEarlier(
  step: Step,
  place: Place,
  batch: KnownBatch,
  link: string,
  how: 'cancel' | 'ending',
): Promise<void> {
  const { clock, runner } = step.world;
  const fate = how === 'cancel' ? 'it is cancelled' : 'its end is waited for';
  runner.info(
    `Attempt ${batch.tags['attempt'] ?? ''} of this run left a batch (${stateWords(batch)}), ${batch.id}: ${fate} before a new one is submitted.`,
  );
  const asked = how === 'cancel' ? requestCancel(place.livy, clock, batch.id, false) : undefined;
  const refused = asked && (await unlessInterrupted(step, asked));
  if (refused !== undefined)
    runner.warning(`Fabric did not take the request to end the batch: ${refused}`);
  const { signal } = step.interrupt;
  const end = await unlessInterrupted(
    step,
    waitForEnd(place.livy, clock, batch.id, longestEnd, signal),
  );
  if (end.kind === 'over') return;
  const words =
    end.kind === 'gone'
      ? 'Fabric knows it no longer, which proves no end'
      : end.last
        ? stateWords(end.last)
        : 'status not readable';
  throw new StepError(
    'RERUN_NOT_ENDED',
    `The batch that an earlier attempt left did not end within ${duration(longestEnd)} of its cancel (${words}): ${link}`,
    { advice: 'Nothing was submitted. Run the job again when that batch has ended.' },
  );
}

function ambiguous(batches: readonly KnownBatch[]): StepError {
  const which = batches.map((batch) => `${batch.id} (${stateWords(batch)})`).join(', ');
  return new StepError(
    'RERUN_AMBIGUOUS',
    `Earlier attempts of this call left ${batches.length} batches, and it cannot be told which one is meant: ${which}.`,
    {
      advice:
        'None was touched and nothing was submitted. Cancel those that are not wanted; and when two steps of a workflow share a run-key, give each a run-key of its own.',
    },
  );
}

function differs(batch: KnownBatch, why: readonly string[], link: string): StepError {
  return new StepError(
    'RERUN_DIFFERS',
    `An earlier attempt of this call left a batch that is ${stateWords(batch)}, and it is not what this attempt would submit (${why.join('; ')}): ${link}`,
    {
      advice:
        'It was not touched and nothing was submitted. Wait for its end, or run again with on-rerun: new to cancel it first.',
    },
  );
}
