/** Reads a body by counts of bytes instead of by its chunks. */
export class Cursor {
  readonly #iterator: AsyncIterator<Uint8Array, unknown>;
  #ahead: Uint8Array[] = [];
  #taken = 0;

  constructor(body: AsyncIterable<Uint8Array>) {
    this.#iterator = body[Symbol.asyncIterator]();
  }

  /** Bytes that were taken or skipped. */
  get taken(): number {
    return this.#taken;
  }

  /** Up to `count` bytes; fewer only at the end. */
  async take(count: number): Promise<Buffer> {
    const taken: Uint8Array[] = [];
    let missing = count;
    while (missing > 0) {
      const chunk = await this.#next();
      if (!chunk) break;
      taken.push(chunk.subarray(0, missing));
      if (chunk.length > missing) this.#ahead.unshift(chunk.subarray(missing));
      const used = Math.min(missing, chunk.length);
      this.#taken += used;
      missing -= used;
    }
    return Buffer.concat(taken);
  }

  async skip(count: number): Promise<void> {
    for (let missing = count; missing > 0;) {
      const chunk = await this.#next();
      if (!chunk) return;
      if (chunk.length > missing) this.#ahead.unshift(chunk.subarray(missing));
      missing -= Math.min(missing, chunk.length);
    }
  }

  /** Reads ahead until `count` bytes are at hand or the body ends; gives how many are. */
  async fill(count: number): Promise<number> {
    let size = this.#ahead.reduce((sum, chunk) => sum + chunk.length, 0);
    while (size < count) {
      const next = await this.#iterator.next();
      if (next.done) break;
      this.#ahead.push(next.value);
      size += next.value.length;
    }
    return size;
  }

  async *rest(): AsyncIterable<Uint8Array> {
    for (let chunk = await this.#next(); chunk; chunk = await this.#next()) yield chunk;
  }

  /** Ends the body without reading the rest of it. */
  async close(): Promise<void> {
    await this.#iterator.return?.();
  }

  async #next(): Promise<Uint8Array | undefined> {
    const ahead = this.#ahead.shift();
    if (ahead) return ahead;
    const next = await this.#iterator.next();
    return next.done ? undefined : next.value;
  }
}
