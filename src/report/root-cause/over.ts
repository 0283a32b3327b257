import type { Episode } from './episode.ts';
import { javaFrame, logLine } from './java.ts';
import type { Traceback } from './traceback.ts';

/** So many lines may follow an exception that was caught and after which the job gave up. */
const mostAfter = 3;
/** Lines that belong to Spark's messages: plans, positions in SQL, Java's frames. */
const ofMessage = /^(?:[\s'+:|!~*=-]|JVM stacktrace|Caused by: |Driver stacktrace|$)/;
const loggersLine =
  /^(?:\d{4}-\d\d-\d\d[T ]\d\d:\d\d|\d\d:\d\d:\d\d|\[?(?:DEBUG|INFO|WARNING|ERROR|CRITICAL)\b)/;

/** Whether an exception ended the job: `surely`, without any other evidence; `not` where it was caught long before. */
export type Over = 'surely' | 'likely' | 'not';

/**
 * Python itself ends with code 1 for an exception that nobody caught. One that was caught counts only where
 * it is all but the last that the job printed: it was logged, and then the job gave up.
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
  const plain = after.filter((line) => !ofMessage.test(line) && !javaFrame.test(line));
  const isLast = plain.length <= mostAfter;
  const caught = !mayEndPython(part.outer) || after.some(isOfLogger);
  if (code === undefined) return !caught && isLast ? 'surely' : 'likely';
  if (code === 1 && !caught) return 'surely';
  return isLast ? 'likely' : 'not';
}

/** Nothing is around a module's own code, so what passes it ends Python. */
function mayEndPython(outer: Traceback | undefined): boolean {
  return outer !== undefined && outer.fromModule && outer.lead.trim() === '';
}

function isOfLogger(line: string): boolean {
  return loggersLine.test(line) || logLine.test(line);
}
