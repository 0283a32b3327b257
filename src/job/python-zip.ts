import { open, rm, type FileHandle } from 'node:fs/promises';
import { StepError, messageOf } from '../errors.ts';
import type { LocalDirectory } from '../inputs/job-files.ts';

/** Bytes read at a time. Fixed, since what deflate makes of a file depends on how it is cut. */
const chunkSize = 64 * 1024;

/** The first time that a zip can tell. By the local calendar, which is the one that zips are dated in. */
const noTime = new Date(1980, 0, 1);

/**
 * Zips a directory so that equal content gives equal bytes: entries in their order, all of one time,
 * without rights or platform. Reads and writes piece by piece, so memory does not grow with the files.
 * Throws `StepError` UPLOAD_FAILED when a file cannot be read or the zip not be written; nothing is left then.
 */
export async function zipDirectory(directory: LocalDirectory, target: string): Promise<void> {
  try {
    const output = await open(target, 'w');
    try {
      await writeZip(directory, output);
    } finally {
      await output.close();
    }
  } catch (cause) {
    await rm(target, { force: true }).catch(() => undefined);
    throw new StepError(
      'UPLOAD_FAILED',
      `The directory ${directory.shown} could not be zipped: ${messageOf(cause)}.`,
      {
        advice: 'Check that its files can be read, and that the disk of the runner has room.',
        cause,
      },
    );
  }
}

async function writeZip({ entries }: LocalDirectory, output: FileHandle): Promise<void> {
  // Evaluated only where something is zipped.
  const { Zip, ZipDeflate } = await import(/* webpackMode: "eager" */ 'fflate');
  let made: Uint8Array[] = [];
  const failures: Error[] = [];
  const zip = new Zip((error, bytes) => {
    // The library gives no bytes with an error, whatever its types say.
    if (error) failures.push(error);
    else made.push(bytes);
  });
  const write = async (): Promise<void> => {
    const [failure] = failures;
    if (failure) throw failure;
    const pieces = made;
    made = [];
    // One after the other: the next chunk is deflated when these are on disk.
    for (const piece of pieces) await output.writeFile(piece);
  };
  for (const { name, realPath } of entries) {
    const entry = new ZipDeflate(name);
    entry.mtime = noTime;
    zip.add(entry);
    for await (const { bytes, last } of chunksOf(realPath)) {
      entry.push(bytes, last);
      await write();
    }
  }
  zip.end();
  await write();
}

/** The bytes of a file in full chunks; the last one may be short or empty. */
async function* chunksOf(path: string): AsyncIterable<{ bytes: Uint8Array; last: boolean }> {
  const file = await open(path, 'r');
  try {
    for (let last = false; !last;) {
      const chunk = new Uint8Array(chunkSize);
      let filled = 0;
      while (filled < chunkSize) {
        const { bytesRead } = await file.read(chunk, filled, chunkSize - filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      last = filled < chunkSize;
      yield { bytes: chunk.subarray(0, filled), last };
    }
  } finally {
    await file.close();
  }
}
