import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Clock } from '../clock.ts';
import { StepError, messageOf } from '../errors.ts';
import type { OneLake } from '../fabric/onelake.ts';
import type { Runner } from '../runner.ts';

/** A file of the machine that goes to the lakehouse. */
export interface Upload {
  /** Under the folder of the uploads. */
  baseName: string;
  realPath: string;
  /** In bytes. */
  size: number;
}

/** Files that are sent at a time. */
const sideBySide = 4;
/** Files of more bytes tell how far they are, each at most once in so many milliseconds. */
const progressOf = 16 * 1024 * 1024;
const progressPause = 10_000;

/** The SHA-256 of a file, in hex, read piece by piece. Throws `StepError` UPLOAD_FAILED when it cannot be read. */
export async function hashOf(realPath: string): Promise<string> {
  const hash = createHash('sha256');
  const stream: AsyncIterable<Buffer> = createReadStream(realPath, { highWaterMark: 1024 * 1024 });
  try {
    for await (const piece of stream) hash.update(piece);
  } catch (cause) {
    const message = `${realPath} could not be read: ${messageOf(cause)}.`;
    throw new StepError('UPLOAD_FAILED', message, { cause });
  }
  return hash.digest('hex');
}

/** The parts of `uploadAll`. */
export interface UploadParts {
  lake: Pick<OneLake, 'write'>;
  runner: Pick<Runner, 'info'>;
  clock: Clock;
  /** In the lakehouse, where the uploads go. */
  folder: string;
  uploads: readonly Upload[];
  signal: AbortSignal;
}

/**
 * Sends all files, four at a time, and says in the log how far large ones are and which have arrived.
 * A file that is listed twice is sent once. The first failure ends the others. Throws that `StepError`.
 */
export async function uploadAll(parts: UploadParts): Promise<void> {
  const failed = new AbortController();
  const signal = AbortSignal.any([parts.signal, failed.signal]);
  const waiting = [...onceEach(parts.uploads)];
  const errors: unknown[] = [];
  const sendInTurn = async (): Promise<void> => {
    for (let upload = waiting.shift(); upload; upload = waiting.shift())
      await send({ ...parts, signal }, upload);
  };
  const inTurn = Array.from({ length: sideBySide }, () =>
    sendInTurn().catch((thrown: unknown) => {
      errors.push(thrown);
      failed.abort();
    }),
  );
  await Promise.all(inTurn);
  if (errors.length > 0) throw errors[0];
}

/** Two at work on one path would spoil each other's file. */
function onceEach(uploads: readonly Upload[]): Iterable<Upload> {
  return new Map(
    uploads.map((upload) => [`${upload.baseName}\n${upload.realPath}`, upload]),
  ).values();
}

async function send(parts: UploadParts, { baseName, realPath, size }: Upload): Promise<void> {
  const { lake, runner, clock, folder, signal } = parts;
  let told = clock.now();
  const onProgress = (sent: number): void => {
    if (size <= progressOf || sent >= size || clock.now() - told < progressPause) return;
    told = clock.now();
    runner.info(`Uploading ${baseName}: ${progress(sent, size)}`);
  };
  const path = `${folder}/${baseName}`;
  await lake.write(path, { realPath, size }, { signal, onProgress });
  runner.info(`Uploaded:    ${path} (${shownSize(size)})`);
}

/** `120 of 300 MB (40 %)`. */
function progress(sent: number, size: number): string {
  const megabytes = (bytes: number): number => Math.round(bytes / 1_000_000);
  return `${megabytes(sent)} of ${megabytes(size)} MB (${Math.floor((100 * sent) / size)} %)`;
}

/** `512 bytes`, `1.2 kB`, `34 MB`. */
function shownSize(bytes: number): string {
  if (bytes < 1_000) return `${bytes} bytes`;
  const [unit, size] = bytes < 999_500 ? ['kB', bytes / 1_000] : ['MB', bytes / 1_000_000];
  return `${size.toFixed(size < 10 ? 1 : 0)} ${unit}`;
}
