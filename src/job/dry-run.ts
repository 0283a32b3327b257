import { StepError, messageOf } from '../errors.ts';
import { stateWords } from '../livy/status.ts';
import { look } from './batch-end.ts';
import type { Place } from './place.ts';
import type { Plan } from './plan.ts';
import { save } from './saved-state.ts';
import { unlessInterrupted, type Step } from './step.ts';
import { beginUploads } from './upload-folder.ts';
import { wholeList } from './whole-list.ts';

type Check = [what: string, run: () => Promise<string>];

/**
 * `dry-run`: tries what can be tried without a batch, and says what it proved and what it could not.
 * Gives why the step is red (the first thing that failed), or `undefined`.
 */
export async function tryOut(step: Step, place: Place, plan: Plan): Promise<StepError | undefined> {
  const { facts, world, inputs } = step;
  const { runner } = world;
  const { livyUrl } = inputs;
  const notes =
    livyUrl === undefined
      ? provedOnTheWay(step, place)
      : [`Proved: the inputs are valid (${livyUrl} wants no sign-in).`];
  let first: StepError | undefined;
  for (const [what, check] of checks(step, place, plan)) {
    try {
      notes.push(`Proved: ${await unlessInterrupted(step, check())}`);
    } catch (thrown) {
      if (!(thrown instanceof StepError)) throw thrown;
      first ??= thrown;
      notes.push(`Failed: ${what}: ${messageOf(thrown)}`);
    }
  }
  const unproved =
    livyUrl === undefined
      ? 'that the identity may submit, that the capacity has room'
      : 'that the server may read the files of the job';
  notes.push(`Not proved: ${unproved}, that the job itself runs; only a batch shows that.`);
  if (inputs.job?.main.kind === 'uri')
    notes.push(`Not proved: that ${inputs.job.main.uri} is there.`);
  for (const note of notes) runner.info(note);
  facts.notes = notes;
  facts.result = first ? 'NotStarted' : 'Checked';
  if (!first) save(runner, 'settled', 'Checked');
  return first;
}

/** `dry-run` with `batch-id`: the batch is read, and nothing is done to it. */
export async function tryOutNamed(
  step: Step,
  place: Place,
  batchId: string,
): Promise<StepError | undefined> {
  const { facts, world } = step;
  const status = await unlessInterrupted(step, look(place.livy, world.clock, batchId));
  if (status === undefined || status === 'gone')
    return new StepError(
      status === 'gone' ? 'NOT_FOUND' : 'SERVICE_UNREACHABLE',
      `The batch ${batchId} ${status === 'gone' ? `is not known to ${place.livy.dialect.service}` : 'could not be read'}.`,
      { advice: place.livy.dialect.checkId },
    );
  facts.notes = [`Proved: the batch ${batchId} can be read; it is ${stateWords(status)}.`];
  for (const note of facts.notes) world.runner.info(note);
  facts.result = 'Checked';
  return undefined;
}

function provedOnTheWay({ facts }: Step, { environmentId }: Place): string[] {
  const environment = environmentId === undefined ? '' : `, the environment ${environmentId}`;
  return [
    'Proved: the inputs are valid, and Entra signs in for Fabric and for OneLake.',
    `Proved: the workspace is ${facts.workspace.id ?? ''}, the lakehouse ${facts.lakehouse.id ?? ''}${environment}.`,
  ];
}

function checks(step: Step, place: Place, plan: Plan): Check[] {
  const { inputs } = step;
  const inLakehouse = [inputs.job?.main, ...Object.values(inputs.job?.libraries ?? {}).flat()];
  const all: Check[] = [['reading the list of batches', () => listAccess(step, place)]];
  if (inputs.livyUrl !== undefined) return all;
  all.push(['writing under upload-path', () => probe(step, place, plan.folder)]);
  for (const file of inLakehouse) {
    if (file?.kind !== 'lakehouse') continue;
    all.push([`finding ${file.path}`, () => presence(step, place, file.path)]);
  }
  return all;
}

async function listAccess(step: Step, place: Place): Promise<string> {
  const batches = await wholeList(step, place, 'whether it can be read');
  if (!place.livy.dialect.keepsTags)
    return `the list of batches can be read (${batches.length} batches).`;
  const tagged = batches.filter(({ tags }) => Object.keys(tags).length > 0).length;
  const tags =
    batches.length === 0
      ? 'whether they carry tags is not known, since there are none'
      : tagged > 0
        ? `${tagged} of them carry tags`
        : 'none of them carries tags, so that on-rerun can find nothing if it stays so';
  return `the list of batches can be read (${batches.length} batches; ${tags}).`;
}

async function probe(step: Step, place: Place, folder: string): Promise<string> {
  beginUploads(step, place.lake, folder);
  await place.lake.writeBytes(`${folder}/probe.txt`, Buffer.from('dry-run\n'));
  await place.lake.removeFolder(folder);
  return `the identity may write and delete under ${step.inputs.uploadPath}.`;
}

async function presence(step: Step, place: Place, path: string): Promise<string> {
  if (await place.lake.exists(path, step.interrupt.signal)) return `${path} is in the lakehouse.`;
  throw new StepError('NOT_FOUND', `${path} is not in the lakehouse.`, {
    advice: 'Check the path; a file of the checkout is named without Files/ or with ./ before it.',
  });
}
