import { StepError, type ErrorCode } from '../errors.ts';
import type { Answer } from '../http/client.ts';
import { refusalLine, refusalOf } from '../http/refusal.ts';

const byStatus: Readonly<Record<number, readonly [code: ErrorCode, advice: string]>> = {
  400: [
    'REQUEST_REFUSED',
    'Check file, conf and the sizing inputs: Fabric did not accept the batch. Nothing was started.',
  ],
  401: [
    'UNAUTHORIZED',
    'The token was not accepted. Check fabric-scope, and that the tenant settings "Service principals can call Fabric public APIs" and "Livy API" include this application.',
  ],
  403: [
    'FORBIDDEN',
    'Give the service principal the role Contributor in the workspace: a Viewer may not run a batch.',
  ],
  404: [
    'NOT_FOUND',
    'Check workspace and lakehouse, that the workspace has a Fabric capacity, and that the tenant setting for the Livy API is on.',
  ],
  429: [
    'THROTTLED',
    'The identity has used up its request quota: run fewer jobs side by side, or raise capacity-wait-minutes.',
  ],
  430: [
    'CAPACITY_FULL',
    'Wait until other Spark jobs of the capacity have ended or cancel one in the monitoring hub, choose a larger capacity, or raise capacity-wait-minutes.',
  ],
};

/** A submit that Fabric refused, with what to do about it. Nothing was started. */
export function submitRefused(answer: Answer): StepError {
  const [code, advice] = byStatus[answer.status] ?? ['REQUEST_REFUSED', 'Nothing was started.'];
  return new StepError(code, `Fabric refused the batch: ${refusalLine(answer)}`, {
    advice,
    requestId: refusalOf(answer).requestId,
  });
}
