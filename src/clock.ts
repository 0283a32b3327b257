/** Time as the action sees it. Handed in everywhere, so that a day of waiting is tested in milliseconds. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Resolves after `ms` milliseconds, or at once when `signal` aborts (it never rejects). */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) {
        resolve();
        return;
      }
      const done = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      // A longer delay would overflow and fire at once.
      const timer = setTimeout(done, Math.min(ms, 2 ** 31 - 1));
      signal?.addEventListener('abort', done, { once: true });
    }),
};

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

/**
 * The value of `work`, or `undefined` when `ms` milliseconds are over (or `signal` aborts) before it.
 * `work` gets a signal that tells it so; what came in time is left alone by it.
 */
export async function within<Value>(
  clock: Clock,
  ms: number,
  work: (limit: AbortSignal) => Promise<Value>,
  signal?: AbortSignal,
): Promise<Value | undefined> {
  const [late, done] = [new AbortController(), new AbortController()];
  void clock.sleep(ms, done.signal).then(() => {
    if (!done.signal.aborted) late.abort();
  });
  const limit = signal ? AbortSignal.any([signal, late.signal]) : late.signal;
  try {
    return await orAborted(work(limit), limit);
  } finally {
    // Without a reason an error with a stack would be made for each request.
    done.abort('over');
  }
}
