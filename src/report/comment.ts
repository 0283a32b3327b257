import { compareRuns, hiddenState, type CommentRow, type CommentState } from './comment-rows.ts';
import { duration } from './duration.ts';
import { link, span } from './markdown.ts';

/** Of which workflow a comment is. */
export interface CommentOf {
  /** A hash of the workflow. */
  id: string;
  /** The workflow's name. */
  workflow: string;
  /** Where its runs are shown, such as `https://github.com/o/r/actions/runs`. */
  runsUrl: string;
}

/** GitHub takes 65,536 characters. */
const longestBody = 60_000;
const shaShown = 7;

const icons: Readonly<Record<string, string>> = {
  Failed: '❌',
  Cancelled: '⛔',
  TimedOut: '⌛',
  NotStarted: '🚫',
  Unknown: '❓',
};

/** The first line of a comment of that workflow. */
function marker(id: string): string {
  return `<!-- fabric-spark-batch:${id} -->`;
}

/** Is it a comment of that workflow? The mark counts at its very start only: quoted it is none. */
export function isCommentOf(id: string, body: string): boolean {
  return body.trimStart().startsWith(marker(id));
}

/**
 * The whole comment: one green line where all is green and nobody asked for more, else a table with
 * the red rows first; then the state that the next writer reads. A pure function of its arguments.
 * Where that is too long texts are left out, then rows of the table, and at last rows of the state.
 */
export function commentBody(state: CommentState, of: CommentOf): string {
  for (const { shorten, shown } of fits) {
    const shorter = { ...state, rows: state.rows.map(shorten) };
    const body = whole(shorter, of, shown);
    if (body.length <= longestBody) return body;
  }
  const rows = [...state.rows].sort(byWeight).map(barest);
  let kept = rows.length;
  for (;;) {
    kept = Math.floor(kept * 0.9);
    const body = whole({ ...state, rows: rows.slice(0, kept) }, of, 10, rows.length - kept);
    if (body.length <= longestBody || kept === 0) return body;
  }
}

const fits: readonly { shorten: (row: CommentRow) => CommentRow; shown: number }[] = [
  { shorten: (row) => row, shown: 100 },
  { shorten: brief, shown: 60 },
  { shorten: barest, shown: 40 },
  { shorten: barest, shown: 10 },
];

function brief(row: CommentRow): CommentRow {
  const cause = row.cause.length > 80 ? `${row.cause.slice(0, 80)}…` : row.cause;
  return { ...row, cause, url: row.ok ? '' : row.url };
}

function barest(row: CommentRow): CommentRow {
  return { ...row, name: row.name.slice(0, 40), file: '', cause: '', url: '' };
}

function whole(state: CommentState, of: CommentOf, shown: number, leftOut = 0): string {
  const { rows } = state;
  const short = rows.length > 0 && rows.every(({ ok, always }) => ok && !always);
  const text = short ? greenLine(state) : table(state, of, shown, leftOut);
  return `${marker(of.id)}\n${text}\n\n${hiddenState(state)}`;
}

function greenLine({ rows, runs }: CommentState): string {
  const newest = rows.find(({ run }) => run === runs[0]) ?? rows[0];
  const commit = newest && newest.sha !== '' ? ` (commit ${newest.sha.slice(0, shaShown)})` : '';
  return `✅ Spark batches pass again${commit}`;
}

function table(state: CommentState, of: CommentOf, shown: number, leftOut: number): string {
  const rows = [...state.rows].sort(byWeight);
  const red = rows.filter(({ ok }) => !ok).length;
  const heading =
    red === 0
      ? `### ✅ Spark batches of ${span(of.workflow)} pass`
      : `### ❌ Spark batches of ${span(of.workflow)}: ${red} of ${rows.length + leftOut} not green`;
  const head = ['', 'Call', 'Result', 'Tests', 'Time', 'Run'];
  const more = rows.length - Math.min(rows.length, shown) + leftOut;
  return [
    heading,
    '',
    `| ${head.join(' | ')} |`,
    `|${head.map(() => '---|').join('')}`,
    ...rows.slice(0, shown).map((row) => line(row, state, of)),
    ...(more > 0 ? ['', `${more} more are not shown; each has its summary in its run.`] : []),
  ].join('\n');
}

function line(row: CommentRow, { runs }: CommentState, of: CommentOf): string {
  const { tests } = row;
  const older = row.run !== runs[0];
  const why = row.ok ? [] : [row.code && span(row.code), row.cause && span(row.cause)];
  const cells = [
    row.ok ? '✅' : (icons[row.result] ?? '❌'),
    joined([row.name && span(row.name), row.file && span(row.file)]),
    joined([row.result && span(row.result), ...why]),
    tests === undefined ? '' : testsOf(tests),
    row.ms === undefined ? '' : duration(row.ms),
    joined([
      row.url && withLink('batch', row.url),
      link('workflow run', `${of.runsUrl}/${row.run}/attempts/${row.attempt}`),
      older ? `older commit${row.sha && ` ${row.sha.slice(0, shaShown)}`}` : '',
    ]),
  ];
  return `| ${cells.join(' | ')} |`;
}

/** A URL that is none to be linked says nothing here. */
function withLink(text: string, url: string): string {
  const linked = link(text, url);
  return linked === text || /[|\r\n]/.test(url) ? '' : linked;
}

function testsOf({
  total,
  failed,
  skipped,
}: {
  total: number;
  failed: number;
  skipped: number;
}): string {
  const rest = skipped === 0 ? '' : `, ${skipped} skipped`;
  return failed === 0 ? `${total} passed${rest}` : `${failed} of ${total} failed${rest}`;
}

function joined(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(' · ');
}

/** Red before green, the newer run first, then by name. */
function byWeight(a: CommentRow, b: CommentRow): number {
  if (a.ok !== b.ok) return a.ok ? 1 : -1;
  const byName = a.name === b.name ? (a.call < b.call ? -1 : 1) : a.name < b.name ? -1 : 1;
  return compareRuns(b.run, a.run) || byName;
}
