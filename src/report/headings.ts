import type { ErrorCode } from '../errors.ts';
import type { RunFacts } from './facts.ts';

/** A sign for the summary, and the words that summary and annotation share. */
export interface Heading {
  sign: string;
  text: string;
}

/** By the result. */
export const results: Readonly<Record<string, Heading>> = {
  Succeeded: { sign: '✅', text: 'Spark batch succeeded' },
  Failed: { sign: '❌', text: 'Spark batch failed' },
  Cancelled: { sign: '⛔', text: 'Spark batch cancelled' },
  TimedOut: { sign: '⌛', text: 'Spark batch timed out' },
  NotStarted: { sign: '🚫', text: 'Spark batch not started' },
  Submitted: { sign: '🚀', text: 'Spark batch submitted' },
  Checked: { sign: '☑️', text: 'Checked, nothing submitted' },
  Unknown: { sign: '❓', text: 'Spark batch: outcome unknown' },
};

/** What stands behind the words of an error code, where the result by itself would be green. */
const allTheSame: Readonly<Record<string, string>> = {
  Succeeded: 'the Spark batch succeeded',
  Submitted: 'the Spark batch was submitted',
  Checked: 'nothing submitted',
};

/** By the error code; they head what a result that is not green does not say already. */
export const words: Readonly<Record<string, string>> = {
  INPUT_INVALID: 'Inputs not valid',
  NO_CREDENTIAL: 'No credential',
  UNTRUSTED_CODE: 'Code of another repository',
  SIGN_IN_REFUSED: 'Sign-in refused',
  SIGN_IN_UNREACHABLE: 'Sign-in not reachable',
  WORKSPACE_NOT_FOUND: 'Workspace not found',
  LAKEHOUSE_NOT_FOUND: 'Lakehouse not found',
  ENVIRONMENT_NOT_FOUND: 'Environment not found',
  UNAUTHORIZED: 'Token not accepted',
  FORBIDDEN: 'Access denied',
  NOT_FOUND: 'Not found',
  REQUEST_REFUSED: 'Request refused',
  THROTTLED: 'Throttled',
  CAPACITY_FULL: 'Capacity full',
  SERVICE_UNREACHABLE: 'Service not reachable',
  HOST_REFUSED: 'Host refused',
  UPLOAD_FAILED: 'Upload failed',
  SUBMIT_UNCONFIRMED: 'Submit not confirmed',
  TWIN_FOUND: 'Second batch found',
  RERUN_AMBIGUOUS: 'Earlier batch ambiguous',
  RERUN_DIFFERS: 'Earlier batch differs',
  RERUN_NOT_ENDED: 'Earlier batch not ended',
  LIST_UNREADABLE: 'List of batches not readable',
  OUTPUT_MISSING: 'No job output',
  OUTPUT_STALE: 'Stale job output',
  OUTPUT_INVALID: 'Job output not usable',
  TESTS_FAILED: 'Tests failed',
  NO_TESTS: 'No test results',
  RESULTS_INVALID: 'Test results not usable',
  STILL_RUNNING: 'Batch still running',
  SWEEP_INCOMPLETE: 'Sweep not complete',
  BATCH_FAILED: 'Batch failed',
  STATE_CONFLICT: 'Contradicting states',
  CANCELLED: 'Step cancelled',
  CANCELLED_ELSEWHERE: 'Batch cancelled by someone else',
  QUEUE_EXPIRED: 'Expired in the queue',
  QUEUE_TIMEOUT: 'Queued too long',
  TIMEOUT: 'Out of time',
  UNKNOWN_STATE: 'State not known',
  BATCH_VANISHED: 'Batch vanished',
  STATUS_UNREADABLE: 'Status not readable',
  SIGN_IN_ENDED: 'Sign-in ended',
  INTERNAL: 'Fault of this action',
} satisfies Record<ErrorCode, string>;

/** What a step came to, in a few words: by its result, and by its error code where the result alone is green. */
export function headingOf({ result, errorCode }: Pick<RunFacts, 'result' | 'errorCode'>): Heading {
  const behind = errorCode === undefined ? undefined : allTheSame[result];
  if (errorCode !== undefined && behind !== undefined)
    return { sign: '❌', text: `${words[errorCode] ?? 'Step failed'}, ${behind}` };
  return results[result] ?? { sign: '❌', text: 'Spark batch' };
}
