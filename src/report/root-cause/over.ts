import type { Episode } from './episode.ts';
import { javaFrame, logLine } from './java.ts';
import { tracebacks, type Traceback } from './traceback.ts';

/** So many lines may follow an exception that was caught and after which the job gave up. */
const mostAfter = 3;
/** So many lines of prose may follow the first one of an exception of Spark's, which writes long messages. */
const mostOfSpark = 10;
const ofSpark = /^(?:pyspark|py4j)\./;
/** Spark's parts as they stop, in its log: nothing of the job's. */
const stopping =
  /^[\d/: -]{17,23} INFO (?:SparkContext|SparkUI|AbstractConnector|ShutdownHookManager|MapOutputTracker\w*|MemoryStore|BlockManager|BlockManagerMaster|OutputCommitCoordinator\w*|ApplicationMaster): /;
/** Lines that belong to Spark's messages: plans, positions in SQL, Java's frames. */
const ofMessage = /^(?:[\s'+:|!~*=-]|JVM stacktrace|Caused by: |Driver stacktrace|$)/;
const loggersLine =
  /^(?:\d{4}-\d\d-\d\d[T ]\d\d:\d\d|\d\d:\d\d:\d\d|\[?(?:DEBUG|INFO|WARNING|ERROR|CRITICAL)\b)/;

/** Whether an exception ended the job: `surely`, without any other evidence; `not` where it was caught long before. */
export type Over = 'surely' | 'likely' | 'not';

/**
 * Python itself ends with code 1 for an exception that nobody caught. Any other counts only where it is all
 * but the last that the job printed: it was logged, and then the job gave up. Where no code is known that
 * is asked of all, since one that was caught at the top of the main file looks like one that was not.
 */
export function howOver(
  lines: readonly string[],
  episode: Episode,
  code: number | undefined,
): Over {
  const part = episode.parts.at(-1);
  const last = part?.nested.at(-1) ?? part?.outer;
  if (part === undefined || last === undefined) return 'not';
  const after = lines.slice(last.prefixed ? last.end : last.thrown + 1);
  const caught = !mayEndPython(part.outer) || after.some(isOfLogger);
  if (code === 1 && !caught) return 'surely';
  const most = code === undefined && ofSpark.test(last.exception) ? mostOfSpark : mostAfter;
  if (withoutMessages(after).length > most) return 'not';
  return code === undefined && !caught ? 'surely' : 'likely';
}

/**
 * What the job printed, as far as that can be told. No SQL that Spark quotes, which ends with a blank line;
 * no tracebacks, which are noise of the end where the one before them counts.
 */
function withoutMessages(after: readonly string[]): readonly string[] {
  const noise = new Set<number>();
  for (const { start, end } of tracebacks(after))
    for (let at = start; at < end; at += 1) noise.add(at);
  let quoted = false;
  return after.filter((line, at) => {
    if (noise.has(at)) return false;
    quoted = line.startsWith('== SQL') || (quoted && line.trim() !== '');
    return !quoted && !ofMessage.test(line) && !javaFrame.test(line) && !stopping.test(line);
  });
}

/** Nothing is around a module's own code, so what passes it ends Python. */
function mayEndPython(outer: Traceback | undefined): boolean {
  return outer !== undefined && outer.fromModule && outer.lead.trim() === '';
}

function isOfLogger(line: string): boolean {
  return loggersLine.test(line) || logLine.test(line);
}
