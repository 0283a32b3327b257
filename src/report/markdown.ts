/** Text from elsewhere as Markdown: always code, bounded, fenced beyond its own backticks (rule 8). */

/** UTF-16 units of a span and a URL; bytes of a sentence of ours and of a block. */
const longestSpan = 300;
const longestSentence = 3_000;
const longestBlock = 20_000;
const longestUrl = 2_000;

/** Terminal sequences, control characters but tab and line feed, and what turns the direction of text. */
export const unseen =
  // eslint-disable-next-line no-control-regex -- control characters are what it looks for
  /\u001b\[[0-?]*[ -/]*[@-~]|[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** The start of a text in at most so many UTF-8 bytes, cut between characters and then marked by `…`. */
export function cut(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text.toWellFormed();
  let kept = '';
  let used = 0;
  for (const character of text.slice(0, bytes)) {
    used += Buffer.byteLength(character);
    if (used > bytes) break;
    kept += character;
  }
  return `${kept.toWellFormed()}…`;
}

function ticks(text: string, atLeast: number): string {
  const runs = [...text.matchAll(/`+/g)].map((run) => run[0].length);
  return '`'.repeat(Math.max(atLeast, ...runs.map((run) => run + 1)));
}

/** On one line, bounded. */
function short(text: string): string {
  const head = text.slice(0, 100 * longestSpan);
  const line = head.replace(/\s+/g, ' ').trim();
  const clean = line.replace(unseen, '').trim().toWellFormed();
  if (clean.length <= longestSpan) return clean;
  return `${clean.slice(0, longestSpan).replace(/[\ud800-\udbff]$/, '')}…`;
}

function code(text: string): string {
  if (text === '') return '';
  const fence = ticks(text, 1);
  const pad = text.startsWith('`') || text.endsWith('`') ? ' ' : '';
  return `${fence}${pad}${text}${pad}${fence}`;
}

/** An inline code span on one line; a `|` cannot end a table's cell. */
export function span(text: string): string {
  // In a table GitHub ends the cell at any `|`, also inside code, unless it is escaped.
  return code(short(text).replaceAll('|', '\\|'));
}

/** An inline code span for a paragraph, where an escaped `|` would show its backslash. */
export function inline(text: string): string {
  return code(short(text));
}

/** Lines as one text, of which no more is built than can be shown. */
function joined(lines: readonly string[], bytes: number): string {
  const kept: string[] = [];
  let length = 0;
  for (const line of lines) {
    kept.push(line.slice(0, 2 * bytes));
    length += line.length + 1;
    if (length > 2 * bytes) break;
  }
  return kept.join('\n');
}

/** A fenced block of lines, of at most `bytes` and its two fences. */
export function block(lines: readonly string[], bytes = longestBlock): string {
  const text = cut(joined(lines, bytes).replace(unseen, '').toWellFormed(), bytes);
  const fence = ticks(text, 3);
  return `${fence}text\n${text}\n${fence}`;
}

/** What a reader may unfold. The title is ours; the content is whole blocks of Markdown. */
export function folded(title: string, content: string): string {
  return `<details><summary>${title}</summary>\n\n${content}\n\n</details>`;
}

/** Our own sentences with names from elsewhere in them: shown as they stand, without any markup. */
export function plain(text: string): string {
  const bounded = cut(text, longestSentence).replace(unseen, '').toWellFormed();
  return bounded.replace(/[\\`*_{}[\]<>()#+\-!|~&@]/g, '\\$&').replaceAll('\n', '  \n');
}

/** A link whose target is a plain https URL (http on loopback only); otherwise the text alone. */
export function link(text: string, url: string): string {
  const plainUrl = /^(https:\/\/|http:\/\/(127\.|localhost[:/]))[^\s()<>"`\\]+$/.test(url);
  const usable = plainUrl && url.length <= longestUrl && url.isWellFormed() && !url.includes('|');
  return usable ? `[${text}](${url})` : text;
}
