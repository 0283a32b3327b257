import type { Clock } from '../../src/clock.ts';
import type { HttpReply, Transport } from '../../src/http/transport.ts';

interface Timer {
  at: number;
  fire: () => void;
}

/** Event loop turns without work before time moves on. */
const quietTurns = 4;

/** Is a file of the machine being read or written? That takes no time. */
function readsFiles(): boolean {
  return process.getActiveResourcesInfo().some((name) => /^(FSReq|CloseReq)/.test(name));
}

/**
 * A clock that stands still while a request is under way and jumps to the next timer when nothing
 * is: hours of waiting pass in milliseconds, and real sockets still answer in between.
 */
export class VirtualTime implements Clock {
  #now: number;
  #timers: Timer[] = [];
  #busy = 0;
  #quiet = 0;
  #pumping = false;

  constructor(start = Date.now()) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) {
        resolve();
        return;
      }
      const timer: Timer = { at: this.#now + Math.max(0, ms), fire: () => undefined };
      const drop = (): void => {
        this.#timers = this.#timers.filter((other) => other !== timer);
        signal?.removeEventListener('abort', drop);
        resolve();
      };
      timer.fire = drop;
      signal?.addEventListener('abort', drop, { once: true });
      this.#timers.push(timer);
      this.#pump();
    });
  }

  /** Runs at a time, counted in milliseconds from now on. */
  after(ms: number, run: () => void): void {
    void this.sleep(ms).then(run);
  }

  /** Holds the time while `work` is under way. */
  async during<Value>(work: () => Promise<Value>): Promise<Value> {
    this.#busy += 1;
    try {
      return await work();
    } finally {
      this.#busy -= 1;
      this.#pump();
    }
  }

  /** A transport whose requests, bodies included, take no time. */
  transport(inner: Transport): Transport {
    return (request, signal) =>
      this.during(async (): Promise<HttpReply> => {
        const reply = await inner(request, signal);
        const chunks: Uint8Array[] = [];
        let broken: unknown;
        try {
          for await (const chunk of reply.body) chunks.push(chunk);
        } catch (thrown) {
          broken = thrown instanceof Error ? thrown : new Error('the body was cut');
        }
        async function* body(): AsyncIterable<Uint8Array> {
          yield* chunks;
          await Promise.resolve();
          if (broken instanceof Error) throw broken;
        }
        return { ...reply, body: body() };
      });
  }

  #pump(): void {
    this.#quiet = 0;
    if (this.#pumping) return;
    this.#pumping = true;
    const turn = (): void => {
      if (this.#busy > 0 || this.#timers.length === 0) {
        this.#pumping = false;
        return;
      }
      this.#quiet = readsFiles() ? 0 : this.#quiet + 1;
      if (this.#quiet < quietTurns) {
        setImmediate(turn);
        return;
      }
      this.#quiet = 0;
      const next = this.#timers.reduce((first, timer) => (timer.at < first.at ? timer : first));
      this.#now = Math.max(this.#now, next.at);
      next.fire();
      setImmediate(turn);
    };
    setImmediate(turn);
  }
}
