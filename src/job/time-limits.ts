import type { RunFacts } from '../report/facts.ts';

/** What a step waits for at most; milliseconds, 0: no limit. */
export interface Limits {
  timeoutMs: number;
  queueTimeoutMs: number;
  /** For how long the status may be out of reach. */
  outageMs: number;
}

/** A time limit of the batch. `at`: when it is past; milliseconds since the epoch. */
export interface TimeLimit {
  at: number;
  code: 'TIMEOUT' | 'QUEUE_TIMEOUT';
  limitMs: number;
}

/** The limits that a batch has now; they count from its acceptance. */
export function timeLimits({
  acceptedAt,
  facts,
  limits,
}: {
  acceptedAt: number;
  facts: Pick<RunFacts, 'runningAt'>;
  limits: Limits;
}): TimeLimit[] {
  const { timeoutMs, queueTimeoutMs } = limits;
  const all: TimeLimit[] = [];
  if (timeoutMs > 0) all.push({ at: acceptedAt + timeoutMs, code: 'TIMEOUT', limitMs: timeoutMs });
  if (queueTimeoutMs > 0 && facts.runningAt === undefined) {
    all.push({ at: acceptedAt + queueTimeoutMs, code: 'QUEUE_TIMEOUT', limitMs: queueTimeoutMs });
  }
  return all;
}
