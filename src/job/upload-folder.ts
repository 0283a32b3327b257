import { createHash } from 'node:crypto';
import { within } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { OneLake } from '../fabric/onelake.ts';
import type { Inputs } from '../inputs.ts';
import { duration } from '../report/duration.ts';
import type { Runner } from '../runner.ts';
import { save } from './saved-state.ts';
import type { Step } from './step.ts';

/** How long the removal of an upload may hold the step, in milliseconds. */
const longestRemoval = 30_000;

/** The repository that an upload belongs to; workspaces and upload-path may be shared by many. */
export interface Owner {
  serverUrl: string;
  repository: string;
}

/** Name of the folder of a submission's uploads: its nonce, then digits that tell whose it is (rule 9). */
export function uploadFolderName(nonce: string, owner: Owner): string {
  return `${nonce}-${ownerDigits(owner)}`;
}

/** The nonce in the name of an upload folder of this owner; `undefined` for any other folder. */
export function nonceOfFolder(name: string, owner: Owner): string | undefined {
  const [, nonce, digits] = /^([0-9a-f]{32})-([0-9a-f]{12})$/.exec(name) ?? [];
  return digits === ownerDigits(owner) ? nonce : undefined;
}

function ownerDigits({ serverUrl, repository }: Owner): string {
  const text = JSON.stringify([serverUrl.toLowerCase(), repository.toLowerCase()]);
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

/** The folder is known to post before its first byte (rule 4). */
export function beginUploads(step: Step, lake: OneLake, folder: string): void {
  save(step.world.runner, 'uploadFolder', folder);
  step.upload = { lake, folder };
}

/**
 * The upload of a submission that is over or never was: the last thing that a step does, within 30 s. What
 * a signal ends is left to post.
 */
export async function removeUploadAtEnd(step: Step): Promise<void> {
  const { world, inputs, interrupt, upload } = step;
  if (upload === undefined) return;
  const { lake, folder } = upload;
  const remove = async (signal: AbortSignal): Promise<true> => {
    await removeUpload(world.runner, lake, folder, inputs, signal);
    return true;
  };
  if (await within(world.clock, longestRemoval, remove, interrupt.signal)) return;
  save(world.runner, 'uploadLeft', folder);
  if (!interrupt.raised)
    world.runner.warning(
      `The upload was not deleted within ${duration(longestRemoval)}; the post step tries again: ${folder}`,
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
