import { join } from 'node:path';
import { within, type Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { BatchLogs } from '../log/batch-logs.ts';
import { Follower } from '../log/follower.ts';
import { LogRecord } from '../log/record.ts';
import type { ShownLines } from '../log/shown-lines.ts';
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
  /** How many there are, and the last of them. */
  lines: number;
  tail: readonly string[];
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
  let headed = false;
  const show = async (lines: ShownLines, from: string): Promise<void> => {
    if (!headed) runner.info(`There is no driver log; this is ${from}.`);
    headed = true;
    if (shown !== 'none') await runner.log(lines);
  };
  const { lines, tail, why } = await readSubmitLog(parts, batchLog, signal, show);
  if (lines === 0) runner.info(`${logs.service} serves no log of this batch${why}.`);
  return tail;
}

/** Reads that log to its end; `show` takes its lines as they come, and says where they come from. */
export async function readSubmitLog(
  parts: SubmitLogParts,
  batchLog: readonly string[],
  signal: AbortSignal,
  show: (lines: ShownLines, from: string) => Promise<void> = () => Promise.resolve(),
): Promise<SubmitLog> {
  const { clock, logs, folder, secrets, runner } = parts;
  const record = new LogRecord(join(folder, 'livy.log'), secrets, (thrown) =>
    runner.warning(
      `The file of the Livy log under log-path is not complete (${messageOf(thrown)}); the log is shown all the same.`,
    ),
  );
  let from = 'the Livy log (spark-submit)';
  const take = async (lines: ShownLines): Promise<void> => {
    if (lines.count > 0) await show(lines, from);
  };
  const follower = new Follower(logs.submitLog(), {
    bytes: (chunk) => take(record.push(chunk)),
    event: () => undefined,
  });
  const reading = (limit: AbortSignal): Promise<string> =>
    follower.finish(limit).then(
      () => '',
      (thrown: unknown) => ` (the Livy log cannot be read: ${messageOf(thrown)})`,
    );
  const why =
    (await within(clock, longestReading, reading, signal)) ??
    ` (the Livy log was not read within ${longestReading / 1_000} s)`;
  if (follower.read === 0) {
    from = `the last lines that the batch carries${why}`;
    await take(record.push(Buffer.from(batchLog.join('\n'))));
  }
  await take(record.end());
  return { lines: record.lines, tail: record.tail, why };
}
