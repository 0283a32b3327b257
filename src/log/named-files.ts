import type { Bookmark } from './bookmark.ts';
import { Cursor } from './cursor.ts';
import type { LogFile, LogSource, StreamFiles } from './sources.ts';

/** What reading by name may come to tell, beside bytes. */
export type NamedEvent =
  /** A new attempt of the application begins. */
  | { kind: 'attempt'; number: number }
  /** What was read is not in the files of its attempt, or these are not served: their end may be missing. */
  | { kind: 'left-open'; after: number }
  /** The files cannot be listed: what was rolled away before is missing, if there was any. */
  | { kind: 'unlisted' }
  /** A file that was rolled away is listed and not served: its bytes are missing here. */
  | { kind: 'rolled-unserved'; file: string };

export interface NamedSinks {
  accept(chunk: Uint8Array): Promise<void>;
  event(event: NamedEvent): void;
}

/** A number that no attempt has: YARN begins an application again a few times at most. */
const noAttempt = 9_999;

/** So often in a row may a question that is not the log itself fail before the log goes on without its answer. */
const mostFailures = 3;

/**
 * The files that a stream is made of, by name and by attempt (rule 5). An attempt is read by its
 * number, where the server tells it and serves it so: then no byte of one attempt can pass for a
 * byte of another. What is closed is read once, in order; a reading that is cut goes on at the next.
 */
export class NamedFiles {
  readonly #files: StreamFiles;
  readonly #bookmark: Bookmark;
  readonly #sinks: NamedSinks;
  readonly #done = new Set<string>();
  #name: string;
  /** The attempt that is read; absent where the server does not tell, or serves none by number. */
  #attempt: number | undefined;
  #byNumber = true;
  #asked = false;
  #failures = { attempt: 0, list: 0 };
  /** How often a file that is listed was not served, by its name. */
  readonly #absences = new Map<string, number>();
  #toldBlind = false;
  #unlisted = false;

  constructor(files: StreamFiles, bookmark: Bookmark, sinks: NamedSinks) {
    this.#files = files;
    this.#bookmark = bookmark;
    this.#sinks = sinks;
    this.#name = files.plain.name;
  }

  /** The file that grows. */
  get current(): LogSource {
    return this.#files.file(this.#name, this.#attempt);
  }

  /** True when the server listed no files as the first bytes were read: there may have been others before. */
  get unlisted(): boolean {
    return this.#unlisted;
  }

  /** True until the server was asked for the number of the attempt. */
  get isNew(): boolean {
    return !this.#asked;
  }

  /**
   * Asks which attempt is under way, and reads those that are over to their end. Where the session
   * does not tell, a next attempt is one whose log is served. Throws what the server refuses, the
   * first times; a log whose attempts nobody tells is read without their numbers.
   */
  async toLastAttempt(signal?: AbortSignal): Promise<void> {
    const last = await this.#lastAttempt(signal);
    this.#asked = true;
    if (!this.#byNumber) return;
    if (this.#attempt === undefined) {
      // Bytes that were read without a number can be of the first attempt only where it is the last.
      if (last !== 1 && this.#bookmark.position > 0) return;
      if (last === undefined && !(await this.#isThere(1, signal))) return;
      this.#attempt = 1;
    }
    while (await this.#isOver(this.#attempt, last, signal))
      await this.#nextAttempt(this.#attempt, signal);
  }

  /** True when the file that grows is served without a number and not with it: then it is read so. */
  async withoutNumber(signal?: AbortSignal): Promise<boolean> {
    if (this.#attempt === undefined || this.#bookmark.position > 0 || this.#done.size > 0)
      return false;
    if (!(await isServed(this.#files.file(this.#name), signal))) return false;
    // It may have come to be since, or be of an attempt that has begun since.
    if (await isServed(this.current, signal)) return false;
    const last = await this.#lastAttempt(signal);
    if (await this.#isOver(this.#attempt, last, signal)) return false;
    this.#byNumber = false;
    this.#attempt = undefined;
    return true;
  }

  /** The files of the attempt under way that are not done with, the one that grows last. */
  async pending(signal?: AbortSignal): Promise<LogFile[]> {
    const files = await this.#list(this.#attempt, signal);
    return (files ?? []).filter(({ name }) => !this.#done.has(name));
  }

  /** Reads what was rolled away and is not yet read. True when there was any. */
  async catchUp(signal?: AbortSignal): Promise<boolean> {
    const pending = await this.pending(signal);
    const closed = pending.slice(0, -1);
    if (closed.length === 0) return false;
    await this.#mayBeAbsent(closed, signal);
    if (!(await this.#readClosed(closed, signal))) return false;
    this.#name = pending.at(-1)?.name ?? this.#name;
    return true;
  }

  async #lastAttempt(signal?: AbortSignal): Promise<number | undefined> {
    return this.#patiently('attempt', () => this.#files.lastAttempt(signal), signal);
  }

  /** `last`: the number of the last attempt, where it is told. */
  async #isOver(attempt: number, last: number | undefined, signal?: AbortSignal): Promise<boolean> {
    if (last !== undefined) return attempt < last;
    if (!(await this.#isThere(attempt + 1, signal))) return false;
    // Where a number that no attempt has is served as well, numbers mean nothing.
    if (!(await this.#isThere(noAttempt, signal))) return true;
    this.#byNumber = false;
    this.#attempt = undefined;
    return false;
  }

  async #isThere(attempt: number, signal?: AbortSignal): Promise<boolean> {
    const file = this.#files.file(this.#files.plain.name, attempt);
    return (await file.length(signal)) !== undefined;
  }

  async #list(attempt: number | undefined, signal?: AbortSignal): Promise<LogFile[] | undefined> {
    const files = await this.#patiently('list', () => this.#files.list(attempt, signal), signal);
    if (this.#bookmark.position === 0 && this.#done.size === 0) this.#unlisted = !files;
    const blind = this.#failures.list >= mostFailures && this.#bookmark.position === 0;
    if (blind && !this.#toldBlind) this.#sinks.event({ kind: 'unlisted' });
    this.#toldBlind ||= blind;
    return files;
  }

  /** `undefined` where a question fails again and again; until then its failure is thrown. */
  async #patiently<Answer>(
    what: 'attempt' | 'list',
    ask: () => Promise<Answer>,
    signal?: AbortSignal,
  ): Promise<Answer | undefined> {
    try {
      const answer = await ask();
      this.#failures[what] = 0;
      return answer;
    } catch (thrown) {
      if (signal?.aborted) throw thrown;
      this.#failures[what] += 1;
      if (this.#failures[what] < mostFailures) throw thrown;
      return undefined;
    }
  }

  /** An attempt that is over is read to its end; then the next one begins. */
  async #nextAttempt(attempt: number, signal?: AbortSignal): Promise<void> {
    const files = (await this.#list(attempt, signal)) ?? [this.#files.plain];
    const pending = files.filter(({ name }) => !this.#done.has(name));
    if (!(await this.#readClosed(pending, signal)))
      this.#sinks.event({ kind: 'left-open', after: this.#bookmark.position });
    // Its files may have the names of those that are done with.
    this.#done.clear();
    this.#bookmark.reset();
    this.#name = this.#files.plain.name;
    this.#attempt = attempt + 1;
    this.#sinks.event({ kind: 'attempt', number: attempt + 1 });
  }

  /**
   * Nothing of the stream was read yet, and its first file is listed and not served. It may come: throws at
   * the first looks. Then it is told as missing, and what came after it is read.
   */
  async #mayBeAbsent(closed: LogFile[], signal?: AbortSignal): Promise<void> {
    for (let [first] = closed; first && this.#bookmark.position === 0; [first] = closed) {
      const { name } = first;
      if (await isServed(this.#files.file(name, this.#attempt), signal)) return;
      const looks = (this.#absences.get(name) ?? 0) + 1;
      this.#absences.set(name, looks);
      if (looks < mostFailures) throw new Error(`${name} is listed and not served`);
      this.#sinks.event({ kind: 'rolled-unserved', file: name });
      this.#done.add(name);
      closed.shift();
    }
  }

  /** False when the first of them is not served, or not the file that was being read: then none was read. */
  async #readClosed(files: readonly LogFile[], signal?: AbortSignal): Promise<boolean> {
    for (const { name, length } of files) {
      const body = await this.#files.file(name, this.#attempt).whole(signal);
      if (!body) return false;
      const reply = new Cursor(body);
      const place = await this.#bookmark.passOver(reply);
      if (place === 'other' || (place === 'short' && reply.taken < (length ?? Infinity))) {
        await reply.close();
        return false;
      }
      // Where a file holds only a part of what was read before, the rest of that is in the next one.
      if (place === 'short') this.#bookmark.leave(reply.taken);
      else {
        for await (const chunk of reply.rest()) await this.#sinks.accept(chunk);
        this.#bookmark.reset();
      }
      this.#done.add(name);
    }
    return true;
  }
}

async function isServed(source: LogSource, signal?: AbortSignal): Promise<boolean> {
  const body = await source.whole(signal);
  if (body) await new Cursor(body).close();
  return body !== undefined;
}
