import { StepError } from '../errors.ts';
import { duration } from '../report/duration.ts';

/** The status could not be read for as long as `outage-minutes` says (milliseconds). */
export function statusUnreadable(outageMs: number, why: string): StepError {
  return new StepError(
    'STATUS_UNREADABLE',
    `The status of the batch could not be read for ${duration(outageMs)}: ${why}`,
    {
      advice:
        'The batch may still be running: follow the link to the run. outage-minutes says how long to wait.',
    },
  );
}

/** No token is left, and no further try brings one. */
export function signInEnded(thrown: StepError): StepError {
  return new StepError(
    'SIGN_IN_ENDED',
    `The sign-in could not be renewed, so the batch cannot be watched any longer. ${thrown.message}`,
    {
      advice:
        "The batch may still be running: follow the link to the run before you start it again. GitHub's OIDC lasts about 6 hours in a job; a client secret lasts longer.",
      requestId: thrown.requestId,
      cause: thrown,
    },
  );
}
