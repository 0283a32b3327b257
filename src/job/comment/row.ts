import { createHash } from 'node:crypto';
import { isObject, parseJson } from '../../http/json.ts';
import { boundedRow, type CommentRow } from '../../report/comment-rows.ts';
import type { RunFacts } from '../../report/facts.ts';
import type { Inputs } from '../../inputs.ts';

/** Of which run a row tells. */
export interface RowOf {
  runId: string;
  attempt: string;
  headSha: string | undefined;
  /** Milliseconds since the epoch. */
  now: number;
  green: boolean;
  /** Takes secrets out of a text. */
  clean: (text: string) => string;
}

/** What a step's facts come to in one row of the comment. */
export function rowOf(facts: RunFacts, inputs: Inputs, of: RowOf): CommentRow {
  const { tests, acceptedAt, endedAt } = facts;
  const ms =
    acceptedAt === undefined || endedAt === undefined
      ? undefined
      : Math.round(endedAt - acceptedAt);
  return boundedRow({
    call: shortHash(inputs.runKey),
    name: of.clean(callName(inputs.runKey)),
    file: of.clean(facts.file),
    run: /^[1-9]\d{0,19}$/.test(of.runId) ? of.runId : '0',
    attempt: /^\d{1,6}$/.test(of.attempt) ? Number(of.attempt) : 1,
    sha: of.headSha ?? '',
    ok: of.green,
    always: inputs.comment === 'always',
    result: facts.result,
    code: facts.errorCode ?? '',
    cause: of.green ? '' : of.clean(cause(facts)),
    ...(tests === undefined
      ? {}
      : { tests: { total: tests.total, failed: tests.failed, skipped: tests.skipped } }),
    ...(ms === undefined || ms < 0 ? {} : { ms }),
    url: facts.runUrl ?? '',
    at: Math.max(0, Math.round(of.now)),
  });
}

/** So many digits tell calls and workflows of one pull request apart. */
export function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** The exception with its place; where the log names none, the first line of the message. */
function cause({ rootCause, message = '' }: RunFacts): string {
  if (!rootCause) return message.split('\n')[0] ?? '';
  const { title, place } = rootCause;
  return place === undefined ? title : `${place.file}:${place.line}: ${title}`;
}

/**
 * The name of a call for people: of the default run-key, `job/action/matrix/index`, the job and the
 * values of its matrix leg as GitHub shows them; another run-key as it stands.
 */
export function callName(runKey: string): string {
  const parts = /^([^/]+)\/([^/]*)\/(null|\{.*\})\/\d*$/s.exec(runKey);
  const [, job, , matrix] = parts ?? [];
  if (job === undefined || matrix === undefined) return runKey;
  const leg = parseJson(matrix);
  const values = isObject(leg) ? Object.values(leg).map(shown) : [];
  return values.length === 0 ? job : `${job} (${values.join(', ')})`;
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
