import { within } from './clock.ts';
import { StepError, errorText, messageOf } from './errors.ts';
import type { Answer } from './http/client.ts';
import { readInputs, type Inputs } from './inputs.ts';
import { requestCancel } from './job/cancel.ts';
import { connect, type World } from './job/connect.ts';
import { placeOf, runUrl, type Place } from './job/place.ts';
import { removeUpload } from './job/plan.ts';
import { saved } from './job/saved-state.ts';
import { carries } from './livy/submit.ts';
import { batchStatus, stateWords, type BatchStatus } from './livy/status.ts';
import { read } from './livy/verdict.ts';
import { nonceDigits } from './livy/request.ts';

/** How long post waits for the batch's end, between two looks and for one; how often 404 means gone. */
const wait = { longest: 4 * 60_000, between: 3_000, look: 8_000, gone: 3 };
/** When the list is read for a submit whose reply main never saw, in milliseconds after the start. */
const searchTimes = [0, 10_000, 25_000, 45_000];

/**
 * What post does: nothing after a verdict; else it ends the batch that main left behind and says
 * `stopped`, `stopping`, `STILL RUNNING` or `not found, may still appear` (rule 3). It never fails
 * the step: what goes wrong here is a warning.
 */
export async function cleanUp(world: World): Promise<void> {
  const { runner } = world;
  const [workspaceId, lakehouseId] = [saved(runner, 'workspaceId'), saved(runner, 'lakehouseId')];
  if (workspaceId === '' || lakehouseId === '' || saved(runner, 'settled') !== '') return;
  try {
    const inputs = readInputs(runner, 'clean-up');
    const place = placeOf(connect(inputs, world), workspaceId, lakehouseId);
    const ended = await endBatch(world, inputs, place);
    const folder = saved(runner, 'uploadFolder');
    if (ended && folder !== '') await removeUpload(runner, place.lake, folder, inputs);
  } catch (thrown) {
    const text = thrown instanceof StepError ? errorText(thrown) : messageOf(thrown);
    runner.warning(`The clean-up could not be finished: ${text}`);
  }
}

/** Ends the batch of this step, if there may be one. True when none of it can be running any more. */
async function endBatch(world: World, inputs: Inputs, place: Place): Promise<boolean> {
  const { runner, clock } = world;
  const nonce = saved(runner, 'nonce');
  if (nonce === '') return true;
  const cause = causeOf(saved(runner, 'cause'));
  if (cause !== 'unconfirmed' && !inputs.cancelOn.has(cause)) {
    runner.info(`The batch is left running, since cancel-on does not hold "${cause}".`);
    return false;
  }
  const batchId = saved(runner, 'batchId') || (await find(world, place, nonce));
  if (batchId === undefined) {
    runner.warning(
      `Batch: not found, may still appear. Look in the monitoring hub for a name that ends with ${nonceDigits(nonce)}.`,
    );
    return false;
  }
  const before = await look(world, place, batchId);
  if (before && before !== 'gone' && isOver(before)) {
    runner.info(`Batch ${batchId}: stopped (${stateWords(before)})`);
    return true;
  }
  const refused = await requestCancel(place.livy, clock, batchId, false);
  if (refused !== undefined)
    runner.warning(`Fabric did not take the request to end the batch: ${refused}`);
  return waitForEnd(world, inputs, place, batchId);
}

function causeOf(word: string): 'cancel' | 'timeout' | 'error' | 'unconfirmed' {
  // Without a word main was killed, which is how a cancel that takes too long ends.
  return word === 'timeout' || word === 'error' || word === 'unconfirmed' ? word : 'cancel';
}

async function find(world: World, place: Place, nonce: string): Promise<string | undefined> {
  const start = world.clock.now();
  for (const time of searchTimes) {
    await world.clock.sleep(Math.max(0, start + time - world.clock.now()));
    const batches = await place.livy.list().catch(() => undefined);
    const found = batches?.find((batch) => carries(batch, nonce));
    if (found?.id !== undefined) return found.id;
  }
  return undefined;
}

/** What a reading says; `gone` for a 404, `undefined` when none came within a few seconds. */
async function look(
  world: World,
  place: Place,
  batchId: string,
): Promise<BatchStatus | 'gone' | undefined> {
  const reading = (limit: AbortSignal): Promise<Answer | undefined> =>
    place.livy.get(batchId, limit).catch(() => undefined);
  const answer = await within(world.clock, wait.look, reading);
  if (answer?.status === 404) return 'gone';
  return answer?.status === 200 ? batchStatus(answer.json) : undefined;
}

function isOver(status: BatchStatus): boolean {
  const reading = read(status);
  if (reading.kind === 'verdict') return reading.verdict.terminal;
  return reading.kind === 'settle' && reading.then.terminal;
}

async function waitForEnd(
  world: World,
  inputs: Inputs,
  place: Place,
  batchId: string,
): Promise<boolean> {
  const { runner, clock } = world;
  const giveUpAt = clock.now() + wait.longest;
  let last: BatchStatus | undefined;
  for (let gone = 0; clock.now() < giveUpAt;) {
    const seen = await look(world, place, batchId);
    gone = seen === 'gone' ? gone + 1 : 0;
    if (gone >= wait.gone) {
      runner.info(`Batch ${batchId}: stopped (Fabric knows it no longer)`);
      return true;
    }
    if (seen !== undefined && seen !== 'gone') last = seen;
    if (last && isOver(last)) {
      runner.info(`Batch ${batchId}: stopped (${stateWords(last)})`);
      return true;
    }
    await clock.sleep(wait.between);
  }
  const words = last ? stateWords(last) : 'status not readable';
  const fate = /cancelling|shutting_down/i.test(words) ? 'stopping' : 'STILL RUNNING';
  runner.warning(
    `Batch ${batchId}: ${fate} (${words}) after 4 minutes: ${runUrl(inputs, place.lakehouseId, batchId)}`,
  );
  return false;
}
