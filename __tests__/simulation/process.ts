import type { World } from '../../src/job/connect.ts';

/** The life of one process: once it is dead nothing that it waits for comes any more. */
export class Life {
  #dead = false;

  end(): void {
    this.#dead = true;
  }

  /** The world as this process sees it. */
  mortal(world: World): World {
    const { clock, transport } = world;
    return {
      ...world,
      clock: {
        now: () => clock.now(),
        sleep: (ms, signal) => this.whileAlive(clock.sleep(ms, signal)),
      },
      transport: (request, signal) =>
        this.#dead ? never() : this.whileAlive(transport(request, signal)),
    };
  }

  whileAlive<Value>(work: Promise<Value>): Promise<Value> {
    if (this.#dead) return never();
    return new Promise((resolve, reject) => {
      work.then(
        (value) => {
          if (!this.#dead) resolve(value);
        },
        (thrown: unknown) => {
          if (!this.#dead) reject(thrown instanceof Error ? thrown : new Error(String(thrown)));
        },
      );
    });
  }
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}
