import { Bookmark, remembered } from './bookmark.ts';
import { Cursor } from './cursor.ts';
import { NamedFiles, type NamedEvent } from './named-files.ts';
import type { RingEvent } from './ring.ts';
import { LogRefused, readSize, type LogSource, type StreamFiles } from './sources.ts';

/** What happened to a log beside its bytes. */
export type LogEvent =
  | NamedEvent
  /** The file starts anew, and what became of the one before is not known: its end may be missing. */
  | { kind: 'restarted'; after: number }
  /** The file was rolled away; its rest was read by name, and nothing is missing. */
  | { kind: 'rolled' }
  /** Offsets do not serve: the whole file is read, only when it has doubled and at the end. */
  | { kind: 'coarse' }
  | RingEvent;

export interface FollowerSinks {
  /** New bytes, in order, each once. */
  bytes(chunk: Uint8Array): Promise<void>;
  event(event: LogEvent): void;
}

/** One stream of a log, as it is followed. */
export interface StreamFollower {
  /** Bytes read so far. */
  readonly read: number;
  /** True once the server has served this log at all, even an empty one. */
  readonly seen: boolean;
  /** True when the server had nothing of it at the last look to its end. */
  readonly unserved: boolean;
  /** Bytes that the server said there are and did not serve, as far as it told. */
  readonly missing: number;
  /** True where the server listed no files, so that it is not known what came before the first bytes. */
  readonly unlisted: boolean;
  /** Another stream of the application saw a new attempt begin. */
  expectAttempt(): void;
  /** Reads what is new while the application runs. */
  tick(signal?: AbortSignal): Promise<void>;
  /** Reads to the end of a log whose application has ended. */
  finish(signal?: AbortSignal): Promise<void>;
}

/** After so many replies in a row that did not join, offsets do not serve: each costs the whole file. */
const mostStrays = 3;
/** Reads of one tick: a log that grows faster than it is read must not keep the status waiting. */
const mostReads = 8;
/** While nothing new comes, every so manieth look also asks for rolled files and for another attempt. */
const looksFurther = 5;

/**
 * Follows one stream of a log by bytes: no byte twice, none lost that the server still serves
 * (rule 5). A reply counts as new only if it begins with the end of what was read; one that does
 * not is the file from its start (offsets stop counting when the application ends), or another file.
 */
export class Follower implements StreamFollower {
  readonly #source: LogSource;
  readonly #sinks: FollowerSinks;
  readonly #bookmark = new Bookmark();
  readonly #named: NamedFiles | undefined;
  #read = 0;
  #coarse = false;
  /** How often in a row an offset did not serve while the application ran. */
  #strays = 0;
  #absences = 0;
  /** Looks in a row that brought nothing new. */
  #quiet = 0;
  #length: number | undefined;
  #seen = false;
  #unserved = true;

  /** `files`: where the server also serves the stream's files by name. */
  constructor(source: LogSource, sinks: FollowerSinks, files?: StreamFiles) {
    this.#source = source;
    this.#sinks = sinks;
    if (files)
      this.#named = new NamedFiles(files, this.#bookmark, {
        accept: (chunk) => this.#accept(chunk),
        event: (event) => sinks.event(event),
      });
  }

  /** Bytes read so far, of all files. */
  get read(): number {
    return this.#read;
  }

  /** True once the server has served this log at all, even an empty one. */
  get seen(): boolean {
    return this.#seen;
  }

  /** True when the server had no file of it at the last look to its end. */
  get unserved(): boolean {
    return this.#unserved;
  }

  /** Bytes that the server said there are and did not serve, as far as it told. */
  get missing(): number {
    return Math.max(0, (this.#length ?? 0) - this.#bookmark.position);
  }

  get unlisted(): boolean {
    return this.#named?.unlisted ?? false;
  }

  /** Another stream of the application saw a new attempt begin: the next look asks for it. */
  expectAttempt(): void {
    this.#quiet = looksFurther;
  }

  /** Reads what is new while the application runs. Throws what the source throws; nothing is lost by that. */
  async tick(signal?: AbortSignal): Promise<void> {
    const before = this.#read;
    if (this.#named && (this.#named.isNew || this.#quiet >= looksFurther)) {
      await this.#named.toLastAttempt(signal);
      this.#quiet = 0;
    }
    if (this.#coarse) await this.#coarseTick(signal);
    else await this.#readNew(signal);
    this.#quiet = this.#read > before ? 0 : this.#quiet + 1;
  }

  /** Reads to the end of a log whose application has ended; offsets no longer count then. */
  async finish(signal?: AbortSignal): Promise<void> {
    await this.#named?.toLastAttempt(signal);
    const length = await this.#current.length(signal).catch(() => undefined);
    this.#length = length ?? this.#length;
    const { position } = this.#bookmark;
    this.#unserved = false;
    if (length !== undefined && position > 0 && length === position) return;
    await this.#rejoin(signal, true);
  }

  get #current(): LogSource {
    return this.#named?.current ?? this.#source;
  }

  async #readNew(signal?: AbortSignal): Promise<void> {
    for (let reads = 0, more = true; more && reads < mostReads && !signal?.aborted; reads += 1) {
      const before = this.#bookmark.position;
      const joined = await this.#readOn(signal);
      if (joined === 'absent') return this.#absent(signal);
      if (joined === 'no') {
        this.#strays += 1;
        if (this.#strays >= mostStrays) this.#turnCoarse();
        await this.#rejoin(signal);
        return;
      }
      this.#strays = 0;
      more = this.#bookmark.position - before >= readSize - remembered;
    }
  }

  /** Offsets do not serve: closed files are read once by name, the current one when it has doubled. */
  async #coarseTick(signal?: AbortSignal): Promise<void> {
    const pending = (await this.#named?.pending(signal)) ?? [];
    if (pending.length > 1) await this.#catchUp(signal);
    const length = pending.at(-1)?.length ?? (await this.#current.length(signal));
    const { position } = this.#bookmark;
    if (length === undefined || length === 0 || length < 2 * position) return;
    await this.#rejoin(signal);
  }

  async #absent(signal?: AbortSignal): Promise<void> {
    this.#absences += 1;
    if (this.#absences % looksFurther === 1 && (await this.#named?.withoutNumber(signal))) return;
    if (this.#seen || this.#absences % looksFurther === 0) await this.#catchUp(signal);
  }

  async #readOn(signal?: AbortSignal): Promise<'yes' | 'no' | 'absent'> {
    const { position, tail } = this.#bookmark;
    let body: AsyncIterable<Uint8Array> | undefined;
    try {
      body = await this.#current.partial(position - tail.length, signal);
    } catch (thrown) {
      if (thrown instanceof LogRefused && thrown.status === 400 && position > 0)
        return this.#turnCoarse();
      throw thrown;
    }
    if (!body) return 'absent';
    this.#seen = true;
    const reply = new Cursor(body);
    if (await this.#hasPredecessor(reply, signal)) return 'yes';
    const start = await reply.take(tail.length);
    const joins =
      start.equals(tail) && (!this.#bookmark.repetitive || (await this.#serves(reply, signal)));
    if (!joins) {
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
    const length = await this.#current.length(signal);
    return length !== undefined && length >= this.#bookmark.position + after;
  }

  #turnCoarse(): 'no' {
    if (!this.#coarse) this.#sinks.event({ kind: 'coarse' });
    this.#coarse = true;
    return 'no';
  }

  /** The whole file: what was read is passed over, if it is still the same file. */
  async #rejoin(signal?: AbortSignal, atEnd = false): Promise<void> {
    const body = await this.#current.whole(signal);
    if (!body) {
      this.#unserved = !(await this.#catchUp(signal));
      if (atEnd && (await this.#named?.withoutNumber(signal))) await this.#rejoin(signal);
      return;
    }
    this.#unserved = false;
    this.#seen = true;
    const reply = new Cursor(body);
    if (await this.#hasPredecessor(reply, signal, atEnd)) return;
    const place = await this.#bookmark.passOver(reply);
    if (place === 'joined') {
      for await (const chunk of reply.rest()) await this.#accept(chunk);
      return;
    }
    await reply.close();
    const caughtUp = await this.#catchUp(signal);
    // The same file but shorter is a reply that was cut; the next reading mends it.
    if (caughtUp || place === 'short') return;
    this.#sinks.event({ kind: 'restarted', after: this.#bookmark.position });
    this.#bookmark.reset();
    await this.#readWhole(signal);
  }

  /**
   * The first bytes of a file: what was rolled away before them is read first. True when there was
   * any; then this file was read too. `atEnd`: also where the file is empty.
   */
  async #hasPredecessor(reply: Cursor, signal?: AbortSignal, atEnd = false): Promise<boolean> {
    if (this.#bookmark.position > 0 || (!atEnd && (await reply.fill(1)) === 0)) return false;
    const caughtUp = await this.#catchUp(signal);
    if (caughtUp) await reply.close();
    return caughtUp;
  }

  /** Reads the rest of the files that the current one has taken the place of. True when there were any. */
  async #catchUp(signal?: AbortSignal): Promise<boolean> {
    const before = this.#read;
    if (!(await this.#named?.catchUp(signal))) return false;
    this.#seen = true;
    if (this.#read > before || before > 0) this.#sinks.event({ kind: 'rolled' });
    await this.#readWhole(signal);
    return true;
  }

  async #readWhole(signal?: AbortSignal): Promise<void> {
    const body = await this.#current.whole(signal);
    if (!body) return;
    const reply = new Cursor(body);
    if ((await this.#bookmark.passOver(reply)) !== 'joined') return reply.close();
    for await (const chunk of reply.rest()) await this.#accept(chunk);
  }

  async #accept(chunk: Uint8Array): Promise<void> {
    if (chunk.length === 0) return;
    this.#bookmark.moveOn(chunk);
    this.#read += chunk.length;
    await this.#sinks.bytes(chunk);
  }
}
