import type { Bookmark } from './bookmark.ts';
import { Cursor } from './cursor.ts';
import type { LogFile, StreamFiles } from './sources.ts';

/** What a look at the files of a stream came to. */
export interface CaughtUp {
  /** The file that grows now; absent where the server does not tell. */
  current: LogFile | undefined;
  /** True when a file that is closed was read to its end, so that the current one begins anew. */
  joined: boolean;
  /** The number of the new attempt, when one began. */
  attempt?: number;
}

/**
 * The files that a stream is made of, by name (rule 5): those that were rolled away, and those of
 * earlier attempts. What was not yet read of them is read once each, in order.
 */
export class RolledFiles {
  readonly #files: StreamFiles;
  readonly #bookmark: Bookmark;
  readonly #accept: (chunk: Uint8Array) => Promise<void>;
  readonly #done = new Set<string>();
  #attempt: number | undefined;

  constructor(
    files: StreamFiles,
    bookmark: Bookmark,
    accept: (chunk: Uint8Array) => Promise<void>,
  ) {
    this.#files = files;
    this.#bookmark = bookmark;
    this.#accept = accept;
  }

  /** The files of the attempt under way that are not done with, the current one last. */
  async pending(signal?: AbortSignal): Promise<LogFile[]> {
    const files = await this.#files.list(undefined, signal);
    return (files ?? []).filter(({ name }) => !this.#done.has(name));
  }

  /** What there was before the first reading: attempts that are over, files that were rolled away. */
  async begin(signal?: AbortSignal): Promise<CaughtUp> {
    const last = (await this.#files.lastAttempt(signal).catch(() => undefined)) ?? 1;
    return last > 1
      ? this.#nextAttempt(1, last, signal)
      : this.#closedOf(await this.pending(signal), last, signal);
  }

  /** Reads what is closed and not yet read, of this attempt or of those since the last one. */
  async catchUp(signal?: AbortSignal): Promise<CaughtUp> {
    const known = this.#attempt;
    if (known === undefined) return this.begin(signal);
    const pending = await this.pending(signal);
    const caughtUp = await this.#closedOf(pending, known, signal);
    if (caughtUp.joined) return caughtUp;
    const last = (await this.#files.lastAttempt(signal)) ?? known;
    return last > known ? this.#nextAttempt(known, last, signal) : caughtUp;
  }

  async #closedOf(
    pending: readonly LogFile[],
    attempt: number,
    signal?: AbortSignal,
  ): Promise<CaughtUp> {
    const closed = pending.slice(0, -1);
    const joined = closed.length > 0 && (await this.#readClosed(closed, undefined, signal));
    this.#attempt = attempt;
    return { current: pending.at(-1), joined };
  }

  async #nextAttempt(known: number, last: number, signal?: AbortSignal): Promise<CaughtUp> {
    for (let attempt = known; attempt < last; attempt += 1)
      await this.#readAttempt(attempt, signal);
    this.#done.clear();
    this.#bookmark.reset();
    // Its files may have the names of those that are done with.
    const { current } = await this.#closedOf(await this.pending(signal), last, signal);
    return { current, joined: true, attempt: last };
  }

  /** The rest of an attempt that is over, unless it was over before anything was read. */
  async #readAttempt(attempt: number, signal?: AbortSignal): Promise<void> {
    const files = (await this.#files.list(attempt, signal)) ?? [this.#files.plain];
    const pending = files.filter(({ name }) => !this.#done.has(name));
    if (!(await this.#readClosed(pending, attempt, signal))) return;
    this.#done.clear();
    this.#bookmark.reset();
  }

  /** False when the first of them is not the file that was being read: then none was read. */
  async #readClosed(
    files: readonly LogFile[],
    attempt: number | undefined,
    signal?: AbortSignal,
  ): Promise<boolean> {
    for (const { name, length } of files) {
      const body = await this.#files.file(name, attempt).whole(signal);
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
        for await (const chunk of reply.rest()) await this.#accept(chunk);
        this.#bookmark.reset();
      }
      this.#done.add(name);
    }
    return true;
  }
}
