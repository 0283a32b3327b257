import { orAborted } from '../clock.ts';
import { StepError } from '../errors.ts';
import { isId } from '../fabric/names.ts';
import { OneLake, type LocalSource, type WriteOptions } from '../fabric/onelake.ts';
import type { Inputs } from '../inputs.ts';
import { needsUpload } from '../inputs/job-inputs.ts';
import type { Services } from './connect.ts';
import type { JobFolder } from './job-folder.ts';
import { runIdentity } from './run-identity.ts';
import type { Step } from './step.ts';
import { beginUploads } from './upload-folder.ts';
import { uploadAll } from './uploads.ts';

/** Names that mean the same in a URL, whoever reads it; others wait for their ids. */
const plainName = /^[a-z0-9](?:[a-z0-9 _-]*[a-z0-9_-])?$/i;

/**
 * The lakehouse by the names of the inputs, as OneLake takes them: both names and no ids, and plain ones.
 * `undefined` for others. Source: "OneLake access and APIs", "URI syntax".
 */
export function lakeByNames(
  { onelake }: Services,
  { workspace, lakehouse, livyUrl }: Inputs,
): OneLake | undefined {
  const named = (text: string): boolean => plainName.test(text) && !isId(text);
  if (livyUrl !== undefined || !named(workspace) || !named(lakehouse)) return undefined;
  return new OneLake(onelake, workspace, `${lakehouse}.Lakehouse`);
}

/** An upload that began before the ids of its lakehouse were known. */
export interface EarlyUpload {
  /** Tells the ids, and waits until all files are in that lakehouse. Throws `StepError`. */
  finish: (lake: OneLake) => Promise<void>;
  /** Ends it, since nothing will be submitted. */
  stop: () => Promise<void>;
}

/**
 * Begins the upload by names while these are turned into ids, so that the submit waits for the longer of the
 * two and not for their sum (design, section 5). `undefined` where it would not do: without names, without an
 * upload, on a higher attempt (which may follow a batch instead), in a dry run.
 */
export function beginEarlyUpload(step: Step, files: Promise<JobFolder>): EarlyUpload | undefined {
  const { inputs, services, world, interrupt } = step;
  const byNames = lakeByNames(services, inputs);
  const { job, dryRun } = inputs;
  if (!byNames || !job || !needsUpload(job) || dryRun) return undefined;
  if (Number(runIdentity(step).attempt) > 1) return undefined;
  const stopped = new AbortController();
  const signal = AbortSignal.any([interrupt.signal, stopped.signal]);
  const byIds = Promise.withResolvers<OneLake>();
  const lake = new LakeInWaiting(byNames, byIds.promise, signal);
  let begun: Promise<void> | undefined;
  const send = async ({ folder, uploads }: JobFolder): Promise<void> => {
    // Without a sign-in nothing is there that would have to be taken away.
    await services.onelake.signIn();
    if (signal.aborted) return;
    beginUploads(step, byNames, folder);
    begun = uploadAll({ lake, runner: world.runner, clock: world.clock, folder, uploads, signal });
    await begun;
  };
  const sent = files.then(send);
  sent.catch(() => undefined);
  return {
    finish: (found) => {
      byIds.resolve(found);
      return sent;
    },
    stop: async () => {
      stopped.abort();
      await begun?.catch(() => undefined);
    },
  };
}

/**
 * Stages files by names and publishes them by ids. OneLake takes the second only where the bytes were staged
 * under that very path, which proves that both lead to one file; where names were refused, or led elsewhere,
 * the file is written again by ids.
 */
class LakeInWaiting {
  readonly #byNames: OneLake;
  readonly #byIds: Promise<OneLake>;
  readonly #signal: AbortSignal;

  constructor(byNames: OneLake, byIds: Promise<OneLake>, signal: AbortSignal) {
    this.#byNames = byNames;
    this.#byIds = byIds;
    this.#signal = signal;
  }

  async write(path: string, source: LocalSource, options: WriteOptions = {}): Promise<void> {
    const staged = await taken(this.#byNames.stage(path, source, options));
    const lake = await orAborted(this.#byIds, this.#signal);
    if (!lake) throw new StepError('UPLOAD_FAILED', `Uploading ${path}: it was not finished.`);
    if (staged) {
      if (await taken(lake.publish(path, source.size, options.signal))) return;
      await taken(this.#byNames.removeFile(path, options.signal));
    }
    await lake.write(path, source, options);
  }
}

/** With these OneLake refuses what names lead to: by ids it may go, or is refused with the words that fit. */
const refusals: readonly string[] = ['NOT_FOUND', 'FORBIDDEN', 'REQUEST_REFUSED'];

/** False when it was refused. */
async function taken(work: Promise<void>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (thrown) {
    if (thrown instanceof StepError && refusals.includes(thrown.code)) return false;
    throw thrown;
  }
}
