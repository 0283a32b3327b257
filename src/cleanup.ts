import { StepError, errorText, messageOf } from './errors.ts';
import { readInputs, type Inputs } from './inputs.ts';
import { look, waitForEnd } from './job/batch-end.ts';
import { requestCancel } from './job/cancel.ts';
import { connect, type World } from './job/connect.ts';
import { placeOf, runUrl, type Place } from './job/place.ts';
import { removeUpload } from './job/plan.ts';
import { saved, savedList } from './job/saved-state.ts';
import { twinError } from './job/twins.ts';
import { nonceDigits } from './livy/request.ts';
import { carriersOf, type KnownBatch } from './livy/search.ts';
import { stateWords } from './livy/status.ts';
import { isOver } from './livy/verdict.ts';

/** How long post waits for a batch's end; milliseconds. */
const longestWait = 4 * 60_000;
/** When the list is read for a submit whose reply main never saw, in milliseconds after the start. */
const searchTimes = [0, 10_000, 25_000, 45_000];

/** What post works with. */
interface Rest {
  world: World;
  inputs: Inputs;
  place: Place;
}

/**
 * What post does: nothing after a verdict; else it ends the batch that main left behind and says
 * `stopped`, `stopping`, `STILL RUNNING` or `not found, may still appear` (rule 3). Where a submit
 * was in doubt it looks for a twin, and gives false when a step that had its verdict turns red by
 * one (rule 2). What goes wrong here is a warning.
 */
export async function cleanUp(world: World): Promise<boolean> {
  const { runner } = world;
  const [workspaceId, lakehouseId] = [saved(runner, 'workspaceId'), saved(runner, 'lakehouseId')];
  const settled = saved(runner, 'settled') !== '';
  const doubts = savedList(runner, 'doubts');
  const nowhere = saved(runner, 'livyUrl') === '' && (workspaceId === '' || lakehouseId === '');
  if (nowhere || (settled && doubts.length === 0)) return true;
  try {
    const inputs = readInputs(runner, 'clean-up');
    const place = placeOf({ inputs, services: connect(inputs, world) }, workspaceId, lakehouseId);
    const [batchId, name] = [saved(runner, 'batchId'), saved(runner, 'batchName')];
    if (batchId !== '' && name !== '')
      place.livy.known(batchId, name, saved(runner, 'cancelTaken') === batchId);
    const rest = { world, inputs, place };
    if (settled) return await endTwins(rest, doubts);
    const ended = await endAll(rest, doubts);
    const folder = saved(runner, 'uploadFolder');
    if (ended && folder !== '') await removeUpload(runner, place.lake, folder, inputs);
  } catch (thrown) {
    const text = thrown instanceof StepError ? errorText(thrown) : messageOf(thrown);
    runner.warning(`The clean-up could not be finished: ${text}`);
  }
  return true;
}

/** After a verdict: ends the twins. False when there is one that main did not tell of. */
async function endTwins(rest: Rest, doubts: readonly string[]): Promise<boolean> {
  const { runner } = rest.world;
  const batchId = saved(runner, 'batchId');
  const known = [batchId, ...savedList(runner, 'earlier')];
  const told = savedList(runner, 'twins');
  const twins = (await find(rest, doubts)).filter(({ id }) => !known.includes(id));
  await Promise.all(twins.map(({ id }) => endOne(rest, id)));
  const news = twins.map(({ id }) => id).filter((id) => !told.includes(id));
  if (news.length === 0) return true;
  const { service } = rest.place.livy.dialect;
  runner.error(errorText(twinError(news, batchId, service)), 'A second Spark batch was found');
  return false;
}

/** Ends the batch of this step, and its twins. True when none of it can be running any more. */
async function endAll(rest: Rest, doubts: readonly string[]): Promise<boolean> {
  const { runner } = rest.world;
  const { hub } = rest.place.livy.dialect;
  const nonce = saved(runner, 'nonce');
  const batchId = saved(runner, 'batchId');
  const nonces = nonce === '' || doubts.includes(nonce) ? doubts : [...doubts, nonce];
  if (nonces.length === 0 && batchId === '') return true;
  const cause = causeOf(saved(runner, 'cause'));
  const left = cause !== 'unconfirmed' && !rest.inputs.cancelOn.has(cause);
  if (left) {
    const whose = saved(runner, 'ownership') === 'followed' ? 'not ours and is left' : 'left';
    runner.info(`The batch is ${whose} running, since cancel-on does not hold "${cause}".`);
    if (doubts.length === 0 || batchId === '') return false;
  }
  const earlier = savedList(runner, 'earlier');
  const search = batchId === '' || doubts.length > 0;
  const found = search ? (await find(rest, nonces)).map(({ id }) => id) : [];
  const own = new Set([...(batchId === '' ? [] : [batchId]), ...found]);
  if (own.size === 0) {
    runner.warning(
      `Batch: not found, may still appear. Look in ${hub} for a name that ends with ${digitsOf(nonces)}.`,
    );
    return false;
  }
  const toEnd = [...own].filter((id) => !earlier.includes(id) && !(left && id === batchId));
  const ended = await Promise.all(toEnd.map((id) => endOne(rest, id)));
  return !left && ended.every(Boolean);
}

function digitsOf(nonces: readonly string[]): string {
  return nonces.map(nonceDigits).join(' or ');
}

function causeOf(word: string): 'cancel' | 'timeout' | 'error' | 'unconfirmed' {
  // Without a word main was killed, which is how a cancel that takes too long ends.
  return word === 'timeout' || word === 'error' || word === 'unconfirmed' ? word : 'cancel';
}

/** The batches of these nonces: the list is read until it holds one of each, or 45 s are over. */
async function find({ world, place }: Rest, nonces: readonly string[]): Promise<KnownBatch[]> {
  const start = world.clock.now();
  const { hub } = place.livy.dialect;
  let found: KnownBatch[] | undefined;
  for (const time of searchTimes) {
    await world.clock.sleep(Math.max(0, start + time - world.clock.now()));
    const batches = await place.livy.list().catch(() => undefined);
    if (batches) found = carriersOf(batches, nonces);
    if (nonces.every((nonce) => carriersOf(found ?? [], [nonce]).length > 0)) break;
  }
  if (!found)
    world.runner.warning(
      `The list of batches could not be read, to look for a batch that a lost reply may have started. Look in ${hub} for a name that ends with ${digitsOf(nonces)}.`,
    );
  for (const { id, name } of found ?? []) if (name !== undefined) place.livy.known(id, name);
  return found ?? [];
}

/** Ends one batch and waits for its end. True when it cannot be running any more. */
async function endOne(rest: Rest, batchId: string): Promise<boolean> {
  const { runner, clock } = rest.world;
  const { service } = rest.place.livy.dialect;
  const before = await look(rest.place.livy, clock, batchId);
  if (before && before !== 'gone' && isOver(before)) {
    runner.info(`Batch ${batchId}: stopped (${stateWords(before)})`);
    return true;
  }
  const refused = await requestCancel(rest.place.livy, clock, batchId, false);
  if (refused !== undefined)
    runner.warning(`${service} did not take the request to end the batch: ${refused}`);
  return waitUntilOver(rest, batchId);
}

async function waitUntilOver(rest: Rest, batchId: string): Promise<boolean> {
  const { world, inputs, place } = rest;
  const { runner, clock } = world;
  const end = await waitForEnd(place.livy, clock, batchId, longestWait);
  if (end.kind === 'gone') {
    // No proof of an end: its upload stays (rule 9).
    runner.info(
      `Batch ${batchId}: not found, may still appear (${place.livy.dialect.service} knows it no longer)`,
    );
    return false;
  }
  if (end.kind === 'over') {
    runner.info(`Batch ${batchId}: stopped (${stateWords(end.last)})`);
    return true;
  }
  const words = end.last ? stateWords(end.last) : 'status not readable';
  const fate = /cancelling|shutting_down/i.test(words) ? 'stopping' : 'STILL RUNNING';
  runner.warning(
    `Batch ${batchId}: ${fate} (${words}) after 4 minutes: ${runUrl(inputs, place.lakehouseId, batchId)}`,
  );
  return false;
}
