import { javaFrame } from './java.ts';
import { tracebacks, type Traceback } from './traceback.ts';

/** One exception of a chain: what Python raised, and the tracebacks of workers in its message. */
export interface Part {
  /** Absent where Java tells of a worker's exception and no Python of the driver does. */
  outer: Traceback | undefined;
  /** In the message of `outer`, in their order: of a function on an executor, of foreachBatch. */
  nested: Traceback[];
  /** How it came out of the part before it. */
  link: 'cause' | 'context' | undefined;
  /** Lines `[start, end)` from its heading to the next part, or to the end of the log. */
  start: number;
  end: number;
}

/** An exception with those that led to it, as Python prints them together. The last one was raised last. */
export interface Episode {
  parts: readonly Part[];
}

/** The exceptions of a log, chained ones together, in the order of their ends. */
export function episodes(lines: readonly string[]): Episode[] {
  const all: Part[][] = [];
  let last: Traceback | undefined;
  for (const one of tracebacks(lines)) {
    const part = all.at(-1)?.at(-1);
    if (isIgnored(lines, one) || (last && isQuoted(one, last, part))) continue;
    const link = linkBefore(lines, one);
    if (part && last && isNested(lines, one, last, part, link)) part.nested.push(one);
    else {
      if (part) part.end = one.start;
      const byJava = isLedByJava(one);
      const common = { start: one.start, end: lines.length };
      const next: Part = byJava
        ? { outer: undefined, nested: [one], link: undefined, ...common }
        : { outer: one, nested: [], link, ...common };
      if (link === undefined) all.push([next]);
      else (all.at(-1) ?? newEpisode(all)).push(next);
    }
    last = one;
  }
  return all.map((parts) => ({ parts }));
}

function newEpisode(all: Part[][]): Part[] {
  const parts: Part[] = [];
  all.push(parts);
  return parts;
}

/** What a destructor raises, and nobody hears. */
function isIgnored(lines: readonly string[], { start }: Traceback): boolean {
  return /^Exception ignored in/.test(lines[start - 1] ?? '');
}

/** Text of an earlier exception that the author put into the message of the later one. */
function isQuoted(one: Traceback, last: Traceback, part: Part | undefined): boolean {
  if (part?.outer !== last || one.start !== last.thrown + 1 || isLedByJava(one)) return false;
  if (last.exception.endsWith('PythonException')) return false;
  return part.link !== undefined || last.said.trimEnd().endsWith(':');
}

function linkBefore(lines: readonly string[], { start }: Traceback): Part['link'] {
  const above = lines.slice(Math.max(0, start - 3), start).join('\n');
  if (above.includes('The above exception was the direct cause of')) return 'cause';
  return above.includes('During handling of the above exception') ? 'context' : undefined;
}

/** `…PythonException: Traceback`, `… Return Message: Traceback`: text of Java before the heading. */
function isLedByJava({ lead, prefixed }: Traceback): boolean {
  return !prefixed && /(?:Exception|Error|Return Message): ?$/.test(lead);
}

function isNested(
  lines: readonly string[],
  one: Traceback,
  last: Traceback,
  part: Part,
  link: Part['link'],
): boolean {
  if (isLedByJava(one)) return part.outer !== undefined && isMessageOf(part, one);
  if (one.start === last.thrown) return true;
  if (link === undefined)
    return last.exception.endsWith('PythonException') && one.start - last.thrown <= 3;
  // A chain within a worker goes on there; after Java's frames the driver speaks again.
  if (part.nested.length === 0 || one.fromModule) return false;
  return !lines.slice(last.thrown, one.start).some((line) => javaFrame.test(line));
}

/** A message of Java's comes with its exception; one that is logged later is of another story. */
function isMessageOf({ outer, nested }: Part, one: Traceback): boolean {
  const before = nested.at(-1) ?? outer;
  if (before === undefined) return false;
  if (one.start <= before.thrown + 1) return true;
  return /Py4JJavaError|captured\.|Py4JError/.test(outer?.exception ?? '');
}
