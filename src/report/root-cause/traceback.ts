/** A call in a traceback. */
export interface Frame {
  /** As Python names the file, wherever that is. */
  path: string;
  /** From 1. */
  line: number;
  /** The function; empty where none is named. */
  within: string;
  /** The source line that stands under it, where one does. */
  source?: string | undefined;
}

/** One traceback of Python in a log. */
export interface Traceback {
  /** What stands before its heading: nothing, the exception of Java that carries it, a logger's prefix. */
  lead: string;
  /** True where the lead stands before every line. */
  prefixed: boolean;
  /** Outermost call first, as Python prints them. */
  frames: readonly Frame[];
  /** The outermost call is a module's own code: nothing around it could catch the exception. */
  fromModule: boolean;
  /** The exception's class as printed, and the first line of its message, which may be empty. */
  exception: string;
  said: string;
  /** Indexes of lines: of the heading, of the exception, and after the last line that surely belongs to it. */
  start: number;
  thrown: number;
  end: number;
  /** The exceptions in a group, one line each. */
  members: readonly string[];
}

const heading = /^(.*?)(\+ Exception Group )?Traceback \(most recent call last\):\s*$/;
const bareHeading = /^\s*(?:\+ Exception Group )?Traceback \(most recent call last\):/;
const frameLine = /^\s*File "([^"]{1,2000})", line (\d{1,9})(, in (.*))?$/;
const thrownLine = /^([\p{L}_][\p{L}\p{N}_.<>]{0,300}?)(?:: ?(.*))?$/u;
const mostMembers = 20;
/** Lines of a traceback without a heading: a file, a source line, a mark below it, the exception. */
const mostWithoutHeading = 12;

/**
 * The tracebacks of a log in their order, those within a message of another exception included. One pass:
 * time and size are linear in the lines. Sources of the forms: CPython, `Lib/traceback.py`,
 * `Python/traceback.c`; PySpark prints those of a worker after the text of the exception of Java.
 */
export function tracebacks(lines: readonly string[]): Traceback[] {
  const found: Traceback[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    const one = line.includes('Traceback (most')
      ? underHeading(lines, at)
      : line.includes('File "')
        ? withoutHeading(lines, at)
        : undefined;
    if (!one) continue;
    found.push(one);
    // The line of the exception may be the heading of the next one.
    at = Math.max(at, heading.test(lines[one.thrown] ?? '') ? one.thrown - 1 : one.end - 1);
  }
  return found;
}

function underHeading(lines: readonly string[], start: number): Traceback | undefined {
  const [, lead = '', group] = heading.exec(lines[start] ?? '') ?? [];
  if (group !== undefined) return body(lines, start, lead, false, inGroup);
  const next = lines[start + 1] ?? '';
  const blank = lead.trim() === '';
  const strip = blank ? without(lead) : withoutLike(lead);
  const prefixed = !blank && frameLine.test(strip(next) ?? '');
  return body(lines, start, lead, prefixed, prefixed || blank ? strip : (line) => line);
}

/** Python tells of a main file that it cannot read as Python without any heading. */
function withoutHeading(lines: readonly string[], at: number): Traceback | undefined {
  const match = frameLine.exec(lines[at] ?? '');
  if (!match || match[3] !== undefined || !/^ {2}File/.test(lines[at] ?? '')) return undefined;
  const few = lines.slice(0, at + mostWithoutHeading);
  const one = body(few, at - 1, '', false, (line) => line);
  return one && /(?:Syntax|Indentation|Tab)Error$/.test(one.exception)
    ? { ...one, start: at }
    : undefined;
}

type Strip = (line: string) => string | undefined;

function body(
  lines: readonly string[],
  start: number,
  lead: string,
  prefixed: boolean,
  strip: Strip,
): Traceback | undefined {
  const frames: Frame[] = [];
  let fromModule = false;
  let at = start + 1;
  for (; at < lines.length; at += 1) {
    const text = strip(lines[at] ?? '');
    // A heading inside: this one was cut off, and what follows is another's.
    if (text === undefined || bareHeading.test(text)) return undefined;
    const match = frameLine.exec(text);
    if (match) {
      const [, path = '', number = ''] = match;
      if (frames.length === 0) fromModule = match[4] === '<module>' || match[3] === undefined;
      const under = strip(lines[at + 1] ?? '');
      const source = under !== undefined && isSource(under) ? under.trim() : undefined;
      if (source !== undefined) at += 1;
      frames.push({ path, line: Number(number), within: match[4] ?? '', source });
    } else if (text.trim() !== '' && !/^\s/.test(text)) break;
  }
  const [, exception = '', said = ''] = thrownLine.exec(strip(lines[at] ?? '')?.trim() ?? '') ?? [];
  if (frames.length === 0 || exception === '') return undefined;
  const members = strip === inGroup ? membersAfter(lines, at + 1) : { titles: [], end: at + 1 };
  let { end } = members;
  if (prefixed) while (end < lines.length && strip(lines[end] ?? '') !== undefined) end += 1;
  const common = { lead, prefixed, frames, fromModule, exception, said, start };
  return { ...common, thrown: at, end, members: members.titles };
}

function isSource(text: string): boolean {
  return /^ {4}/.test(text) && !frameLine.test(text) && !/^\s*\[Previous line repeated/.test(text);
}

/** Text behind the same indentation as the heading's. */
function without(indent: string): Strip {
  return (line) =>
    line.startsWith(indent) ? line.slice(indent.length) : line.trim() === '' ? '' : undefined;
}

/** Text behind a prefix of the same shape: times and numbers in it may go on. */
function withoutLike(lead: string): Strip {
  const shape = lead.replace(/\d/g, '0');
  return (line) =>
    line.slice(0, lead.length).replace(/\d/g, '0') === shape ? line.slice(lead.length) : undefined;
}

const inGroup: Strip = (line) => /^\s*\| ?(.*)$/.exec(line)?.[1];

/** The exceptions of a group stand below it behind bars, each with a traceback or without. */
function membersAfter(lines: readonly string[], from: number): { titles: string[]; end: number } {
  const titles: string[] = [];
  let at = from;
  for (; at < lines.length && /^\s+(?:\||\+-)/.test(lines[at] ?? ''); at += 1) {
    const text = /^\s*\| (\S.*)$/.exec(lines[at] ?? '')?.[1] ?? '';
    const isTitle = /^[\w.]+(?:Error|Exception|Warning|Group|Interrupt|Exit)\b(?::|$)/.test(text);
    if (isTitle && titles.length < mostMembers) titles.push(text);
  }
  return { titles, end: at };
}
