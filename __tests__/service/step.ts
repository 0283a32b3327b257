import { cleanUp } from '../../src/cleanup.ts';
import type { HttpRequest } from '../../src/http/transport.ts';
import { runJob } from '../../src/job.ts';
import type { World } from '../../src/job/connect.ts';
import { Interrupt } from '../../src/job/interrupt.ts';
import type { RecordingRunner } from './recording-runner.ts';

/** What a step has beside, or instead of, the inputs and the environment of its stage. */
export interface StepOptions {
  inputs?: Readonly<Record<string, string>>;
  env?: Readonly<Record<string, string>>;
  /** Inputs of the stage that the step does not have. */
  without?: readonly string[];
  /** How far the clock of its runner is ahead of that of the services, in milliseconds. */
  clockAhead?: number;
}

export interface StepParts {
  newRunner: () => RecordingRunner;
  worldOf: (runner: RecordingRunner) => World;
  newNonce: () => string;
  clockAhead: number;
}

/** One step of a workflow: main, which may be killed, and post. */
export class Step {
  readonly runner: RecordingRunner;
  readonly interrupt = new Interrupt();
  /** Every request of main. */
  readonly sent: HttpRequest[] = [];
  readonly #parts: StepParts;
  /** Aborted once main is killed: its sleeps are no reason for time to move on. */
  readonly #killed = new AbortController();

  constructor(parts: StepParts) {
    this.#parts = parts;
    this.runner = parts.newRunner();
  }

  /** Main, to its end. */
  run(): Promise<boolean> {
    return runJob({
      world: this.#world(),
      interrupt: this.interrupt,
      newNonce: this.#parts.newNonce,
    });
  }

  /** Main, up to the moment at which its process is killed: from then on it does nothing at all. */
  runUntilKilled(when: (kill: () => void) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      when(() => {
        this.#killed.abort();
        resolve();
      });
      this.run().then(
        () => reject(new Error(`main ended before it was killed: ${this.runner.story}`)),
        reject,
      );
    });
  }

  /** Post, with the states that main saved; `without`: states that main did not come to save. */
  async post(without: readonly string[] = []): Promise<RecordingRunner> {
    const runner = this.#parts.newRunner();
    for (const [name, value] of Object.entries(this.runner.states)) {
      if (!without.includes(name)) runner.states[name] = value;
    }
    await cleanUp(this.#parts.worldOf(runner));
    return runner;
  }

  #world(): World {
    const world = this.#parts.worldOf(this.runner);
    const { clock, transport } = world;
    return {
      ...world,
      clock: {
        now: () => clock.now() + this.#parts.clockAhead,
        sleep: (ms, signal) => this.#whileAlive(() => clock.sleep(ms, this.#orKilled(signal))),
      },
      transport: (request, signal) =>
        this.#whileAlive(() => {
          this.sent.push(request);
          return transport(request, signal);
        }),
    };
  }

  #orKilled(signal: AbortSignal | undefined): AbortSignal {
    return signal ? AbortSignal.any([signal, this.#killed.signal]) : this.#killed.signal;
  }

  /** Settles with `work`, and never once main is killed. */
  #whileAlive<Value>(work: () => Promise<Value>): Promise<Value> {
    return new Promise((resolve, reject) => {
      if (this.#killed.signal.aborted) return;
      work().then(
        (value) => {
          if (!this.#killed.signal.aborted) resolve(value);
        },
        (thrown: unknown) => {
          if (!this.#killed.signal.aborted)
            reject(thrown instanceof Error ? thrown : new Error(String(thrown)));
        },
      );
    });
  }
}
