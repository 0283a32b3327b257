import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { messageOf } from '../errors.ts';
import { abfssUri, blockSize, type OneLake } from '../fabric/onelake.ts';
import type { Inputs } from '../inputs.ts';
import type { BatchPlan } from '../livy/request.ts';
import type { Runner } from '../runner.ts';
import type { Place } from './place.ts';
import { save } from './saved-state.ts';
import { unlessInterrupted, type Step } from './step.ts';

/** What will be submitted. */
export interface Plan {
  batch: BatchPlan;
  /** The SHA-256 of each uploaded file, by its URI. */
  contents: Map<string, string>;
}

/** Puts the main file in its place and says what to submit. Throws `StepError`, `Interrupted`. */
export async function planBatch(step: Step, place: Place): Promise<Plan> {
  const { className, args, conf, sizing, name } = step.inputs;
  const { uri, hash } = await mainFile(step, place);
  step.facts.fileUri = uri;
  step.outputs.publish(step.facts);
  const batch: BatchPlan = {
    name,
    file: uri,
    ...(className === undefined ? {} : { className }),
    ...(args.length === 0 ? {} : { args }),
    ...(Object.keys(conf).length === 0 ? {} : { conf }),
    ...sizing,
  };
  return { batch, contents: new Map(hash === undefined ? [] : [[uri, hash]]) };
}

async function mainFile(step: Step, place: Place): Promise<{ uri: string; hash?: string }> {
  const { file, endpoints, uploadPath } = step.inputs;
  const { workspaceId, lakehouseId } = place;
  if (file.kind === 'uri') return { uri: file.uri };
  if (file.kind === 'lakehouse')
    return { uri: abfssUri(endpoints.onelake, workspaceId, lakehouseId, file.path) };
  const folder = `${uploadPath}/${step.firstNonce}`;
  save(step.world.runner, 'uploadFolder', folder);
  step.uploadFolder = folder;
  const path = `${folder}/${file.baseName}`;
  const hash = createHash('sha256');
  const sent = place.lake.write(path, hashedBlocks(file.realPath, hash), step.interrupt.signal);
  await unlessInterrupted(step, sent);
  step.world.runner.info(`Uploaded:    ${path}`);
  return {
    uri: abfssUri(endpoints.onelake, workspaceId, lakehouseId, path),
    hash: hash.digest('hex'),
  };
}

async function* hashedBlocks(
  path: string,
  hash: ReturnType<typeof createHash>,
): AsyncIterable<Uint8Array> {
  const stream: AsyncIterable<Buffer> = createReadStream(path, { highWaterMark: blockSize });
  for await (const block of stream) {
    hash.update(block);
    yield block;
  }
}

/** Deletes the upload folder of a submission; a failure is a warning, never the verdict (rule 3). */
export async function removeUpload(
  runner: Runner,
  lake: OneLake,
  folder: string,
  inputs: Inputs,
): Promise<void> {
  if (inputs.keepUpload) {
    runner.info(`The upload is kept: ${folder}`);
    return;
  }
  try {
    await lake.removeFolder(folder);
  } catch (thrown) {
    runner.warning(`The upload could not be deleted: ${folder} (${messageOf(thrown)})`);
  }
}
