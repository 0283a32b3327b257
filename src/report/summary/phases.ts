import type { RunFacts } from '../facts.ts';

/** What a batch goes through; times in milliseconds since the epoch on the action's clock. */
export interface Phase {
  name: 'queued' | 'starting' | 'running';
  from: number;
  to: number;
}

/** The phases that a batch came to, in their order. One whose times make no sense is not told. */
export function phases(facts: RunFacts): Phase[] {
  const { acceptedAt, startingAt, runningAt, endedAt } = facts;
  const spans: readonly (readonly [Phase['name'], number | undefined, number | undefined])[] = [
    ['queued', acceptedAt, startingAt ?? runningAt ?? endedAt],
    ['starting', startingAt, runningAt ?? endedAt],
    ['running', runningAt, endedAt],
  ];
  return spans.flatMap(([name, from, to]) =>
    from !== undefined && to !== undefined && to >= from && Number.isFinite(to - from)
      ? [{ name, from, to }]
      : [],
  );
}

/** The three lengths of time that a run is made of, in milliseconds; absent where it never came so far. */
export function times(facts: RunFacts): { queued?: number; starting?: number; running?: number } {
  const { acceptedAt, startingAt, runningAt, endedAt } = facts;
  const queuedUntil = startingAt ?? runningAt ?? endedAt;
  const startedAt = runningAt ?? endedAt;
  return {
    ...(acceptedAt !== undefined && queuedUntil !== undefined
      ? { queued: queuedUntil - acceptedAt }
      : {}),
    ...(startingAt !== undefined && startedAt !== undefined
      ? { starting: startedAt - startingAt }
      : {}),
    ...(runningAt !== undefined && endedAt !== undefined ? { running: endedAt - runningAt } : {}),
  };
}
