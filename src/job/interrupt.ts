/** The step was told to end (a signal of the runner). Waits end at once; a submit under way is let finish. */
export class Interrupt {
  /** The verdict, once it stands: a signal that comes later does not change it. */
  settled: { result: string; code: string | undefined } | undefined;
  readonly #controller = new AbortController();
  #name = '';

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get raised(): boolean {
    return this.#controller.signal.aborted;
  }

  /** The name of the signal that came first, such as `SIGINT`. */
  get name(): string {
    return this.#name;
  }

  raise(name: string): void {
    if (this.raised) return;
    this.#name = name;
    this.#controller.abort();
  }
}
