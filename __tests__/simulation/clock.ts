import type { Clock } from '../../src/clock.ts';

interface Due {
  at: number;
  /** Of two at one time the first comes first. */
  order: number;
  run: (() => void) | undefined;
}

/** No schedule takes longer; milliseconds. */
const longest = 40 * 3_600_000;
/** So many moves of time between two turns of the event loop, at which Node clears up after signals. */
const movesPerTurn = 200;

/**
 * Time that moves to what is due next as soon as nothing is left to do. There are no sockets, files or
 * threads below a schedule, so "nothing left to do" is an empty queue of promises: no turn of the event
 * loop is needed for it.
 */
export class SimulatedClock implements Clock {
  readonly start: number;
  #now: number;
  #order = 0;
  #moves = 0;
  readonly #heap: Due[] = [];

  constructor(start: number) {
    this.start = start;
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  /** Runs so many milliseconds from now on; the function returned calls it off. */
  after(ms: number, run: () => void): () => void {
    // Whole milliseconds and at least one, as a timer of the machine.
    const due: Due = { at: this.#now + Math.max(1, Math.ceil(ms)), order: (this.#order += 1), run };
    this.#push(due);
    return () => (due.run = undefined);
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (Number.isNaN(ms)) throw new Error('a sleep of NaN ms');
    return new Promise((resolve) => {
      if (signal?.aborted) {
        resolve();
        return;
      }
      // Without an end (a deadline that is none) only the signal ends it.
      const callOff = ms === Infinity ? undefined : this.after(ms, () => done());
      const done = (): void => {
        callOff?.();
        signal?.removeEventListener('abort', done);
        resolve();
      };
      signal?.addEventListener('abort', done, { once: true });
    });
  }

  /** Lets time pass until `work` is settled. Throws when it waits for something that never comes. */
  drive<Value>(work: Promise<Value>): Promise<Value> {
    return new Promise((resolve, reject) => {
      let settled = false;
      const settle = (): void => {
        settled = true;
        resolve(work);
      };
      work.then(settle, settle);
      const move = (): void => {
        if (settled) return;
        const next = this.#pop();
        if (!next) {
          reject(new Error('the step waits for something that never comes'));
          return;
        }
        this.#now = next.at;
        if (this.#now - this.start > longest) {
          reject(new Error('the step has not ended after 40 hours'));
          return;
        }
        next.run?.();
        this.#moves += 1;
        if (this.#moves % movesPerTurn === 0) setImmediate(move);
        else whenIdle(move);
      };
      whenIdle(move);
    });
  }

  #push(due: Due): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(due);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (!above || !before(due, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = due;
  }

  /** The next that was not called off. */
  #pop(): Due | undefined {
    for (;;) {
      const first = this.#heap[0];
      const last = this.#heap.pop();
      if (!first || !last) return undefined;
      if (first !== last) this.#sink(last);
      if (first.run) return first;
    }
  }

  #sink(due: Due): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      const right = heap[child + 1];
      let least = heap[child];
      if (!least) break;
      if (right && before(right, least)) {
        least = right;
        child += 1;
      }
      if (!before(least, due)) break;
      heap[at] = least;
      at = child;
    }
    heap[at] = due;
  }
}

/** A tick that is asked for by a promise comes when the queue of promises is empty; one asked for by a tick does not. */
function whenIdle(run: () => void): void {
  queueMicrotask(() => process.nextTick(run));
}

function before(one: Due, other: Due): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}
