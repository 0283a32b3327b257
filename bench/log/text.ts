import { shownLog } from '../../__tests__/shown-log.ts';

/** The client secret of the benchmark's identity; it stands in the mixed log. */
export const secret = 'bench~S3cret.of-the-client_0123456789';

/** Text of a driver's log, of `size` bytes at least; whole lines. `mixed`: with all that the shown log changes. */
export function logText(kind: 'plain' | 'mixed', size: number, stream: string): Buffer {
  const text = Buffer.alloc(size + 100_000);
  let length = 0;
  for (let line = 0; length < size; line += 1)
    length += text.write(kind === 'plain' ? plainLine(line, stream) : mixedLine(line), length);
  return text.subarray(0, length);
}

/** As Spark's own log4j layout has them. */
function plainLine(line: number, stream: string): string {
  const stage = Math.floor(line / 200);
  return line % 5 === 4
    ? `26/01/02 03:04:05 INFO DAGScheduler: ResultStage ${stage} (count at ${stream}.py:${line}) finished\n`
    : `26/01/02 03:04:05 INFO TaskSetManager: Finished task ${line % 200}.0 in stage ${stage}.0 (TID ${line}) in ${line % 97} ms on 10.0.0.${line % 8} (executor ${line % 8}) (${line % 200}/200) ${stream}\n`;
}

/** A PySpark job that prints the plain text of stdout, of so many bytes, evenly in so many seconds. */
export function printingJob(size: number, seconds: number): string {
  return `
import sys
import time
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
spark.range(1000).count()
begun, length, line = time.time(), 0, 0
while length < ${size}:
    stage = line // 200
    text = (
        f"26/01/02 03:04:05 INFO DAGScheduler: ResultStage {stage} (count at stdout.py:{line}) finished\\n"
        if line % 5 == 4
        else f"26/01/02 03:04:05 INFO TaskSetManager: Finished task {line % 200}.0 in stage {stage}.0 (TID {line}) in {line % 97} ms on 10.0.0.{line % 8} (executor {line % 8}) ({line % 200}/200) stdout\\n"
    )
    sys.stdout.write(text)
    length += len(text)
    line += 1
    if line % 10000 == 0:
        sys.stdout.flush()
        time.sleep(max(0, begun + length * ${seconds} / ${size} - time.time()))
`;
}

function mixedLine(line: number): string {
  switch (line % 12) {
    case 0:
      return `::warning::line ${line} is no command\n`;
    case 1:
      return `${line} of 9: 10%\r${line} of 9: 50%\r${line} of 9: done\r\n`;
    case 2:
      return `\u001b[1;31m${line} red\u001b[0m and \u0007plain\n`;
    case 3:
      return `${line} Ärger mit 👋 und 漢字\n`;
    case 4:
      return `${line} password=${secret}; again ${secret}\n`;
    case 5:
      return `${line} ${'long '.repeat(line % 600)}\n`;
    default:
      return plainLine(line, 'mixed');
  }
}

/** What is shown of a mixed log by the documented function, which is written there once more by other means. */
export function shownOf(log: Buffer): Buffer {
  const pieces: Buffer[] = [];
  for (let start = 0; start < log.length;) {
    const end = log.indexOf(0x0a, Math.min(start + 1_000_000, log.length - 1)) + 1;
    const lines = shownLog(log.subarray(start, end), [secret]);
    pieces.push(Buffer.from(lines.map((line) => `${line}\n`).join('')));
    start = end;
  }
  return Buffer.concat(pieces);
}

export function linesIn(text: Buffer): number {
  let lines = 0;
  for (let at = text.indexOf(0x0a); at !== -1; at = text.indexOf(0x0a, at + 1)) lines += 1;
  return lines;
}
