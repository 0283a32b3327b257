import { within } from './clock.ts';
import { StepError, errorText, messageOf } from './errors.ts';
import { readInputs, type Inputs } from './inputs.ts';
import { look, waitForEnd } from './job/batch-end.ts';
import { requestCancel } from './job/cancel.ts';
import { connect, type World } from './job/connect.ts';
import { placeOf, runUrl, type Place } from './job/place.ts';
import { lakeByNames } from './job/early-upload.ts';
import { saved, savedList } from './job/saved-state.ts';
import { twinError } from './job/twins.ts';
import { removeUpload } from './job/upload-folder.ts';
import { nonceDigits } from './livy/request.ts';
import { carriersOf } from './livy/search.ts';
import { stateWords, type BatchStatus } from './livy/status.ts';
import { isOver } from './livy/verdict.ts';
import { duration } from './report/duration.ts';

/** How long post waits for a batch's end, counted from its start, and at least; milliseconds. */
const longestWait = 4 * 60_000;
const shortestWait = 60_000;
/** When the list is read for a submit in doubt, in milliseconds after the start of post. */
const searchTimes = [0, 10_000, 25_000, 45_000];
/** The last whole reading comes at least so long after the doubt (rule 2); how long one may take. */
const searchSpan = 45_000;
const longestList = 20_000;

/** What post works with. */
interface Rest {
  world: World;
  inputs: Inputs;
  place: Place;
  startedAt: number;
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
  const left = saved(runner, 'uploadLeft');
  const folder = saved(runner, 'uploadFolder');
  if (nowhere && folder === '') return true;
  if (settled && doubts.length === 0 && left === '') return true;
  try {
    const inputs = readInputs(runner, 'clean-up');
    const services = connect(inputs, world);
    if (nowhere) {
      // Main ended while it turned the names into ids: all that there is is the upload that began by them.
      const lake = lakeByNames(services, inputs);
      if (lake) await removeUpload(runner, lake, folder, inputs);
      return true;
    }
    const place = placeOf({ inputs, services }, workspaceId, lakehouseId);
    const [batchId, name] = [saved(runner, 'batchId'), saved(runner, 'batchName')];
    if (batchId !== '' && name !== '')
      place.livy.known(batchId, name, saved(runner, 'cancelTaken') === batchId);
    const rest = { world, inputs, place, startedAt: world.clock.now() };
    if (settled && left !== '') await removeUpload(runner, place.lake, left, inputs);
    if (settled) return doubts.length === 0 || (await endTwins(rest, doubts));
    const ended = await endAll(rest, doubts);
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
  const { ids: twins } = await endCarriers(rest, doubts, doubtedAt(rest), known);
  const news = twins.filter((id) => !told.includes(id));
  if (news.length === 0) return true;
  const { service } = rest.place.livy.dialect;
  runner.error(errorText(twinError(news, batchId, service)), 'A second Spark batch was found');
  return false;
}

/** Ends the batch of this step, and its twins. True when none of it can be running any more. */
async function endAll(rest: Rest, doubts: readonly string[]): Promise<boolean> {
  const { runner, clock } = rest.world;
  const { hub } = rest.place.livy.dialect;
  const nonce = saved(runner, 'nonce');
  const batchId = saved(runner, 'batchId');
  // A submit whose reply main never saw is as much in doubt as one whose reply was lost, from now on.
  const unheard = batchId === '' && nonce !== '' && !doubts.includes(nonce);
  const nonces = unheard ? [...doubts, nonce] : doubts;
  if (nonces.length === 0 && batchId === '') return true;
  const cause = causeOf(saved(runner, 'cause'));
  const left = cause !== 'unconfirmed' && !rest.inputs.cancelOn.has(cause);
  if (left) {
    const whose = saved(runner, 'ownership') === 'followed' ? 'not ours and is left' : 'left';
    const where =
      batchId === ''
        ? `If it was accepted, the monitoring hub shows it by a name that ends with ${digitsOf(nonces)}.`
        : runUrl(rest.inputs, rest.place.lakehouseId, batchId);
    runner.info(
      `The batch is ${whose} running, since cancel-on does not hold "${cause}": ${where}`,
    );
    if (doubts.length === 0 || batchId === '') return false;
  }
  const own = batchId === '' || left ? [] : [endOne(rest, batchId)];
  // Where no batch is known the whole search is made again: the list may show it only now.
  const since = batchId === '' ? clock.now() : doubtedAt(rest);
  const spared = [batchId, ...savedList(runner, 'earlier')];
  const found = nonces.length === 0 ? undefined : endCarriers(rest, nonces, since, spared);
  const ended = [...(await Promise.all(own)), (await found)?.ended ?? true];
  if (batchId === '' && (await found)?.ids.length === 0) {
    runner.warning(
      `Batch: not found, may still appear. Look in ${hub} for a name that ends with ${digitsOf(nonces)}.`,
    );
    return false;
  }
  return !left && ended.every(Boolean);
}

function digitsOf(nonces: readonly string[]): string {
  return nonces.map(nonceDigits).join(' or ');
}

/** When the last submit came in doubt; now, where main did not come to say. */
function doubtedAt({ world }: Rest): number {
  const time = Number(saved(world.runner, 'doubtedAt') || NaN);
  return Number.isFinite(time) ? time : world.clock.now();
}

function causeOf(word: string): 'cancel' | 'timeout' | 'error' | 'unconfirmed' {
  // Without a word main was killed, which is how a cancel that takes too long ends.
  return word === 'timeout' || word === 'error' || word === 'unconfirmed' ? word : 'cancel';
}

/**
 * Ends each batch that carries one of the nonces as soon as the list shows it, but for those that
 * are spared. One that was found may have a twin which the list shows later: it is read until a
 * whole reading comes 45 s after the doubt. `ended`: none of them can be running any more.
 */
async function endCarriers(
  rest: Rest,
  nonces: readonly string[],
  since: number,
  spared: readonly string[],
): Promise<{ ids: string[]; ended: boolean }> {
  const { clock, runner } = rest.world;
  const { livy } = rest.place;
  const { hub } = livy.dialect;
  const start = clock.now();
  const endings = new Map<string, Promise<boolean>>();
  const seen = new Set<string>();
  let [whole, lateEnough] = [false, false];
  for (const time of searchTimes) {
    await clock.sleep(Math.max(0, start + time - clock.now()));
    const readAt = clock.now();
    const batches = await readList(rest);
    if (!batches) continue;
    whole = true;
    for (const nonce of nonces) if (carriersOf(batches, [nonce]).length > 0) seen.add(nonce);
    for (const { id, name = '' } of carriersOf(batches, nonces)) {
      if (spared.includes(id) || endings.has(id)) continue;
      livy.known(id, name);
      endings.set(id, endOne(rest, id));
    }
    lateEnough = readAt >= since + searchSpan;
    if (lateEnough) break;
  }
  if (!whole)
    runner.warning(
      `The list of batches could not be read, to look for a batch that a lost reply may have started. Look in ${hub} for a name that ends with ${digitsOf(nonces)}.`,
    );
  const open = lateEnough ? nonces.filter((nonce) => !seen.has(nonce)) : nonces;
  // Where no batch at all is known, the caller says so.
  const known = endings.size > 0 || spared.some((id) => id !== '');
  if (whole && open.length > 0 && known)
    runner.info(
      `A batch that a lost reply started may still appear, if the list shows it later than ${lateEnough ? `${duration(searchSpan)} after it` : 'it could be read'}: look in ${hub} for a name that ends with ${digitsOf(open)}.`,
    );
  const ended = await Promise.all(endings.values());
  return { ids: [...endings.keys()], ended: whole && ended.every(Boolean) };
}

function readList({ place, world }: Rest): Promise<readonly BatchStatus[] | undefined> {
  return within(world.clock, longestList, (limit) => place.livy.list(limit)).catch(() => undefined);
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
  const { world, inputs, place, startedAt } = rest;
  const { runner, clock } = world;
  const longest = Math.max(shortestWait, startedAt + longestWait - clock.now());
  const end = await waitForEnd(place.livy, clock, batchId, longest);
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
    `Batch ${batchId}: ${fate} (${words}) after ${duration(longest)}: ${runUrl(inputs, place.lakehouseId, batchId)}`,
  );
  return false;
}
