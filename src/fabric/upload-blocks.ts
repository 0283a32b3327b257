import type { FileHandle } from 'node:fs/promises';
import { StepError, messageOf } from '../errors.ts';

/** Bytes sent in one append. */
export const blockSize = 8 * 1024 * 1024;
/** Appends under way at a time, of all files together: they are what an upload holds in memory. */
export const mostBlocks = 4;

/** The memory of appends: so many blocks of it are lent at a time, others wait in line. */
export class Blocks {
  #free = mostBlocks;
  readonly #line: (() => void)[] = [];
  #spare: Buffer[] = [];

  /** `work` says whether its block may be filled anew: whether nothing can still be reading from it. */
  async lend(work: (block: Buffer) => Promise<boolean>): Promise<void> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#line.push(resolve));
    try {
      const block = this.#spare.pop() ?? Buffer.allocUnsafeSlow(blockSize);
      if (await work(block)) this.#spare.push(block);
    } finally {
      const next = this.#line.shift();
      if (next) next();
      else this.#free += 1;
      // A job may run for hours after its uploads.
      if (this.#free === mostBlocks) this.#spare = [];
    }
  }
}

/** Fills a block with the bytes from a position on. Throws `StepError` UPLOAD_FAILED when there are fewer. */
export async function fill(
  path: string,
  file: FileHandle,
  position: number,
  block: Uint8Array,
): Promise<void> {
  for (let filled = 0; filled < block.length;) {
    const { bytesRead } = await readable(path, () =>
      file.read(block, filled, block.length - filled, position + filled),
    );
    if (bytesRead === 0) throw changed(path);
    filled += bytesRead;
  }
}

/** Throws `StepError` UPLOAD_FAILED when the file has another size. */
export async function checkSize(path: string, file: FileHandle, size: number): Promise<void> {
  if ((await readable(path, () => file.stat())).size !== size) throw changed(path);
}

/** What `read` gives. Throws `StepError` UPLOAD_FAILED when the file cannot be read. */
export async function readable<Value>(path: string, read: () => Promise<Value>): Promise<Value> {
  try {
    return await read();
  } catch (cause) {
    const message = `Uploading ${path}: the file could not be read (${messageOf(cause)}).`;
    throw new StepError('UPLOAD_FAILED', message, { cause });
  }
}

function changed(path: string): StepError {
  return new StepError(
    'UPLOAD_FAILED',
    `Uploading ${path}: the file changed its size while it was uploaded.`,
    { advice: 'Let nothing write to the files of the job while the step runs.' },
  );
}
