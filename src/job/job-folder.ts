import { join } from 'node:path';
import { mkdir, stat } from 'node:fs/promises';
import type { ListedFile, ListInput } from '../inputs/job-files.ts';
import type { JobFiles } from '../inputs/job-inputs.ts';
import type { MainFile } from '../inputs/main-file.ts';
import { zipDirectory } from './python-zip.ts';
import { runIdentity } from './run-identity.ts';
import type { Step } from './step.ts';
import { uploadFolderName } from './upload-folder.ts';
import { hashOf, type Upload } from './uploads.ts';

/** A file of the job: one that is uploaded with its hash, or one that is there already. */
export type JobFile =
  | { upload: Upload & { hash: string }; alias: string; file?: undefined }
  | { upload?: undefined; alias: string; file: Extract<MainFile, { kind: 'lakehouse' | 'uri' }> };

/** The files of a job, and where those of the checkout go in the lakehouse. No id is needed for them. */
export interface JobFolder {
  main: JobFile;
  libraries: Readonly<Record<ListInput, readonly JobFile[]>>;
  uploads: readonly Upload[];
  /** Of the uploads, in the lakehouse. */
  folder: string;
}

/**
 * Zips the directories of the job and reads all that is to be uploaded once, for its hash. Nothing is sent.
 * Throws `StepError` UPLOAD_FAILED for what cannot be read.
 */
export async function jobFolder(step: Step, job: JobFiles): Promise<JobFolder> {
  const uploads: Upload[] = [];
  const one = async (file: MainFile | ListedFile): Promise<JobFile> => {
    const alias = 'alias' in file ? `#${file.alias}` : '';
    if (file.kind === 'lakehouse' || file.kind === 'uri') return { file, alias };
    const upload = file.kind === 'local' ? file : await zipped(step, file);
    uploads.push(upload);
    return { upload: { ...upload, hash: await hashOf(upload.realPath) }, alias };
  };
  const all = async (files: readonly ListedFile[]): Promise<JobFile[]> => {
    const ready: JobFile[] = [];
    for (const file of files) ready.push(await one(file));
    return ready;
  };
  const main = await one(job.main);
  const libraries = {
    'py-files': await all(job.libraries['py-files']),
    jars: await all(job.libraries.jars),
    files: await all(job.libraries.files),
    archives: await all(job.libraries.archives),
  };
  const name = uploadFolderName(step.firstNonce, runIdentity(step));
  return { main, libraries, uploads, folder: `${step.inputs.uploadPath}/${name}` };
}

async function zipped(
  { world: { runner }, firstNonce }: Step,
  directory: Extract<ListedFile, { kind: 'directory' }>,
): Promise<Upload> {
  const temp = runner.env('RUNNER_TEMP') ?? '.';
  const folder = join(temp, 'fabric-spark-batch', firstNonce, 'uploads');
  await mkdir(folder, { recursive: true });
  const realPath = join(folder, directory.baseName);
  await zipDirectory(directory, realPath);
  const { size } = await stat(realPath);
  const count = directory.entries.length === 1 ? '1 file' : `${directory.entries.length} files`;
  runner.info(`Zipped:      ${directory.shown} as ${directory.baseName} (${count})`);
  return { baseName: directory.baseName, realPath, size };
}
