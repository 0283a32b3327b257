import { StepError, messageOf } from '../errors.ts';
import { refusalLine } from '../http/refusal.ts';
import { batchStatus, stateWords, type BatchStatus } from '../livy/status.ts';
import { isOver, read } from '../livy/verdict.ts';
import { acceptedAt, beginBatch, wordsOf, type FollowedBatch } from './batch.ts';
import { waitForEnd } from './batch-end.ts';
import { requestCancel } from './cancel.ts';
import { runUrl, type Place } from './place.ts';
import { save } from './saved-state.ts';
import { Interrupted, unlessInterrupted, type Step } from './step.ts';

const longestEnd = 4 * 60_000;
/** When a batch is read again whose first reading fails; milliseconds. */
const readingPauses = [2_000, 5_000, 10_000, 20_000];

/** The batch that `batch-id` names, ready to be followed. It is not ours. */
export async function followNamed(
  step: Step,
  place: Place,
  batchId: string,
): Promise<FollowedBatch> {
  const { runner, clock } = step.world;
  save(runner, 'batchId', batchId);
  save(runner, 'ownership', 'followed');
  step.followed.push(batchId);
  const status = await patientReading(step, place, batchId);
  if (status.name !== undefined) {
    save(runner, 'batchName', status.name);
    place.livy.known(batchId, status.name);
  }
  return beginBatch(step, place, {
    id: batchId,
    how: 'followed',
    status,
    acceptedAt: acceptedAt(status, clock.now()),
    submittedAt: status.acceptedAt,
    name: status.name ?? batchId,
    words: wordsOf(status),
  });
}

/**
 * What the batch says of its submit; without it, of no more than its id, the follower goes on. So it
 * does after a signal, since `cancel-on` may ask for a cancel of the batch.
 */
async function patientReading(step: Step, place: Place, batchId: string): Promise<BatchStatus> {
  const { clock, runner } = step.world;
  const { signal } = step.interrupt;
  for (const pause of [...readingPauses, 0]) {
    try {
      return await firstReading(step, place, batchId);
    } catch (thrown) {
      if (thrown instanceof Interrupted) break;
      if (!(thrown instanceof StepError)) throw thrown;
      runner.info(`The batch cannot be read now: ${thrown.message}`);
    }
    await clock.sleep(pause, signal);
  }
  return batchStatus({ id: batchId });
}

async function firstReading(step: Step, place: Place, batchId: string): Promise<BatchStatus> {
  const { signal } = step.interrupt;
  const answer = await unlessInterrupted(
    step,
    place.livy.get(batchId, signal).catch((thrown: unknown) => {
      throw new StepError('SERVICE_UNREACHABLE', messageOf(thrown));
    }),
  );
  if (answer.status === 200) return batchStatus(answer.json);
  throw new StepError('NOT_FOUND', refusalLine(answer));
}

/** `wait: false`: the batch goes on, and a later step may follow it by its id. */
export function handOver(step: Step, batch: FollowedBatch): void {
  const { runner } = step.world;
  save(runner, 'settled', 'Submitted');
  step.facts.result = 'Submitted';
  runner.info(
    `The batch is left running (wait: false). A later step follows it with batch-id: ${batch.id}`,
  );
  if (step.facts.submission === 'attached')
    runner.warning(
      'An earlier attempt submitted this batch without wait: false, so that it is not marked as detached: a sweep cancels it once this run has ended.',
    );
  if (step.upload) runner.info(`Its upload stays: ${step.upload.folder}`);
}

/** `operation: cancel`: asks for the end of a batch and waits for it. Gives why the step is red, if it is. */
export async function cancelNamed(
  step: Step,
  place: Place,
  batchId: string,
): Promise<StepError | undefined> {
  const { world, facts, interrupt, inputs } = step;
  const { runner, clock } = world;
  const { service } = place.livy.dialect;
  const link = runUrl(inputs, place.lakehouseId, batchId);
  Object.assign(facts, { batchId, runUrl: link, result: 'Unknown' });
  step.outputs.publish(facts);
  const before = await firstReading(step, place, batchId).catch((thrown: unknown) => {
    if (thrown instanceof StepError) return undefined;
    throw thrown;
  });
  if (before) Object.assign(facts, { batchName: before.name, submission: 'followed' });
  if (before?.name !== undefined) place.livy.known(batchId, before.name);
  if (before && isOver(before)) {
    runner.info(`Batch ${batchId}: it had already ended (${stateWords(before)}).`);
    tellEnd(step, before);
    return undefined;
  }
  const refused = await unlessInterrupted(step, requestCancel(place.livy, clock, batchId, false));
  if (refused !== undefined)
    runner.warning(`${service} did not take the request to end the batch: ${refused}`);
  const end = await unlessInterrupted(
    step,
    waitForEnd(place.livy, clock, batchId, longestEnd, interrupt.signal),
  );
  if (end.kind === 'over') {
    runner.info(`Batch ${batchId}: stopped (${stateWords(end.last)}).`);
    tellEnd(step, end.last);
    return undefined;
  }
  if (end.kind === 'gone')
    return new StepError('BATCH_VANISHED', `${service} does not know the batch ${batchId}.`, {
      advice: place.livy.dialect.checkId,
    });
  const words = end.last ? stateWords(end.last) : 'status not readable';
  if (refused !== undefined)
    return new StepError(
      'STILL_RUNNING',
      `${service} did not take the request to end the batch ${batchId} (${refused}); it is ${words}: ${link}`,
      {
        advice: `${place.livy.dialect.rights}, then run this step again.`,
      },
    );
  return new StepError(
    'STILL_RUNNING',
    `The batch ${batchId} has not ended within 4 minutes of its cancel (${words}): ${link}`,
    { advice: 'Look at its run; run this step again to see whether it has ended.' },
  );
}

/** The batch is over, which is what was asked for, however it ended. */
function tellEnd(step: Step, status: BatchStatus): void {
  const reading = read(status);
  const verdict =
    reading.kind === 'verdict'
      ? reading.verdict
      : reading.kind === 'settle'
        ? reading.then
        : undefined;
  step.facts.state = status.state;
  step.facts.applicationId = status.appId;
  step.facts.result = verdict?.result ?? 'Cancelled';
}
