import { compareRuns, hiddenState, type CommentRow, type CommentState } from './comment/rows.ts';
import { duration } from './duration.ts';
import { link, span } from './markdown.ts';
import { testCount } from './test-words.ts';

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
 * The whole comment: one green line where every call that it knows passed in the newest run and nobody
 * asked for more, else a table with the red rows first; then the state that the next writer reads. A
 * pure function of its arguments. Where that is too long texts are left out, then rows of the table,
 * and at last rows of the state.
 */
export function commentBody(state: CommentState, of: CommentOf): string {
  const tally = tallyOf(state);
  for (const { shorten, shown } of fits) {
    const shorter = { ...state, rows: state.rows.map(shorten) };
    const body = whole(shorter, of, { shown, tally });
    if (body.length <= longestBody) return body;
  }
  const rows = [...state.rows].sort(byWeight).map(barest);
  let kept = rows.length;
  for (;;) {
    kept = Math.floor(kept * 0.9);
    const body = whole({ ...state, rows: rows.slice(0, kept) }, of, { shown: 10, tally });
    if (body.length <= longestBody || kept === 0) return body;
  }
}

/** What is said of all rows, also of those that are left out. */
interface Tally {
  calls: number;
  red: number;
  /** Of an earlier run than the newest, which proves nothing about the newest commit. */
  older: number;
  always: boolean;
  /** The newest run's commit, or ''. */
  sha: string;
}

function tallyOf({ rows, runs }: CommentState): Tally {
  const newest = rows.filter(({ run }) => run === runs[0]);
  return {
    calls: rows.length,
    red: rows.filter(({ ok }) => !ok).length,
    older: rows.length - newest.length,
    always: rows.some(({ always }) => always),
    sha: newest.find(({ sha }) => sha !== '')?.sha ?? '',
  };
}

interface Shape {
  /** Rows of the table. */
  shown: number;
  tally: Tally;
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

function whole(state: CommentState, of: CommentOf, shape: Shape): string {
  const { calls, red, older, always } = shape.tally;
  const short = calls > 0 && red === 0 && older === 0 && !always;
  const text = short ? greenLine(shape.tally) : table(state, of, shape);
  return `${marker(of.id)}\n${text}\n\n${hiddenState(state)}`;
}

function greenLine({ calls, sha }: Tally): string {
  const commit = sha === '' ? '' : ` (commit ${sha.slice(0, shaShown)})`;
  return `✅ Spark batches pass again${commit}: ${calls} ${calls === 1 ? 'call' : 'calls'} reported`;
}

function heading({ calls, red, older }: Tally, { workflow }: CommentOf): string {
  const past = older === 0 ? '' : `, ${older} of an earlier run`;
  const what = `Spark batches of ${span(workflow)}`;
  if (red > 0) return `### ❌ ${what}: ${red} of ${calls} not green${past}`;
  return past === ''
    ? `### ✅ ${what} pass`
    : `### 🕒 ${what}: ${calls - older} of ${calls} pass${past}`;
}

function table(state: CommentState, of: CommentOf, { shown, tally }: Shape): string {
  const rows = [...state.rows].sort(byWeight).slice(0, shown);
  const head = ['', 'Call', 'Result', 'Tests', 'Time', 'Run'];
  const more = tally.calls - rows.length;
  return [
    heading(tally, of),
    '',
    `| ${head.join(' | ')} |`,
    `|${head.map(() => '---|').join('')}`,
    ...rows.map((row) => line(row, of, row.run === state.runs[0] ? '' : earlier(row, tally))),
    ...(more > 0 ? ['', `${more} more are not shown; each has its summary in its run.`] : []),
  ].join('\n');
}

/** A commit can have several runs: that it is another one has to be known. */
function earlier({ sha }: CommentRow, newest: Tally): string {
  const known = sha !== '' && newest.sha !== '' && sha !== newest.sha;
  return known ? `older commit ${sha.slice(0, shaShown)}` : 'earlier run';
}

function line(row: CommentRow, of: CommentOf, age: string): string {
  const { tests } = row;
  const why = row.ok ? [] : [row.code && span(row.code), row.cause && span(row.cause)];
  const cells = [
    row.ok ? '✅' : (icons[row.result] ?? '❌'),
    joined([row.name && span(row.name), row.file && span(row.file)]),
    joined([row.result && span(row.result), ...why]),
    tests === undefined ? '' : testCount(tests),
    row.ms === undefined ? '' : duration(row.ms),
    joined([
      row.url && withLink('batch', row.url),
      link('workflow run', `${of.runsUrl}/${row.run}/attempts/${row.attempt}`),
      age,
    ]),
  ];
  return `| ${cells.join(' | ')} |`;
}

/** A URL that is none to be linked says nothing here. */
function withLink(text: string, url: string): string {
  const linked = link(text, url);
  return linked === text || /[|\r\n]/.test(url) ? '' : linked;
}

function joined(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(' · ');
}

/** What needs a look first: red, the newer run before; then green, of older runs before. Else by name. */
function byWeight(a: CommentRow, b: CommentRow): number {
  if (a.ok !== b.ok) return a.ok ? 1 : -1;
  const byName = a.name === b.name ? (a.call < b.call ? -1 : 1) : a.name < b.name ? -1 : 1;
  return (a.ok ? compareRuns(a.run, b.run) : compareRuns(b.run, a.run)) || byName;
}
