import { StepError, type ErrorCode } from '../errors.ts';
import type { Written } from '../fabric/onelake-reading.ts';
import { filled } from '../livy/request.ts';
import { duration } from '../report/duration.ts';
import type { FollowedBatch } from './batch.ts';

/** What a job wrote in the lakehouse: where it is, and whether it is of this run. */

/** `Date` and `Last-Modified` are whole seconds; no job writes in the first second after its acceptance. */
const roundings = 1_000;

/**
 * Why a file does not count as written by this batch; `undefined` when it does. It is fresh when it was
 * written after the acceptance of this batch, so that a file of an earlier run never counts. The runner's
 * clock may be wrong by any time, so it is never set against a service's: of a batch that this step submitted
 * the file's age on OneLake's clock is set against what has passed here since; of one of an earlier step
 * OneLake's time against Fabric's. `written`: `undefined` when OneLake does not tell.
 */
export function staleness(
  { acceptedAt, submittedAt }: Pick<FollowedBatch, 'acceptedAt' | 'submittedAt'>,
  path: string,
  written: Written | undefined,
): string | undefined {
  if (written === undefined) return `OneLake does not tell when ${path} was written.`;
  const { modifiedAt, ageMs, heardAt } = written;
  if (submittedAt !== undefined) {
    if (modifiedAt >= submittedAt) return undefined;
    return `${path} was written ${duration(ageMs)} ago, ${duration(submittedAt - modifiedAt)} before the batch was accepted: it is of an earlier run.`;
  }
  const accepted = heardAt - acceptedAt;
  if (ageMs <= accepted - roundings) return undefined;
  return `${path} was written ${duration(ageMs)} ago, and the batch was accepted ${duration(accepted)} ago: it is of an earlier run.`;
}

/**
 * A path of an input with the words of the run that submitted the batch. Throws `StepError` of that code
 * when the batch does not tell one that the path holds.
 */
export function filledPath(
  input: 'output-file' | 'results',
  code: ErrorCode,
  template: string,
  { words, id }: FollowedBatch,
): string {
  // Tags come from the service: a word with another character could lead elsewhere.
  const known = (word: string | undefined): boolean => /^[\w-]+$/.test(word ?? '');
  const missing = (
    [
      ['{submission}', words.submission],
      ['{run-id}', words.runId],
      ['{attempt}', words.attempt],
    ] as const
  ).filter(([word, value]) => !known(value) && template.includes(word));
  if (missing.length > 0)
    throw new StepError(
      code,
      `${input} holds ${missing.map(([word]) => word).join(', ')}, and the tags of batch ${id} do not tell it.`,
      { advice: 'Name the path without it, or follow a batch that this action submitted.' },
    );
  const { submission = '', runId = '', attempt = '' } = words;
  return filled(template, { submission, runId, attempt });
}
