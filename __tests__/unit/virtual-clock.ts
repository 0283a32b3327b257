import type { Clock } from '../../src/clock.ts';

interface Due {
  at: number;
  run: () => void;
}

/** More sleeps than a test can mean: a loop that waits for nothing. */
const mostSleeps = 20_000;

/**
 * Time that stands still while there is work to do, and jumps to what is due next when there is
 * none: a day of waiting costs as many turns of the event loop as it has sleeps.
 */
export class VirtualClock implements Clock {
  readonly start: number;
  #now: number;
  #due: Due[] = [];
  #turning = false;
  #sleeps = 0;

  constructor(start = Date.UTC(2026, 10, 2, 8, 0, 0)) {
    this.start = start;
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  /** Milliseconds since the start. */
  get elapsed(): number {
    return this.#now - this.start;
  }

  get sleeps(): number {
    return this.#sleeps;
  }

  /** For what is tested without sleeping. */
  advance(milliseconds: number): void {
    this.#now += milliseconds;
  }

  /** Something that happens at a time after the start. */
  after(milliseconds: number, run: () => void): void {
    this.#push({ at: this.start + milliseconds, run });
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (!Number.isFinite(ms)) throw new Error(`A sleep of ${ms} ms.`);
    if (++this.#sleeps > mostSleeps) throw new Error('Too many sleeps: this loop does not end.');
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const due = { at: this.#now + Math.max(0, ms), run: () => finish() };
      const abort = (): void => {
        this.#due = this.#due.filter((other) => other !== due);
        finish();
      };
      const finish = (): void => {
        signal?.removeEventListener('abort', abort);
        resolve();
      };
      signal?.addEventListener('abort', abort);
      this.#push(due);
    });
  }

  #push(due: Due): void {
    this.#due.push(due);
    this.#turn();
  }

  #turn(): void {
    if (this.#turning) return;
    this.#turning = true;
    setImmediate(() => {
      this.#turning = false;
      const next = this.#due.reduce<Due | undefined>(
        (first, due) => (first === undefined || due.at < first.at ? due : first),
        undefined,
      );
      if (next === undefined) return;
      this.#due = this.#due.filter((due) => due !== next);
      this.#now = Math.max(this.#now, next.at);
      next.run();
      if (this.#due.length > 0) this.#turn();
    });
  }
}
