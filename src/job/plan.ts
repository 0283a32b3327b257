import { join } from 'node:path';
import { mkdir, stat } from 'node:fs/promises';
import { within } from '../clock.ts';
import { messageOf } from '../errors.ts';
import { abfssUri, type OneLake } from '../fabric/onelake.ts';
import { environmentKey, type Inputs } from '../inputs.ts';
import type { ListedFile } from '../inputs/job-files.ts';
import type { JobFiles } from '../inputs/job-inputs.ts';
import type { MainFile } from '../inputs/main-file.ts';
import type { BatchPlan } from '../livy/request.ts';
import { duration } from '../report/duration.ts';
import type { Runner } from '../runner.ts';
import type { Place } from './place.ts';
import { zipDirectory } from './python-zip.ts';
import { save } from './saved-state.ts';
import { unlessInterrupted, type Step } from './step.ts';
import { runIdentity } from './run-identity.ts';
import { uploadFolderName } from './upload-folder.ts';
import { hashOf, uploadAll, type Upload } from './uploads.ts';

/** How long the removal of an upload may hold the step, in milliseconds. */
const longestRemoval = 30_000;

/** What will be submitted. */
export interface Plan {
  batch: BatchPlan;
  /** What stands for each uploaded file in the fingerprint, by its URI. */
  contents: Map<string, string>;
  uploads: Upload[];
  /** Folder of the uploads in the lakehouse. */
  folder: string;
}

/** Says what to submit, with the URIs that the uploads will have. Nothing is sent. */
export async function planBatch(step: Step, place: Place, job: JobFiles): Promise<Plan> {
  const { className, args, conf, sizing, name, uploadPath } = step.inputs;
  const planning = new Planning(
    step,
    place,
    `${uploadPath}/${uploadFolderName(step.firstNonce, runIdentity(step))}`,
  );
  const [file] = await planning.uris([job.main]);
  const lists = {
    pyFiles: await planning.uris(job.libraries['py-files']),
    jars: await planning.uris(job.libraries.jars),
    files: await planning.uris(job.libraries.files),
    archives: await planning.uris(job.libraries.archives),
  };
  const settings = {
    ...conf,
    ...(place.environmentId === undefined
      ? {}
      : { [environmentKey]: JSON.stringify({ id: place.environmentId }) }),
  };
  const batch: BatchPlan = {
    name,
    file: file ?? '',
    ...(className === undefined ? {} : { className }),
    ...(args.length === 0 ? {} : { args }),
    ...Object.fromEntries(Object.entries(lists).filter(([, uris]) => uris.length > 0)),
    ...(Object.keys(settings).length === 0 ? {} : { conf: settings }),
    ...sizing,
  };
  step.facts.fileUri = batch.file;
  const { contents, uploads, folder } = planning;
  return { batch, contents, uploads, folder };
}

/** Turns files of the job into URIs, and notes what has to be uploaded for them. */
class Planning {
  readonly contents = new Map<string, string>();
  readonly uploads: Upload[] = [];
  readonly folder: string;
  readonly #step: Step;
  readonly #place: Place;

  constructor(step: Step, place: Place, folder: string) {
    this.#step = step;
    this.#place = place;
    this.folder = folder;
  }

  async uris(files: readonly (MainFile | ListedFile)[]): Promise<string[]> {
    const uris: string[] = [];
    for (const file of files) {
      const alias = 'alias' in file ? `#${file.alias}` : '';
      uris.push(`${await this.#uri(file, alias)}${alias}`);
    }
    return uris;
  }

  async #uri(file: MainFile | ListedFile, alias: string): Promise<string> {
    if (file.kind === 'uri') return file.uri;
    if (file.kind === 'lakehouse') return this.#inLakehouse(file.path);
    const upload = file.kind === 'local' ? file : await this.#zip(file);
    const uri = this.#inLakehouse(`${this.folder}/${upload.baseName}`);
    this.uploads.push(upload);
    const hash = await unlessInterrupted(this.#step, hashOf(upload.realPath));
    this.contents.set(`${uri}${alias}`, `${hash} ${upload.baseName}${alias}`);
    return uri;
  }

  #inLakehouse(path: string): string {
    const { workspaceId, lakehouseId } = this.#place;
    return abfssUri(this.#step.inputs.endpoints.onelake, workspaceId, lakehouseId, path);
  }

  async #zip(directory: Extract<ListedFile, { kind: 'directory' }>): Promise<Upload> {
    const { runner } = this.#step.world;
    const folder = join(
      runner.env('RUNNER_TEMP') ?? '.',
      'fabric-spark-batch',
      this.#step.firstNonce,
      'uploads',
    );
    await mkdir(folder, { recursive: true });
    const realPath = join(folder, directory.baseName);
    await unlessInterrupted(this.#step, zipDirectory(directory, realPath));
    const { size } = await stat(realPath);
    const count = directory.entries.length === 1 ? '1 file' : `${directory.entries.length} files`;
    runner.info(`Zipped:      ${directory.shown} as ${directory.baseName} (${count})`);
    return { baseName: directory.baseName, realPath, size };
  }
}

/** Puts the files of the checkout in their place. Throws `StepError`, `Interrupted`. */
export async function sendUploads(step: Step, place: Place, plan: Plan): Promise<void> {
  if (plan.uploads.length === 0) return;
  const { clock, runner } = step.world;
  const { folder, uploads } = plan;
  beginUploads(step, folder);
  const signal = step.interrupt.signal;
  await unlessInterrupted(
    step,
    uploadAll({ lake: place.lake, runner, clock, folder, uploads, signal }),
  );
}

/** The folder is known to post before its first byte (rule 4). */
export function beginUploads(step: Step, folder: string): void {
  save(step.world.runner, 'uploadFolder', folder);
  step.uploadFolder = folder;
}

/**
 * The upload of a submission that is over or never was: the last thing that a step does, within 30 s. What
 * a signal ends is left to post.
 */
export async function removeUploadAtEnd(step: Step, place: Place): Promise<void> {
  const { world, inputs, interrupt, uploadFolder } = step;
  if (uploadFolder === undefined) return;
  const remove = async (signal: AbortSignal): Promise<true> => {
    await removeUpload(world.runner, place.lake, uploadFolder, inputs, signal);
    return true;
  };
  if (await within(world.clock, longestRemoval, remove, interrupt.signal)) return;
  save(world.runner, 'uploadLeft', uploadFolder);
  if (!interrupt.raised)
    world.runner.warning(
      `The upload was not deleted within ${duration(longestRemoval)}; the post step tries again: ${uploadFolder}`,
    );
}

/** Deletes the upload folder of a submission; a failure is a warning, never the verdict (rule 3). */
export async function removeUpload(
  runner: Runner,
  lake: OneLake,
  folder: string,
  inputs: Inputs,
  signal?: AbortSignal,
): Promise<void> {
  if (inputs.keepUpload) {
    runner.info(`The upload is kept: ${folder}`);
    return;
  }
  try {
    await lake.removeFolder(folder, signal);
  } catch (thrown) {
    if (signal?.aborted) return;
    runner.warning(`The upload could not be deleted: ${folder} (${messageOf(thrown)})`);
  }
}
