import { isObject, listAt, numberAt, textAt } from '../../http/json.ts';
import { visibleLine } from './visible-line.ts';

/** What one call of the action gave, as the pull-request comment keeps it. Texts are on one line and bounded. */
export interface CommentRow {
  /** What tells the call apart from others of the workflow: a hash of `run-key`. */
  call: string;
  name: string;
  file: string;
  /** Of the workflow run: a decimal number. */
  run: string;
  attempt: number;
  /** The head commit, where the event tells it; else ''. */
  sha: string;
  /** Was the step green? */
  ok: boolean;
  /** Did it ask for a table also where all is green? */
  always: boolean;
  result: string;
  code: string;
  cause: string;
  tests?: { total: number; failed: number; skipped: number } | undefined;
  /** From acceptance to the end of the batch, in milliseconds. */
  ms?: number | undefined;
  /** Link to the run of the batch, or ''. */
  url: string;
  /** When the row was made; milliseconds since the epoch on the clock of its runner. */
  at: number;
}

/** All that the comment knows: one row a call, and the newest runs that had any (newest first). */
export interface CommentState {
  rows: readonly CommentRow[];
  runs: readonly string[];
}

export const nothing: CommentState = { rows: [], runs: [] };

/** A row that neither of so many newest runs renewed is of a call that is gone. */
const newestRuns = 2;
const mostRows = 1_000;
const longest = { call: 40, name: 80, file: 120, result: 20, code: 40, cause: 200, url: 400 };

function clipped(text: string, length: number): string {
  const line = visibleLine(text);
  const letters = Array.from(line);
  return letters.length > length ? `${letters.slice(0, length).join('')}…` : line;
}

/** The row with its texts on one line and no longer than a row may be. */
export function boundedRow(row: CommentRow): CommentRow {
  return {
    ...row,
    name: clipped(row.name, longest.name),
    file: clipped(row.file, longest.file),
    result: clipped(row.result, longest.result),
    code: clipped(row.code, longest.code),
    cause: clipped(row.cause, longest.cause),
    url: row.url.length > longest.url ? '' : row.url,
  };
}

export function stateOf(row: CommentRow): CommentState {
  return { rows: [row], runs: [row.run] };
}

/**
 * What both know: of each call the newest row, without the calls that the newest runs no longer have.
 * Commutative, associative and idempotent, so that it does not matter who hears what in which order.
 */
export function merge(a: CommentState, b: CommentState): CommentState {
  const runs = [...new Set([...a.runs, ...b.runs])]
    .sort((x, y) => compareRuns(y, x))
    .slice(0, newestRuns);
  const oldest = runs.at(-1) ?? '0';
  const rows = new Map<string, CommentRow>();
  for (const row of [...a.rows, ...b.rows]) {
    const known = rows.get(row.call);
    if (!known || compareRows(row, known) > 0) rows.set(row.call, row);
  }
  return {
    runs,
    rows: [...rows.values()]
      .filter(({ run }) => compareRuns(run, oldest) >= 0)
      .sort((x, y) => (x.call < y.call ? -1 : 1)),
  };
}

/** Does `state` know everything that `other` knows, or newer? */
export function covers(state: CommentState, other: CommentState): boolean {
  const known = new Map(state.rows.map((row) => [row.call, row]));
  return other.rows.every((row) => {
    const own = known.get(row.call);
    return own !== undefined && compareVersions(own, row) >= 0;
  });
}

/** Ids of runs grow with time: a later run is the one of a later event. */
export function compareRuns(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * A late row of an older run, or of an earlier attempt, never stands in place of a newer one. Two calls
 * of one attempt that share a key share a row: red stays, or a green one would hide it.
 */
function compareVersions(a: CommentRow, b: CommentRow): number {
  const byAttempt = compareRuns(a.run, b.run) || a.attempt - b.attempt;
  return byAttempt || Number(b.ok) - Number(a.ok) || a.at - b.at;
}

/** Of two rows of one version any will do, so long as it is always the same one. */
function compareRows(a: CommentRow, b: CommentRow): number {
  const byVersion = compareVersions(a, b);
  if (byVersion !== 0) return byVersion;
  const [first, second] = [JSON.stringify(encoded(a)), JSON.stringify(encoded(b))];
  return first < second ? -1 : first > second ? 1 : 0;
}

const version = 1;
const opening = '<!-- fabric-spark-batch-rows ';
const closing = ' -->';

/**
 * The state as one HTML comment in ASCII. No character of the data can end it, be read as markup or
 * as a mention: those stand as `\uXXXX` in its JSON.
 */
export function hiddenState({ rows, runs }: CommentState): string {
  const json = JSON.stringify({ v: version, runs, rows: rows.map(encoded) });
  const safe = json.replace(
    /[<>&@#`\u007f-\uffff]|-(?=-)/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `${opening}${safe}${closing}`;
}

/** Reads the state at the end of a comment; `undefined` when there is none that can be read. */
export function readState(body: string): CommentState | undefined {
  const start = body.lastIndexOf(opening);
  const text = body.slice(start + opening.length).trimEnd();
  if (start === -1 || !text.endsWith(closing)) return undefined;
  let state: unknown;
  try {
    state = JSON.parse(text.slice(0, -closing.length));
  } catch {
    return undefined;
  }
  if (!isObject(state) || numberAt(state, 'v') !== version) return undefined;
  const rows = listAt(state, 'rows').slice(0, mostRows).flatMap(decoded);
  const runs = listAt(state, 'runs').filter((run) => typeof run === 'string' && isRun(run));
  const known = [...runs.map(String), ...rows.map(({ run }) => run)];
  return merge({ rows, runs: known }, nothing);
}

/** A run id; the longest that a number of 64 bits has. */
function isRun(text: string): boolean {
  return /^(0|[1-9]\d{0,19})$/.test(text);
}

function encoded(row: CommentRow): Record<string, unknown> {
  const { tests } = row;
  return {
    call: row.call,
    ...given('name', row.name),
    ...given('file', row.file),
    run: row.run,
    try: row.attempt,
    ...given('sha', row.sha),
    ...(row.ok ? { ok: 1 } : {}),
    ...(row.always ? { always: 1 } : {}),
    ...given('result', row.result),
    ...given('code', row.code),
    ...given('cause', row.cause),
    ...(tests === undefined ? {} : { tests: [tests.total, tests.failed, tests.skipped] }),
    ...(row.ms === undefined ? {} : { ms: row.ms }),
    ...given('url', row.url),
    at: row.at,
  };
}

function given(key: string, text: string): Record<string, string> {
  return text === '' ? {} : { [key]: text };
}

/** A person may have edited the comment: a row that is none is left out. */
function decoded(value: unknown): CommentRow[] {
  if (!isObject(value)) return [];
  const [call, run, sha] = [
    textAt(value, 'call') ?? '',
    textAt(value, 'run') ?? '',
    textAt(value, 'sha') ?? '',
  ];
  const [attempt, at] = [count(value['try']), count(value['at'])];
  const named = call !== '' && call.length <= longest.call && /^[\w-]+$/.test(call);
  if (!named || !isRun(run) || attempt === undefined || at === undefined) return [];
  const [total, failed, skipped] = listAt(value, 'tests').map(count);
  const tests =
    total === undefined || failed === undefined || skipped === undefined
      ? undefined
      : { total, failed, skipped };
  const ms = count(value['ms']);
  const row: CommentRow = {
    call,
    name: textAt(value, 'name') ?? '',
    file: textAt(value, 'file') ?? '',
    run,
    attempt,
    sha: /^[0-9a-f]{7,64}$/.test(sha) ? sha : '',
    ok: value['ok'] === 1,
    always: value['always'] === 1,
    result: textAt(value, 'result') ?? '',
    code: textAt(value, 'code') ?? '',
    cause: textAt(value, 'cause') ?? '',
    ...(tests === undefined ? {} : { tests }),
    ...(ms === undefined ? {} : { ms }),
    url: textAt(value, 'url') ?? '',
    at,
  };
  return [boundedRow(row)];
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
