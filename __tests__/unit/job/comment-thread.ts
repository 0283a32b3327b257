import type { Clock } from '../../../src/clock.ts';
import { GitHubRefusal } from '../../../src/github/api.ts';
import type { OwnComment } from '../../../src/github/comments.ts';
import type { Thread } from '../../../src/job/comment/writing.ts';

/** What happens to a request: `lost`: it has its effect, and its reply does not come. */
export type Fate = 'well' | 'failing' | 'lost' | 'limited';

/** A pull request whose comments are written from many places, each request on its way for a while. */
export class SharedThread {
  comments: OwnComment[] = [];
  /** The answer to every request, where there is only one. */
  refuses: GitHubRefusal | undefined;
  readonly writes: string[] = [];
  readonly #clock: Clock;
  readonly #latency: () => number;
  readonly #fate: (method: string) => Fate;
  #next = 1;

  /** `latency`: of one way, in milliseconds. */
  constructor(parts: { clock: Clock; latency: () => number; fate?: (method: string) => Fate }) {
    this.#clock = parts.clock;
    this.#latency = parts.latency;
    this.#fate = parts.fate ?? (() => 'well');
  }

  add(body: string): number {
    const id = this.#next++;
    this.comments.push({ id, body });
    return id;
  }

  /** The thread as one writer has it. */
  forWriter(): Thread {
    return {
      read: (signal) => this.#ask('read', signal, () => this.comments.map((one) => ({ ...one }))),
      one: (id, signal) =>
        this.#ask('one', signal, () => {
          const found = this.comments.find((comment) => comment.id === id);
          return found ? { ...found } : undefined;
        }),
      create: (body, signal) => this.#ask('create', signal, () => this.add(body)),
      update: (id, body, signal) =>
        this.#ask('update', signal, () => {
          this.comments = this.comments.map((one) => (this.#is(one, id) ? { id, body } : one));
        }),
      remove: (id, signal) =>
        this.#ask('remove', signal, () => {
          this.comments = this.comments.filter((one) => !this.#is(one, id));
        }),
    };
  }

  #is(one: OwnComment, id: number): boolean {
    if (!this.comments.some((comment) => comment.id === id))
      throw new GitHubRefusal('missing', 'GitHub answered 404: Not Found');
    return one.id === id;
  }

  async #ask<Value>(method: string, signal: AbortSignal, act: () => Value): Promise<Value> {
    await this.#clock.sleep(this.#latency());
    if (this.refuses) throw this.refuses;
    const fate = this.#fate(method);
    if (fate === 'failing') throw new GitHubRefusal('failing', 'GitHub answered 502');
    if (fate === 'limited')
      throw new GitHubRefusal('limited', 'GitHub answered 403', this.#clock.now() + 3_000);
    if (signal.aborted) throw new Error('aborted');
    const value = act();
    if (method !== 'read' && method !== 'one') this.writes.push(method);
    await this.#clock.sleep(this.#latency());
    if (fate === 'lost') throw new GitHubRefusal('failing', 'no answer');
    return value;
  }
}
