import { randomUUID } from 'node:crypto';
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join, sep } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DfsError } from './dfs-error.ts';

interface Piece {
  position: number;
  length: number;
  /** File with its bytes. */
  file: string;
}

/** Bytes that were appended and not yet flushed: nobody reads them before that. They lie on disk. */
export class Uploads {
  readonly #folder: string;
  readonly #pieces = new Map<string, Piece[]>();

  constructor(stateFolder: string) {
    this.#folder = join(stateFolder, 'uploads');
    mkdirSync(this.#folder, { recursive: true });
  }

  /** Takes the bytes of one append and gives their number; a second append at the same place replaces the first. */
  async append(file: string, position: number, body: Readable): Promise<number> {
    const piece = join(this.#folder, randomUUID());
    try {
      await pipeline(body, createWriteStream(piece));
    } catch (cause) {
      // The connection broke: what came of this append does not count.
      rmSync(piece, { force: true });
      throw cause;
    }
    const { size: length } = statSync(piece);
    const known = this.#pieces.get(file) ?? [];
    discard(known.filter((other) => other.position === position));
    const others = known.filter((other) => other.position !== position);
    this.#pieces.set(file, [...others, { position, length, file: piece }]);
    return length;
  }

  /**
   * Makes the appended bytes the file's, all at once. They must join what was flushed before and
   * each other, and end at `position`. Throws `DfsError` 400 InvalidFlushPosition.
   */
  async flush(file: string, position: number): Promise<void> {
    const pieces = (this.#pieces.get(file) ?? []).sort((a, b) => a.position - b.position);
    const before = existsSync(file) ? statSync(file).size : 0;
    let end = before;
    for (const piece of pieces) {
      if (piece.position !== end) throw notContiguous();
      end += piece.length;
    }
    if (end !== position) throw notContiguous();
    this.#pieces.delete(file);
    if (pieces.length === 0) return;
    const whole = join(this.#folder, randomUUID());
    const sources = [...(before === 0 ? [] : [file]), ...pieces.map((piece) => piece.file)];
    for (const source of sources)
      await pipeline(createReadStream(source), createWriteStream(whole, { flags: 'a' }));
    renameSync(whole, file);
    discard(pieces);
  }

  /** Drops what was appended and not flushed to a path, and to all below it. */
  forget(path: string): void {
    for (const [file, pieces] of this.#pieces) {
      if (file !== path && !file.startsWith(path + sep)) continue;
      discard(pieces);
      this.#pieces.delete(file);
    }
  }
}

function discard(pieces: readonly Piece[]): void {
  for (const piece of pieces) rmSync(piece.file, { force: true });
}

function notContiguous(): DfsError {
  return new DfsError(
    400,
    'InvalidFlushPosition',
    'The uploaded data is not contiguous or the position query parameter value is not equal to the length of the file after appending the uploaded data.',
  );
}
