/** Text out of test results, as it is shown: without colours and control characters, bounded. */

const longestLine = 500;
/** Of a longer text the beginning and, since the exception ends a traceback, more of the end. */
const kept = { first: 20, last: 60 };

/** Colours as a terminal takes them; pytest writes the escape as `#x1B`, since XML cannot hold it. */
// eslint-disable-next-line no-control-regex
const colours = /(?:\u001b|#x1B)\[[0-9;]*[A-Za-z]/g;
// eslint-disable-next-line no-control-regex
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029]/g;

function clean(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(colours, '').replace(controls, '');
}

function cut(line: string): string {
  return line.length > longestLine ? `${line.slice(0, longestLine)}…` : line;
}

/** The first line that says something; empty when none does. */
export function oneLine(text: string): string {
  const start = clean(text.slice(0, 20_000)).trimStart();
  return cut((start.split('\n', 1)[0] ?? '').replace(/\s+/g, ' ').trim());
}

/** The lines of a text without blank ones at its ends; at most 81 of at most 501 characters. */
export function boundedLines(text: string): string[] {
  const lines = clean(text)
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
