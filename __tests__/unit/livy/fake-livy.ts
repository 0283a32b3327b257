import type { Answer } from '../../../src/http/client.ts';
import { fabricDialect, type BatchBody, type Dialect, type Livy } from '../../../src/livy/livy.ts';
import type { BatchStatus } from '../../../src/livy/status.ts';
import { jsonAnswer } from '../answers.ts';
import type { VirtualClock } from '../virtual-clock.ts';

type Reply<Value> = Value | Promise<Value>;

/** A Livy that does what a test says, and remembers what was asked of it and when. */
export class FakeLivy implements Livy {
  readonly clock: VirtualClock;
  dialect: Dialect = fabricDialect;
  /** Milliseconds after the start of the clock. */
  readonly posts: number[] = [];
  readonly bodies: BatchBody[] = [];
  readonly gets: number[] = [];
  readonly cancels: string[] = [];
  readonly lists: { at: number; whole: boolean }[] = [];
  mostLists = 1_000;
  pause = 0;

  onSubmit: (body: BatchBody, index: number) => Reply<Answer> = () => {
    throw new Error('No submit was expected.');
  };
  onGet: (id: string, index: number, signal?: AbortSignal) => Reply<Answer> = () => {
    throw new Error('No get was expected.');
  };
  onCancel: (id: string) => Reply<Answer | undefined> = () => jsonAnswer(200, undefined);
  onList: (index: number) => Reply<readonly BatchStatus[] | undefined> = () => [];

  constructor(clock: VirtualClock) {
    this.clock = clock;
  }

  async submit(body: BatchBody): Promise<Answer> {
    this.posts.push(this.clock.elapsed);
    this.bodies.push(body);
    return await this.onSubmit(body, this.posts.length - 1);
  }

  async get(id: string, signal?: AbortSignal): Promise<Answer> {
    this.gets.push(this.clock.elapsed);
    return await this.onGet(id, this.gets.length - 1, signal);
  }

  async cancel(id: string): Promise<Answer | undefined> {
    this.cancels.push(id);
    return await this.onCancel(id);
  }

  async list(): Promise<readonly BatchStatus[] | undefined> {
    if (this.lists.length >= this.mostLists) throw new Error('The list is read without an end.');
    const found = await this.onList(this.lists.length);
    this.lists.push({ at: this.clock.elapsed, whole: found !== undefined });
    return found;
  }

  known(): void {
    // As on Fabric, an id is never given twice.
  }

  holds(batches: readonly BatchStatus[], id: string): boolean {
    return batches.some((batch) => batch.id === id);
  }

  freeAt(): number {
    return this.pause;
  }

  pausedUntil(): number {
    return this.pause;
  }
}
