import { randomUUID } from 'node:crypto';
import { createWriteStream, existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DfsError } from './dfs-error.ts';

interface Piece {
  position: number;
  length: number;
  /** File with its bytes. */
  file: string;
}

/** Bytes that were appended and not yet flushed: nobody reads them before that. */
export class Uploads {
  readonly #folder: string;
  readonly #pieces = new Map<string, Piece[]>();

  constructor(stateFolder: string) {
    this.#folder = join(stateFolder, 'uploads');
    mkdirSync(this.#folder, { recursive: true });
  }

  /** Takes the bytes of one append; a second append at the same place replaces the first. */
  async append(file: string, position: number, body: Readable): Promise<void> {
    const piece = join(this.#folder, randomUUID());
    await pipeline(body, createWriteStream(piece));
    const length = statSync(piece).size;
    const others = (this.#pieces.get(file) ?? []).filter((other) => other.position !== position);
    this.#pieces.set(file, [...others, { position, length, file: piece }]);
  }

  /**
   * Makes the appended bytes the file's. They must join what was flushed before and each other, and
   * end at `position`. Throws `DfsError` 400 InvalidFlushPosition.
   */
  async flush(file: string, position: number): Promise<void> {
    const pieces = (this.#pieces.get(file) ?? []).sort((a, b) => a.position - b.position);
    let end = existsSync(file) ? statSync(file).size : 0;
    for (const piece of pieces) {
      if (piece.position !== end) throw notContiguous();
      end += piece.length;
    }
    if (end !== position) throw notContiguous();
    for (const piece of pieces) await appendFile(file, await readFile(piece.file));
    this.forget(file);
  }

  /** Drops what was appended to a file and not flushed. */
  forget(file: string): void {
    for (const piece of this.#pieces.get(file) ?? []) rmSync(piece.file, { force: true });
    this.#pieces.delete(file);
  }
}

function notContiguous(): DfsError {
  return new DfsError(
    400,
    'InvalidFlushPosition',
    'The uploaded data is not contiguous or the position query parameter value is not equal to the length of the file after appending the uploaded data.',
  );
}
