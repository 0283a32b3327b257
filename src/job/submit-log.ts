import { join } from 'node:path';
import { within, type Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { BatchLogs } from '../log/batch-logs.ts';
import { Follower } from '../log/follower.ts';
import { LogRecord } from '../log/record.ts';
import type { Runner } from '../runner.ts';

/** How long the reading may take; milliseconds. */
const longestReading = 60_000;

export interface SubmitLogParts {
  clock: Clock;
  runner: Runner;
  logs: BatchLogs;
  secrets: () => readonly string[];
  /** Folder for the log files. */
  folder: string;
  shown: 'stdout' | 'stderr' | 'both' | 'none';
}

/** spark-submit's own log as it could be read. */
interface SubmitLog {
  lines: readonly string[];
  /** The last of them. */
  tail: readonly string[];
  /** False where they are the lines that the batch itself carries. */
  served: boolean;
  /** Why it could not be read, for the end of a sentence. */
  why: string;
}

/**
 * Where there is no driver log: spark-submit's own, which says why the application did not start;
 * failing that `batchLog`, the lines that the batch itself carries (rule 5). Gives its last lines.
 */
export async function showSubmitLog(
  parts: SubmitLogParts,
  batchLog: readonly string[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { logs, runner, shown } = parts;
  const { lines, tail, served, why } = await readSubmitLog(parts, batchLog, signal);
  if (lines.length === 0) {
    runner.info(`${logs.service} serves no log of this batch${why}.`);
    return [];
  }
  const from = served
    ? 'the Livy log (spark-submit)'
    : `the last lines that the batch carries${why}`;
  runner.info(`There is no driver log; this is ${from}.`);
  if (shown !== 'none') await runner.remote(lines);
  return tail;
}

/** Reads that log to its end, without showing it. */
export async function readSubmitLog(
  parts: SubmitLogParts,
  batchLog: readonly string[],
  signal: AbortSignal,
): Promise<SubmitLog> {
  const { clock, logs, folder, secrets, runner } = parts;
  const record = new LogRecord(join(folder, 'livy.log'), secrets, (thrown) =>
    runner.warning(
      `The file of the Livy log under log-path is not complete (${messageOf(thrown)}); the log is shown all the same.`,
    ),
  );
  const lines: string[] = [];
  const take = (bytes: Uint8Array): Promise<void> => {
    for (const line of record.push(bytes)) lines.push(line);
    return Promise.resolve();
  };
  const follower = new Follower(logs.submitLog(), { bytes: take, event: () => undefined });
  const reading = (limit: AbortSignal): Promise<string> =>
    follower.finish(limit).then(
      () => '',
      (thrown: unknown) => ` (the Livy log cannot be read: ${messageOf(thrown)})`,
    );
  const why =
    (await within(clock, longestReading, reading, signal)) ??
    ` (the Livy log was not read within ${longestReading / 1_000} s)`;
  const served = follower.read > 0;
  if (!served) await take(Buffer.from(batchLog.join('\n')));
  lines.push(...record.end());
  return { lines, tail: record.tail, served, why };
}
