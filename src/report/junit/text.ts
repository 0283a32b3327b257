import { unseen } from '../markdown.ts';

/** Text out of test results, as it is shown: without colours and control characters, bounded. */

const longestLine = 500;
/** Of a longer text the beginning and, since the exception ends a traceback, more of the end. */
const kept = { first: 20, last: 60 };

/** Takes out of a text what must not show. */
export type Hide = (text: string) => string;

/** pytest writes the escape of a terminal as `#x1B`, since XML cannot hold it. */
const writtenEscape = /#x1B(?=\[)/g;

function clean(text: string): string {
  const plain = text.replace(/\r\n?/g, '\n').replace(writtenEscape, '\u001b');
  return plain.replace(unseen, '').replace(/[\u2028\u2029]/g, '');
}

function cut(line: string): string {
  return line.length > longestLine ? `${line.slice(0, longestLine)}…` : line;
}

/** Hidden before it is cut, and again once nothing stands between its characters. */
function shown(text: string, hide: Hide, most: number): string {
  return hide(clean(hide(text).slice(0, most)));
}

/** The first line that says something; empty when none does. */
export function oneLine(text: string, hide: Hide): string {
  const start = shown(text, hide, 20_000).trimStart();
  return cut((start.split('\n', 1)[0] ?? '').replace(/\s+/g, ' ').trim());
}

/** The lines of a text without blank ones at its ends; at most 81 of at most 501 characters. */
export function boundedLines(text: string, hide: Hide): string[] {
  const lines = shown(text, hide, Infinity)
    .trimEnd()
    .replace(/^(?:[ \t]*\n)+/, '')
    .split('\n');
  if (lines.length === 1 && lines[0] === '') return [];
  if (lines.length <= kept.first + kept.last) return lines.map(cut);
  const left = lines.length - kept.first - kept.last;
  return [
    ...lines.slice(0, kept.first).map(cut),
    `… ${left} lines …`,
    ...lines.slice(-kept.last).map(cut),
  ];
}
