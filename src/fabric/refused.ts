import { StepError, messageOf, type ErrorCode } from '../errors.ts';
import type { Answer } from '../http/client.ts';
import { refusalLine, refusalOf } from '../http/refusal.ts';

/** Advice that depends on what was asked for; the rest is the same everywhere. */
export interface RefusalAdvice {
  /** For 403: which right is missing. */
  forbidden: string;
  /** For 404: what may be wrong. */
  notFound: string;
  notFoundCode?: ErrorCode;
}

/** A reply of Fabric or OneLake that ends the step, as an error for people (rule 10). */
export function refused(what: string, answer: Answer, advice: RefusalAdvice): StepError {
  const { requestId, code } = refusalOf(answer);
  const message = `${what}: ${refusalLine(answer)}`;
  const end = (errorCode: ErrorCode, text: string): StepError =>
    new StepError(errorCode, message, { advice: text, requestId });
  if (answer.status === 401) {
    return end(
      'UNAUTHORIZED',
      'The token was not accepted. Check fabric-scope and onelake-scope, and that the tenant setting "Service principals can call Fabric public APIs" includes this application.',
    );
  }
  if (answer.status === 403) return end('FORBIDDEN', advice.forbidden);
  if (answer.status === 404) return end(advice.notFoundCode ?? 'NOT_FOUND', advice.notFound);
  if (answer.status === 429) {
    return end(
      'THROTTLED',
      'The identity has used up its request quota: run fewer jobs side by side, or give them identities of their own.',
    );
  }
  if (answer.status >= 500 || answer.status === 408) {
    return end(
      'SERVICE_UNREACHABLE',
      'The service is failing. Check its health page, then run the job again.',
    );
  }
  return end(
    'REQUEST_REFUSED',
    code ? `Look up ${code} in the documentation of the API.` : 'Check the inputs named above.',
  );
}

/** A service that could not be reached at all. */
export function unreachable(what: string, origin: string, thrown: unknown): StepError {
  return new StepError(
    'SERVICE_UNREACHABLE',
    `${what}: ${origin} could not be reached (${messageOf(thrown)}).`,
    {
      advice:
        'Check the endpoint inputs, and that the runner can reach that host (proxy, firewall, private link).',
      cause: thrown,
    },
  );
}
