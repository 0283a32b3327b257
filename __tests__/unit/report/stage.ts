import type { RunFacts, SparkStage } from '../../../src/report/facts.ts';

/** Two o'clock, when the batches of these tests are accepted. */
export const start = Date.UTC(2026, 10, 2, 2, 0, 0);
/** So many seconds after acceptance. */
export const at = (seconds: number): number => start + seconds * 1_000;

/** A batch of 100 s: 10 queued, 30 starting, 60 running. */
export const run: RunFacts = {
  result: 'Succeeded',
  submission: 'submitted',
  service: 'Fabric',
  workspace: { name: 'analytics' },
  lakehouse: { name: 'orders' },
  file: 'jobs/job.py',
  acceptedAt: start,
  startingAt: at(10),
  runningAt: at(40),
  endedAt: at(100),
  requests: 9,
};

/** A complete stage of 8 tasks that moved nothing, with what is given over it; times in seconds after acceptance. */
export function stage(
  id: number,
  [from, to]: readonly [number | undefined, number | undefined],
  given: Partial<SparkStage> = {},
): SparkStage {
  return {
    id,
    attempt: 0,
    name: `step${id} at job.py:${id}`,
    status: 'complete',
    submittedAt: from === undefined ? undefined : at(from),
    completedAt: to === undefined ? undefined : at(to),
    tasks: 8,
    tasksDone: 8,
    tasksFailed: 0,
    inputRows: 0,
    inputBytes: 0,
    outputRows: 0,
    outputBytes: 0,
    shuffleReadBytes: 0,
    shuffleWriteBytes: 0,
    ...given,
  };
}
