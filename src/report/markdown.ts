/** Text from elsewhere as Markdown: always code, bounded, fenced beyond its own backticks (rule 8). */

const longestSpan = 300;
const longestBlock = 20_000;

function ticks(text: string, atLeast: number): string {
  const runs = [...text.matchAll(/`+/g)].map((run) => run[0].length);
  return '`'.repeat(Math.max(atLeast, ...runs.map((run) => run + 1)));
}

/** An inline code span on one line; a `|` cannot end a table's cell. */
export function span(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  const short = line.length > longestSpan ? `${line.slice(0, longestSpan)}…` : line;
  if (short === '') return '';
  // In a table GitHub ends the cell at any `|`, also inside code, unless it is escaped.
  const safe = short.replaceAll('|', '\\|');
  const fence = ticks(safe, 1);
  const pad = safe.startsWith('`') || safe.endsWith('`') ? ' ' : '';
  return `${fence}${pad}${safe}${pad}${fence}`;
}

/** A fenced block of lines. */
export function block(lines: readonly string[]): string {
  let text = lines.join('\n').replaceAll('\r', '');
  if (text.length > longestBlock) text = `${text.slice(0, longestBlock)}\n…`;
  const fence = ticks(text, 3);
  return `${fence}text\n${text}\n${fence}`;
}

/** Our own sentences with names from elsewhere in them: shown as they stand, without any markup. */
export function plain(text: string): string {
  return text.replace(/[\\`*_{}[\]<>()#+\-!|~&@]/g, '\\$&').replaceAll('\n', '  \n');
}

/** A link whose target is a plain https URL (http on loopback only); otherwise the text alone. */
export function link(text: string, url: string): string {
  const plainUrl = /^(https:\/\/|http:\/\/(127\.|localhost[:/]))[^\s()<>"`\\]+$/.test(url);
  return plainUrl ? `[${text}](${url})` : text;
}
