import { StepError, messageOf } from '../errors.ts';
import { WorkflowRuns, type RunState } from '../github/runs.ts';
import type { KnownBatch } from '../livy/search.ts';
import { stateWords, type BatchStatus } from '../livy/status.ts';
import { isOver } from '../livy/verdict.ts';
import { nonceDigits } from '../livy/request.ts';
import { waitForEnd } from './batch-end.ts';
import { requestCancel } from './cancel.ts';
import { runUrl, type Place } from './place.ts';
import { runIdentity } from './run-identity.ts';
import { unlessInterrupted, type Step } from './step.ts';
import { wholeList } from './whole-list.ts';
import { nonceOfFolder } from './upload-folder.ts';

const longestEnd = 4 * 60_000;
/** Upload folders of that age without an active batch are deleted (rule 9); milliseconds. */
const oldUpload = 7 * 24 * 60 * 60_000;

/**
 * `operation: sweep` (rule 9): cancels active batches of this repository whose workflow run has ended,
 * except detached ones and those whose run cannot be read; deletes old upload folders that no active
 * batch needs. Gives why the step is red, if it is. With `dry-run` it only tells.
 */
export async function sweep(step: Step, place: Place): Promise<StepError | undefined> {
  const { facts, world, inputs } = step;
  const batches = await wholeList(step, place, 'what runs left behind');
  const active = batches.flatMap((batch) =>
    batch.id !== undefined && !isOver(batch) ? [{ ...batch, id: batch.id }] : [],
  );
  const sweeping = new Sweeping(step, place);
  await sweeping.batches(candidates(active, (name) => world.runner.env(name)));
  await sweeping.uploads(active);
  facts.notes = sweeping.notes.length > 0 ? sweeping.notes : ['Nothing was left behind.'];
  for (const note of facts.notes) world.runner.info(note);
  facts.result = 'Checked';
  if (sweeping.failures.length === 0) return undefined;
  return new StepError(
    'SWEEP_INCOMPLETE',
    `The sweep is not complete: ${sweeping.failures.join(' ')}`,
    {
      advice: sweeping.forbidden
        ? 'Give the job `permissions: actions: read`, so that it can see which runs have ended.'
        : `Look at these batches in the monitoring hub, then run the sweep again${inputs.dryRun ? '' : ' (dry-run: true only tells)'}.`,
    },
  );
}

/** Active batches of this repository that belong to another run, and that somebody waits for. */
function candidates(
  active: readonly KnownBatch[],
  env: (name: string) => string | undefined,
): KnownBatch[] {
  const repository = (env('GITHUB_REPOSITORY') ?? '').toLowerCase();
  return active.filter(({ tags }) => {
    const runId = tags['run-id'] ?? '';
    const ours = repository !== '' && tags['repository']?.toLowerCase() === repository;
    return ours && /^\d+$/.test(runId) && runId !== env('GITHUB_RUN_ID');
  });
}

class Sweeping {
  readonly notes: string[] = [];
  readonly failures: string[] = [];
  forbidden = false;
  readonly #step: Step;
  readonly #place: Place;

  constructor(step: Step, place: Place) {
    this.#step = step;
    this.#place = place;
  }

  async batches(found: readonly KnownBatch[]): Promise<void> {
    const attached = found.filter(({ tags }) => tags['detached'] !== 'true');
    for (const { id } of found.filter((batch) => !attached.includes(batch)))
      this.notes.push(`Left: batch ${id} was submitted with wait: false.`);
    const states = await this.#states(attached.map(({ tags }) => tags['run-id'] ?? ''));
    const ended: KnownBatch[] = [];
    for (const batch of attached) {
      const runId = batch.tags['run-id'] ?? '';
      const state = states.get(runId);
      if (state?.kind === 'ended') ended.push(batch);
      if (state?.kind === 'active')
        this.notes.push(`Left: batch ${batch.id}, since run ${runId} is under way.`);
      if (state?.kind === 'unknown') this.#unread(batch, runId, state);
    }
    await Promise.all(ended.map((batch) => this.#end(batch)));
  }

  #unread(batch: KnownBatch, runId: string, state: Extract<RunState, { kind: 'unknown' }>): void {
    const line = `batch ${batch.id}, since the state of run ${runId} cannot be read (${state.why}).`;
    this.notes.push(`Left: ${line}`);
    if (!state.forbidden) return;
    this.forbidden = true;
    this.failures.push(`Left: ${line}`);
  }

  async #states(runIds: readonly string[]): Promise<Map<string, RunState>> {
    const { world, services, inputs, interrupt } = this.#step;
    const states = new Map<string, RunState>();
    if (runIds.length === 0) return states;
    const runs = new WorkflowRuns({
      http: services.http,
      apiUrl: world.runner.env('GITHUB_API_URL') ?? '',
      repository: world.runner.env('GITHUB_REPOSITORY') ?? '',
      token: inputs.githubToken ?? '',
    });
    for (const runId of new Set(runIds))
      states.set(runId, await unlessInterrupted(this.#step, runs.state(runId, interrupt.signal)));
    return states;
  }

  async #end(batch: KnownBatch): Promise<void> {
    const { world, inputs, interrupt } = this.#step;
    const { livy, lakehouseId } = this.#place;
    const { clock } = world;
    const what = `batch ${batch.id} of run ${batch.tags['run-id'] ?? ''} (${stateWords(batch)})`;
    if (inputs.dryRun) {
      this.notes.push(`Would be cancelled: ${what}.`);
      return;
    }
    const refused = await unlessInterrupted(
      this.#step,
      requestCancel(livy, clock, batch.id, false),
    );
    const end = await unlessInterrupted(
      this.#step,
      waitForEnd(livy, clock, batch.id, longestEnd, interrupt.signal),
    );
    if (end.kind !== 'active') {
      const how = end.kind === 'over' ? 'Cancelled' : 'Cancelled, and no longer known to Fabric';
      this.notes.push(`${how}: ${what}, whose run has ended.`);
      return;
    }
    const why = refused === undefined ? 'it has not ended yet' : refused;
    this.failures.push(`${what}: ${why}: ${runUrl(inputs, lakehouseId, batch.id)}.`);
  }

  /** Old upload folders go, but never one that an active batch names. */
  async uploads(active: readonly KnownBatch[]): Promise<void> {
    const { inputs, interrupt } = this.#step;
    const { lake } = this.#place;
    const owner = runIdentity(this.#step);
    const folders = await unlessInterrupted(
      this.#step,
      lake.folders(inputs.uploadPath, interrupt.signal),
    );
    const old = folders.filter(
      ({ name, modifiedAt, now }) =>
        nonceOfFolder(name, owner) !== undefined && now - modifiedAt > oldUpload,
    );
    if (old.length === 0) return;
    const needed = await this.#namedBy(active);
    for (const { name } of old) {
      const path = `${inputs.uploadPath}/${name}`;
      const nonce = nonceOfFolder(name, owner) ?? name;
      if (
        needed === undefined ||
        needed.some((text) => text.includes(nonce) || carriesName(text, nonce))
      )
        this.notes.push(`Left: ${path}, since an active batch may need it.`);
      else if (inputs.dryRun) this.notes.push(`Would be deleted: ${path}.`);
      else await this.#remove(path);
    }
  }

  async #remove(path: string): Promise<void> {
    try {
      await unlessInterrupted(this.#step, this.#place.lake.removeFolder(path));
      this.notes.push(`Deleted: ${path}.`);
    } catch (thrown) {
      if (!(thrown instanceof StepError)) throw thrown;
      this.failures.push(`${path} could not be deleted (${messageOf(thrown)}).`);
    }
  }

  /** What active batches say of themselves, whole; `undefined` when one cannot be read. */
  async #namedBy(active: readonly BatchStatus[]): Promise<string[] | undefined> {
    const texts: string[] = [];
    for (const { id } of active) {
      if (id === undefined) continue;
      const get = this.#place.livy.get(id, this.#step.interrupt.signal).catch(() => undefined);
      const answer = await unlessInterrupted(this.#step, get);
      if (answer?.status === 404) continue;
      if (answer?.status !== 200) return undefined;
      texts.push(answer.text);
    }
    return texts;
  }
}

/** A server that drops tags and does not echo the request still shows the name of the batch. */
function carriesName(text: string, nonce: string): boolean {
  return text.includes(` ${nonceDigits(nonce)}"`);
}
