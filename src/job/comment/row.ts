import { createHash } from 'node:crypto';
import { isObject, parseJson } from '../../http/json.ts';
import { boundedRow, type CommentRow } from '../../report/comment/rows.ts';
import type { RunFacts } from '../../report/facts.ts';
import { publicCause } from '../../report/comment/public-cause.ts';
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

/**
 * What a step's facts come to in one row of the comment. The runner masks the workflow's secrets in log
 * and summary; in a comment nobody does. So no text of the job or of the service is in it, and of what
 * inputs gave only the call's and the file's name.
 */
export function rowOf(facts: RunFacts, inputs: Inputs, of: RowOf): CommentRow {
  const { tests, acceptedAt, endedAt } = facts;
  const ms =
    acceptedAt === undefined || endedAt === undefined
      ? undefined
      : Math.round(endedAt - acceptedAt);
  return boundedRow({
    call: shortHash(inputs.runKey),
    name: of.clean(callName(inputs.runKey)),
    file: of.clean(nameOf(facts.file)),
    run: /^[1-9]\d{0,19}$/.test(of.runId) ? of.runId : '0',
    attempt: /^\d{1,6}$/.test(of.attempt) ? Number(of.attempt) : 1,
    sha: of.headSha ?? '',
    // A batch that was only submitted, or looked at, has proven nothing.
    ok: of.green && facts.result === 'Succeeded',
    always: inputs.comment === 'always',
    result: facts.result,
    code: facts.errorCode ?? '',
    cause: of.green || !facts.rootCause ? '' : of.clean(publicCause(facts.rootCause)),
    ...(tests === undefined
      ? {}
      : { tests: { total: tests.total, failed: tests.failed, skipped: tests.skipped } }),
    ...(ms === undefined || ms < 0 ? {} : { ms }),
    url: batchUrl(facts.runUrl ?? '', inputs),
    at: Math.max(0, Math.round(of.now)),
  });
}

/** So many digits tell calls and workflows of one pull request apart. */
export function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** A path as it stands; of a URI the last name, since its host and query may be nobody's business. */
function nameOf(file: string): string {
  if (!/^[a-z][\w+.-]*:/i.test(file)) return file;
  const path = file.replace(/^[^:]*:(?:\/\/[^/?#]*)?/, '').replace(/[?#].*$/s, '');
  return path.split('/').findLast((name) => name !== '') ?? '';
}

/** Ids that inputs give are often secrets of the workflow: the link does without the tenant's, or is left out. */
function batchUrl(url: string, { livyUrl, lakehouse, tenantId }: Inputs): string {
  if (livyUrl !== undefined) return '';
  const shorter = url.replace(`ctid=${tenantId}&`, '');
  const parts = shorter.toLowerCase().split(/[/?&=]/);
  return parts.includes(lakehouse.toLowerCase()) ? '' : shorter;
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
