import { abfssUri } from '../fabric/abfss.ts';
import { environmentKey } from '../inputs.ts';
import type { BatchPlan } from '../livy/request.ts';
import type { EarlyUpload } from './early-upload.ts';
import type { JobFile, JobFolder } from './job-folder.ts';
import type { Place } from './place.ts';
import { unlessInterrupted, type Step } from './step.ts';
import { beginUploads } from './upload-folder.ts';
import { uploadAll, type Upload } from './uploads.ts';

/** What will be submitted. */
export interface Plan {
  batch: BatchPlan;
  /** What stands for each uploaded file in the fingerprint, by its URI. */
  contents: Map<string, string>;
  uploads: readonly Upload[];
  /** Folder of the uploads in the lakehouse. */
  folder: string;
}

/** Says what to submit, with the URIs that the uploads have or will have. Nothing is sent. */
export function planBatch(step: Step, place: Place, files: JobFolder): Plan {
  const { className, args, conf, sizing, name, endpoints } = step.inputs;
  const { uploads, folder } = files;
  const contents = new Map<string, string>();
  const inLakehouse = (path: string): string =>
    abfssUri(endpoints.onelake, place.workspaceId, place.lakehouseId, path);
  const uriOf = ({ file, alias, upload }: JobFile): string => {
    if (upload) {
      const uri = `${inLakehouse(`${folder}/${upload.baseName}`)}${alias}`;
      contents.set(uri, `${upload.hash} ${upload.baseName}${alias}`);
      return uri;
    }
    return `${file.kind === 'lakehouse' ? inLakehouse(file.path) : file.uri}${alias}`;
  };
  const file = uriOf(files.main);
  const lists = {
    pyFiles: files.libraries['py-files'].map(uriOf),
    jars: files.libraries.jars.map(uriOf),
    files: files.libraries.files.map(uriOf),
    archives: files.libraries.archives.map(uriOf),
  };
  const settings = {
    ...conf,
    ...(place.environmentId === undefined
      ? {}
      : { [environmentKey]: JSON.stringify({ id: place.environmentId }) }),
  };
  const batch: BatchPlan = {
    name,
    file,
    ...(className === undefined ? {} : { className }),
    ...(args.length === 0 ? {} : { args }),
    ...Object.fromEntries(Object.entries(lists).filter(([, uris]) => uris.length > 0)),
    ...(Object.keys(settings).length === 0 ? {} : { conf: settings }),
    ...sizing,
  };
  return { batch, contents, uploads, folder };
}

/** Puts the files of the checkout in their place, or waits until they are. Throws `StepError`, `Interrupted`. */
export async function sendUploads(
  step: Step,
  place: Place,
  plan: Plan,
  early: EarlyUpload | undefined,
): Promise<void> {
  if (plan.uploads.length === 0) return;
  const { clock, runner } = step.world;
  const { folder, uploads } = plan;
  const { lake } = place;
  beginUploads(step, lake, folder);
  const signal = step.interrupt.signal;
  const sent = early
    ? early.finish(lake)
    : uploadAll({ lake, runner, clock, folder, uploads, signal });
  await unlessInterrupted(step, sent);
}
