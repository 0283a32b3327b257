import { LogRefused, readSize, type LogSource } from './sources.ts';

/** What happened to a log beside its bytes. */
export type LogEvent =
  /** The file starts anew (a new attempt, or it was rolled away): what stood before may be incomplete. */
  | { kind: 'restarted'; after: number }
  /** Offsets do not serve: the whole file is read, only when it has doubled and at the end. */
  | { kind: 'coarse' };

export interface FollowerSinks {
  /** New bytes, in order, each once. */
  bytes(chunk: Uint8Array): Promise<void>;
  event(event: LogEvent): void;
}

/** Bytes remembered of the log's beginning and of what was read last, to tell whether a reply joins. */
const remembered = 4_096;
/** After so many replies in a row that did not join, offsets do not serve: each costs the whole file. */
const mostStrays = 3;
/** Reads of one tick: a log that grows faster than it is read must not keep the status waiting. */
const mostReads = 8;

/**
 * Follows one stream of a log by bytes: no byte twice, none lost that the server still serves
 * (rule 5). A reply counts as new only if it begins with the end of what was read; one that does
 * not is the file from its start (offsets stop counting when the application ends), or another file.
 */
export class Follower {
  readonly #source: LogSource;
  readonly #sinks: FollowerSinks;
  #position = 0;
  #head: Buffer = Buffer.alloc(0);
  #tail: Buffer = Buffer.alloc(0);
  #coarse = false;
  /** How often in a row an offset did not serve while the application ran. */
  #strays = 0;
  #length: number | undefined;
  #seen = false;

  constructor(source: LogSource, sinks: FollowerSinks) {
    this.#source = source;
    this.#sinks = sinks;
  }

  /** Bytes read so far, of the file that is served now. */
  get position(): number {
    return this.#position;
  }

  /** True once the server has served this log at all, even an empty one. */
  get seen(): boolean {
    return this.#seen;
  }

  /** Bytes that the server said there are and did not serve, as far as it told. */
  get missing(): number {
    return Math.max(0, (this.#length ?? 0) - this.#position);
  }

  /** Reads what is new while the application runs. Throws what the source throws; nothing is lost by that. */
  async tick(signal?: AbortSignal): Promise<void> {
    if (this.#coarse) {
      const length = await this.#source.length(signal);
      if (length === undefined || length < 2 * this.#position) return;
      return this.#rejoin(signal);
    }
    for (let reads = 0, more = true; more && reads < mostReads && !signal?.aborted; reads += 1) {
      const before = this.#position;
      const joined = await this.#readOn(signal);
      if (joined === 'absent') return;
      if (joined === 'no') {
        this.#strays += 1;
        if (this.#strays >= mostStrays) this.#turnCoarse();
        await this.#rejoin(signal);
        return;
      }
      this.#strays = 0;
      more = this.#position - before >= readSize - remembered;
    }
  }

  /** Reads to the end of a log whose application has ended; offsets no longer count then. */
  async finish(signal?: AbortSignal): Promise<void> {
    const length = await this.#source.length(signal).catch(() => undefined);
    this.#length = length ?? this.#length;
    if (length !== undefined && length === this.#position) {
      this.#seen = true;
      return;
    }
    await this.#rejoin(signal);
  }

  async #readOn(signal?: AbortSignal): Promise<'yes' | 'no' | 'absent'> {
    let body: AsyncIterable<Uint8Array> | undefined;
    try {
      body = await this.#source.partial(this.#position - this.#tail.length, signal);
    } catch (thrown) {
      if (thrown instanceof LogRefused && thrown.status === 400 && this.#position > 0)
        return this.#turnCoarse();
      throw thrown;
    }
    if (!body) return 'absent';
    this.#seen = true;
    const reply = new Cursor(body);
    const start = await reply.take(this.#tail.length);
    if (!start.equals(this.#tail)) {
      await reply.close();
      return 'no';
    }
    const repetitive = this.#position > this.#tail.length && this.#head.equals(this.#tail);
    if (repetitive && !(await this.#serves(reply, signal))) {
      await reply.close();
      return 'no';
    }
    for await (const chunk of reply.rest()) await this.#accept(chunk);
    return 'yes';
  }

  /**
   * The log's beginning and its latest bytes are the same (one line over and over), so the reply may
   * be the file from its start: its length decides.
   */
  async #serves(reply: Cursor, signal?: AbortSignal): Promise<boolean> {
    const after = await reply.fill(readSize + 1);
    if (after > readSize) return false;
    const length = await this.#source.length(signal);
    return length !== undefined && length >= this.#position + after;
  }

  #turnCoarse(): 'no' {
    if (!this.#coarse) this.#sinks.event({ kind: 'coarse' });
    this.#coarse = true;
    return 'no';
  }

  /** The whole file: what was read is passed over, if it is still the same file. */
  async #rejoin(signal?: AbortSignal): Promise<void> {
    const body = await this.#source.whole(signal);
    if (!body) return;
    this.#seen = true;
    const reply = new Cursor(body);
    const place = await this.#placeIn(reply);
    if (place === 'joined') {
      for await (const chunk of reply.rest()) await this.#accept(chunk);
      return;
    }
    await reply.close();
    // The same file but shorter is a reply that was cut; the next reading mends it.
    if (place === 'short') return;
    this.#sinks.event({ kind: 'restarted', after: this.#position });
    this.#position = 0;
    this.#head = Buffer.alloc(0);
    this.#tail = Buffer.alloc(0);
    const again = await this.#source.whole(signal);
    if (again) for await (const chunk of again) await this.#accept(chunk);
  }

  /** Passes over what was read of a whole file, comparing its beginning and its latest bytes. */
  async #placeIn(reply: Cursor): Promise<'joined' | 'short' | 'other'> {
    const start = await reply.take(this.#head.length);
    if (!start.equals(this.#head.subarray(0, start.length))) return 'other';
    if (start.length < this.#head.length) return 'short';
    const tailAt = this.#position - this.#tail.length;
    await reply.skip(Math.max(0, tailAt - start.length));
    const overlap = start.subarray(Math.min(tailAt, start.length));
    const end = Buffer.concat([overlap, await reply.take(this.#tail.length - overlap.length)]);
    if (end.length < this.#tail.length) return 'short';
    return end.equals(this.#tail) ? 'joined' : 'other';
  }

  async #accept(chunk: Uint8Array): Promise<void> {
    if (chunk.length === 0) return;
    if (this.#head.length < remembered)
      this.#head = Buffer.concat([this.#head, chunk]).subarray(0, remembered);
    const tail =
      chunk.length >= remembered ? Buffer.from(chunk) : Buffer.concat([this.#tail, chunk]);
    this.#tail = Buffer.from(tail.subarray(Math.max(0, tail.length - remembered)));
    this.#position += chunk.length;
    await this.#sinks.bytes(chunk);
  }
}

/** Reads a body by counts of bytes instead of by its chunks. */
class Cursor {
  readonly #iterator: AsyncIterator<Uint8Array, unknown>;
  #ahead: Uint8Array[] = [];

  constructor(body: AsyncIterable<Uint8Array>) {
    this.#iterator = body[Symbol.asyncIterator]();
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
      missing -= Math.min(missing, chunk.length);
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
