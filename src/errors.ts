/** The words of the output `error-code`. Each is explained in docs/errors.md. */
export type ErrorCode =
  | 'INPUT_INVALID'
  | 'NO_CREDENTIAL'
  | 'UNTRUSTED_CODE'
  | 'SIGN_IN_REFUSED'
  | 'SIGN_IN_UNREACHABLE'
  | 'WORKSPACE_NOT_FOUND'
  | 'LAKEHOUSE_NOT_FOUND'
  | 'ENVIRONMENT_NOT_FOUND'
  | 'UNAUTHORIZED'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'REQUEST_REFUSED'
  | 'THROTTLED'
  | 'CAPACITY_FULL'
  | 'SERVICE_UNREACHABLE'
  | 'HOST_REFUSED'
  | 'UPLOAD_FAILED'
  | 'SUBMIT_UNCONFIRMED'
  | 'TWIN_FOUND'
  | 'RERUN_AMBIGUOUS'
  | 'RERUN_DIFFERS'
  | 'RERUN_NOT_ENDED'
  | 'LIST_UNREADABLE'
  | 'OUTPUT_MISSING'
  | 'OUTPUT_STALE'
  | 'OUTPUT_INVALID'
  | 'TESTS_FAILED'
  | 'NO_TESTS'
  | 'RESULTS_INVALID'
  | 'STILL_RUNNING'
  | 'SWEEP_INCOMPLETE'
  | 'BATCH_FAILED'
  | 'STATE_CONFLICT'
  | 'CANCELLED'
  | 'CANCELLED_ELSEWHERE'
  | 'QUEUE_EXPIRED'
  | 'QUEUE_TIMEOUT'
  | 'TIMEOUT'
  | 'UNKNOWN_STATE'
  | 'BATCH_VANISHED'
  | 'STATUS_UNREADABLE'
  | 'SIGN_IN_ENDED'
  | 'INTERNAL';

export interface StepErrorDetails {
  /** What the user can do about it, as full sentences. */
  advice?: string | undefined;
  /** The request id that the service's support asks for. */
  requestId?: string | undefined;
  cause?: unknown;
}

/** An end of the step that a user can understand: what failed and why (the message), what to do. */
export class StepError extends Error {
  override readonly name = 'StepError';
  readonly code: ErrorCode;
  readonly advice: string | undefined;
  readonly requestId: string | undefined;

  constructor(code: ErrorCode, message: string, details: StepErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.advice = details.advice;
    this.requestId = details.requestId;
  }
}

/** The text of the one error annotation: what failed and why, what to do, the request id. */
export function errorText(error: StepError): string {
  const parts = [error.message];
  if (error.advice) parts.push(error.advice);
  if (error.requestId) parts.push(`Request id: ${error.requestId}`);
  return parts.join('\n');
}

/** The message of anything that was thrown, without a stack. */
export function messageOf(thrown: unknown): string {
  if (thrown instanceof Error) {
    const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : '';
    const text = thrown.message || code || thrown.name;
    return code && !text.includes(code) ? `${text} (${code})` : text;
  }
  return String(thrown);
}
