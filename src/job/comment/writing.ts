import type { Clock } from '../../clock.ts';
import { GitHubRefusal } from '../../github/api.ts';
import type { OwnComment } from '../../github/comments.ts';
import {
  covers,
  merge,
  nothing,
  readState,
  stateOf,
  type CommentRow,
  type CommentState,
} from '../../report/comment/rows.ts';

/** The comments of one workflow under one pull request, all by the token's own identity. */
export interface Thread {
  /** The oldest first. */
  read(signal: AbortSignal): Promise<OwnComment[]>;
  /** As it stands now; absent when it was deleted. */
  one(id: number, signal: AbortSignal): Promise<OwnComment | undefined>;
  create(body: string, signal: AbortSignal): Promise<number>;
  update(id: number, body: string, signal: AbortSignal): Promise<void>;
  remove(id: number, signal: AbortSignal): Promise<void>;
}

export interface WritingParts {
  thread: Thread;
  clock: Clock;
  /** A number from 0 up to 1. */
  random: () => number;
  row: CommentRow;
  body: (state: CommentState) => string;
  /** Make a comment where there is none? */
  creates: boolean;
  /** By when all must be done; milliseconds since the epoch. */
  until: number;
  signal: AbortSignal;
  /** Told once when a comment's own data cannot be read, so that it starts anew. */
  onUnreadable: () => void;
}

/**
 * How long after its own write a writer looks again, in milliseconds. The least must be longer than
 * another writer needs from its reading to the effect of its write: see `Writing`.
 */
const pause = { least: 2_000, most: 4_000 };
/** Before a comment is made others that end at the same time get the chance to; milliseconds. */
const beforeCreating = 2_000;
/** A reading that took longer is old: the comment is read once more before it is written; milliseconds. */
const oldAfter = 1_000;

/**
 * Brings one row into the comment of its workflow, beside others who do the same at the same time.
 * GitHub has no way to write a comment only if nobody else has (no `If-Match`), so each writer reads,
 * writes what it ever saw and its own row, and looks again after a pause; it is done when a look that
 * comes a pause after its last write finds all that it ever saw. A write that lost rows must have
 * read before those were written, so it takes effect within the time from a reading to its write;
 * whoever wrote a row last is still there then, sees the loss and writes the row again. Of several
 * comments made at once the oldest stays: the others' rows go into it, then they are deleted by
 * whoever made them or, a look later, by anyone.
 */
export class Writing {
  readonly #parts: WritingParts;
  readonly #made = new Set<number>();
  readonly #seenBeside = new Set<number>();
  #seen: CommentState;
  #waited = false;
  #unreadable = false;

  constructor(parts: WritingParts) {
    this.#parts = parts;
    this.#seen = stateOf(parts.row);
  }

  /**
   * `written`: the row was seen in its place after a pause. `nothing`: there is no comment, and none
   * was to be made. Throws `GitHubRefusal` when GitHub refuses for good, or goes on failing up to
   * the end of the time; what the thread throws else.
   */
  async run(): Promise<'written' | 'nothing'> {
    const { clock, until, signal } = this.#parts;
    for (;;) {
      const outcome = await this.#attempt();
      if (typeof outcome === 'string') return outcome;
      const { again, why } = outcome;
      if (again > until) throw why;
      await clock.sleep(again - clock.now(), signal);
      if (signal.aborted) throw why;
    }
  }

  /** A round, and when the next one is due where it was not the last; `why` there is none in time. */
  async #attempt(): Promise<'written' | 'nothing' | { again: number; why: GitHubRefusal }> {
    const { clock } = this.#parts;
    try {
      const outcome = await this.#round();
      if (typeof outcome === 'string') return outcome;
      const why = new GitHubRefusal('failing', 'others wrote it at the same time, to the last');
      return { again: clock.now() + outcome, why };
    } catch (thrown) {
      if (!(thrown instanceof GitHubRefusal) || !passing(thrown)) throw thrown;
      return { again: Math.max(clock.now() + this.#pause(), thrown.retryAt ?? 0), why: thrown };
    }
  }

  /** One look, and the write that it calls for. A number: look again after so many milliseconds. */
  async #round(): Promise<'written' | 'nothing' | number> {
    const { thread, clock, signal, creates } = this.#parts;
    const begun = clock.now();
    const [target, ...others] = await thread.read(signal);
    for (const { body } of [...(target ? [target] : []), ...others]) this.#hear(body);
    if (!target) return creates ? this.#create() : 'nothing';
    if (!this.#holds(target.body)) {
      if (clock.now() - begun > oldAfter) {
        const now = await thread.one(target.id, signal);
        if (!now) return this.#pause();
        this.#hear(now.body);
      }
      await orMissing(thread.update(target.id, this.#body(), signal));
      return this.#pause();
    }
    return this.#tidy(others);
  }

  async #create(): Promise<number> {
    const { thread, random, signal } = this.#parts;
    if (!this.#waited) {
      this.#waited = true;
      return random() * beforeCreating;
    }
    this.#made.add(await thread.create(this.#body(), signal));
    return this.#pause();
  }

  /** What else was made at the same time is deleted, now that its rows stand in the oldest. */
  async #tidy(others: readonly OwnComment[]): Promise<'written' | number> {
    const { thread, signal } = this.#parts;
    let left = false;
    for (const { id } of others) {
      if (this.#made.has(id) || this.#seenBeside.has(id))
        await orMissing(thread.remove(id, signal));
      else left = true;
      this.#seenBeside.add(id);
    }
    return left ? this.#pause() : 'written';
  }

  #hear(body: string): void {
    const state = readState(body);
    if (!state && !this.#unreadable) {
      this.#unreadable = true;
      this.#parts.onUnreadable();
    }
    this.#seen = merge(this.#seen, state ?? nothing);
  }

  /** Does a comment hold all that one with what was seen would hold? */
  #holds(body: string): boolean {
    const state = readState(body);
    return state !== undefined && covers(state, readState(this.#body()) ?? nothing);
  }

  #body(): string {
    return this.#parts.body(this.#seen);
  }

  #pause(): number {
    return pause.least + this.#parts.random() * (pause.most - pause.least);
  }
}

/** Worth another look before the time is over. */
function passing({ kind }: GitHubRefusal): boolean {
  return kind === 'failing' || kind === 'limited';
}

/** Somebody deleted the comment in the meantime: the next look tells. */
async function orMissing(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (thrown) {
    if (!(thrown instanceof GitHubRefusal) || thrown.kind !== 'missing') throw thrown;
  }
}
