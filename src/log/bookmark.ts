import type { Cursor } from './cursor.ts';

/** Bytes remembered of a file's beginning and of what was read last, to tell whether a reply joins. */
export const remembered = 4_096;

/** How far a file was read, and enough of its bytes to know it again. */
export class Bookmark {
  #position = 0;
  #head: Buffer = Buffer.alloc(0);
  #tail: Buffer = Buffer.alloc(0);

  /** Bytes read of the file. */
  get position(): number {
    return this.#position;
  }

  /** The bytes that were read last; 4,096 at most. */
  get tail(): Buffer {
    return this.#tail;
  }

  /** True when the beginning and the latest bytes are the same (one line over and over). */
  get repetitive(): boolean {
    return this.#position > this.#tail.length && this.#head.equals(this.#tail);
  }

  moveOn(chunk: Uint8Array): void {
    if (this.#head.length < remembered && this.#head.length === this.#position)
      this.#head = Buffer.concat([this.#head, chunk.subarray(0, remembered - this.#head.length)]);
    const latest = chunk.subarray(Math.max(0, chunk.length - remembered));
    const before = Math.max(0, this.#tail.length + latest.length - remembered);
    this.#tail = Buffer.concat([this.#tail.subarray(before), latest]);
    this.#position += chunk.length;
  }

  /** Another file begins. */
  reset(): void {
    this.#position = 0;
    this.#head = Buffer.alloc(0);
    this.#tail = Buffer.alloc(0);
  }

  /** Counts from `bytes` further on: so much of what was read stands in a file that is done with. */
  leave(bytes: number): void {
    this.#position -= bytes;
    this.#head = Buffer.alloc(0);
    this.#tail = this.#tail.subarray(Math.max(0, this.#tail.length - this.#position));
  }

  /**
   * Passes over what was read of a whole file, comparing its beginning and its latest bytes.
   * `short`: it ends before that; `other`: it is another file.
   */
  async passOver(file: Cursor): Promise<'joined' | 'short' | 'other'> {
    const start = await file.take(this.#head.length);
    if (!start.equals(this.#head.subarray(0, start.length))) return 'other';
    if (start.length < this.#head.length) return 'short';
    const tailAt = this.#position - this.#tail.length;
    await file.skip(Math.max(0, tailAt - start.length));
    const overlap = start.subarray(Math.min(tailAt, start.length));
    const end = Buffer.concat([overlap, await file.take(this.#tail.length - overlap.length)]);
    if (end.length < this.#tail.length) return 'short';
    return end.equals(this.#tail) ? 'joined' : 'other';
  }
}
