/** The step was told to end (a signal of the runner). Waits end at once; a submit under way is let finish. */
export class Interrupt {
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

/** The value of `work`, or `undefined` as soon as `signal` aborts; a later failure of `work` is dropped. */
export async function orAborted<Value>(
  work: Promise<Value>,
  signal: AbortSignal,
): Promise<Value | undefined> {
  if (signal.aborted) {
    work.catch(() => undefined);
    return undefined;
  }
  let onAbort = (): void => undefined;
  const aborted = new Promise<undefined>((resolve) => {
    onAbort = () => {
      resolve(undefined);
    };
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
    work.catch(() => undefined);
  }
}
