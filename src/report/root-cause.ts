import type { RootCause } from './facts.ts';

const longest = { lines: 60, message: 20 };

const tracebackStart = /^\s*Traceback \(most recent call last\):\s*$/;
/** log4j's default layout in Spark, and Python's logging with a date in front. */
const logLine = /^\d{2,4}[/-]\d{2}[/-]\d{2} \d{2}:\d{2}:\d{2}/;
const javaFrame = /^\s+(at [\w$.<>]+|\.\.\. \d+ more)/;
const javaThrown =
  /^(?:Exception in thread "[^"]*" |Caused by: )?((?:[a-z_][\w$]*\.)+[A-Z][\w$]*(?:Exception|Error|Throwable|Failure))\b(:.*)?$/;
/** What spark-submit says itself when it cannot run the file. */
const submitFailure = [
  /can't open file .*\[Errno \d+\]/,
  /^(?:Error|ERROR): (?:Failed to load class|Could not find or load main class|Cannot load main class|Missing application resource).*/,
  /java\.lang\.OutOfMemoryError.*/,
  /FileNotFoundException.*/,
];

/**
 * The cause of a failure from the end of the driver log: the last Python traceback, else the last
 * Java exception with its chain of causes, else spark-submit's own words. `undefined` when the log
 * names none. Python's text may stand in either stream (PythonRunner joins them).
 */
export function rootCause(
  stdout: readonly string[],
  stderr: readonly string[],
): RootCause | undefined {
  return (
    lastTraceback(stdout) ??
    lastTraceback(stderr) ??
    lastJavaException(stderr) ??
    lastJavaException(stdout) ??
    ownWords([...stderr, ...stdout])
  );
}

function lastTraceback(lines: readonly string[]): RootCause | undefined {
  const start = lines.findLastIndex((line) => tracebackStart.test(line));
  if (start === -1) return undefined;
  const indent = /^\s*/.exec(lines[start] ?? '')?.[0] ?? '';
  let thrown = start + 1;
  while (thrown < lines.length && isFrame(lines[thrown] ?? '', indent)) thrown += 1;
  const title = lines[thrown]?.trim();
  if (title === undefined || title === '') return undefined;
  let end = thrown + 1;
  while (end < lines.length && end - thrown < longest.message && isMessage(lines[end] ?? ''))
    end += 1;
  const message = withoutBlankEnd(lines.slice(thrown, end));
  return { title, message, lines: bounded(lines.slice(start, end)) };
}

/** Frames are indented deeper than the heading; carets and source lines are as well. */
function isFrame(line: string, indent: string): boolean {
  return line.trim() === '' || line.startsWith(`${indent} `) || line.startsWith(`${indent}\t`);
}

/** A message may go on for lines; a log line, a Java frame or the next traceback ends it. */
function isMessage(line: string): boolean {
  return (
    !logLine.test(line) &&
    !javaFrame.test(line) &&
    !tracebackStart.test(line) &&
    !/^(JVM stacktrace|During handling of)/.test(line)
  );
}

function lastJavaException(lines: readonly string[]): RootCause | undefined {
  const last = lines.findLastIndex((line) => javaThrown.test(line));
  if (last === -1) return undefined;
  let start = last;
  while (start > 0 && /^Caused by: /.test(lines[start] ?? '')) {
    const above = lines.slice(0, start).findLastIndex((line) => javaThrown.test(line));
    if (above === -1) break;
    start = above;
  }
  const chain = lines
    .slice(start, last + 1)
    .filter((line) => javaThrown.test(line) || !javaFrame.test(line));
  const frames = lines.slice(last + 1, last + 6).filter((line) => javaFrame.test(line));
  const title = (lines[last] ?? '')
    .replace(/^Caused by: |^Exception in thread "[^"]*" /, '')
    .trim();
  return { title, message: [title], lines: bounded([...chain, ...frames]) };
}

function ownWords(lines: readonly string[]): RootCause | undefined {
  const line = lines.findLast((candidate) =>
    submitFailure.some((pattern) => pattern.test(candidate)),
  );
  const text = line?.trim();
  return text === undefined ? undefined : { title: text, message: [text], lines: [text] };
}

function withoutBlankEnd(lines: readonly string[]): readonly string[] {
  return lines.slice(0, lines.findLastIndex((line) => line.trim() !== '') + 1);
}

function bounded(all: readonly string[]): readonly string[] {
  const lines = withoutBlankEnd(all);
  if (lines.length <= longest.lines) return lines;
  const half = longest.lines / 2;
  return [
    ...lines.slice(0, half),
    `… ${lines.length - longest.lines} lines left out …`,
    ...lines.slice(-half),
  ];
}
