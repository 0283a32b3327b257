import { javaFrame, type JavaException } from './java.ts';
import type { Story } from './story.ts';
import type { Frame, Traceback } from './traceback.ts';

const mostLines = 60;
const mostJava = 8;
/** Frames that are Spark's own way to the job's code and back. */
export const ofSpark = /[\\/]py4j[\\/-]|[\\/]pyspark(?:\.zip)?[\\/]|^<frozen /;

/** A story as the summary shows it: the author's calls, the exception, what Java says beneath. */
export function shownLines({ tracebacks, message, java }: Story): readonly string[] {
  const calls = tracebacks.flatMap((one, at) => [
    at === 0 ? 'Traceback (most recent call last):' : 'In the function that failed:',
    ...shownFrames(one),
  ]);
  const beneath = java
    .slice(0, mostJava)
    .map(({ name, said }, at) => `${at === 0 ? 'In Java: ' : 'Caused by: '}${name}: ${said}`);
  return bounded([...calls, ...message, ...beneath]);
}

function shownFrames({ frames }: Traceback): string[] {
  const own = frames.filter(({ path }) => !ofSpark.test(path));
  return (own.length === 0 ? frames : own).flatMap(shownFrame);
}

function shownFrame({ path, line, within, source }: Frame): string[] {
  const where = `  File "${path}", line ${line}${within === '' ? '' : `, in ${within}`}`;
  return source === undefined ? [where] : [where, `    ${source}`];
}

/** A chain of Java's exceptions as it stands in the log, with the frames below the last one. */
export function shownChain(
  lines: readonly string[],
  chain: readonly JavaException[],
): readonly string[] {
  const last = chain.at(-1)?.at ?? 0;
  const frames = lines.slice(last + 1, last + 6).filter((line) => javaFrame.test(line));
  return bounded([...chain.map(({ at }) => lines[at] ?? ''), ...frames]);
}

function bounded(lines: readonly string[]): readonly string[] {
  if (lines.length <= mostLines) return lines;
  const half = mostLines / 2;
  const left = lines.length - mostLines;
  return [...lines.slice(0, half), `… ${left} lines left out …`, ...lines.slice(-half)];
}
