import { StepError, messageOf } from '../errors.ts';
import { refused, unreachable } from '../fabric/refused.ts';
import type { Answer } from '../http/client.ts';
import { refusalLine } from '../http/refusal.ts';
import { TransportError } from '../http/transport.ts';
import type { BatchStatus } from '../livy/status.ts';
import { duration } from '../report/duration.ts';
import type { Place } from './place.ts';
import { unlessInterrupted, type Step } from './step.ts';

/** When the list is read again that could not be read; milliseconds. */
const listPauses = [5_000, 10_000, 20_000, 40_000];
/** Answers to the list that another try does not mend. */
const lastingRefusals = new Set([400, 401, 403]);

/**
 * The list over all pages. Throws `StepError` LIST_UNREADABLE: what cannot be seen cannot be spared;
 * or what refused it where no further try mends that (a right, the sign-in, the way there).
 */
export async function wholeList(
  step: Step,
  place: Place,
  what: string,
): Promise<readonly BatchStatus[]> {
  const { clock, runner } = step.world;
  const { signal } = step.interrupt;
  const { rights, checkList } = place.livy.dialect;
  let why = '';
  for (const pause of [...listPauses, undefined]) {
    let refusal: Answer | undefined;
    const reading = place.livy
      .list(signal, (answer) => (refusal = answer))
      .catch((thrown: unknown) => {
        if (!(thrown instanceof TransportError)) throw thrown;
        if (thrown.lasting)
          throw unreachable(
            'Listing the batches',
            step.inputs.livyUrl ?? step.inputs.endpoints.fabric,
            thrown,
          );
        why = messageOf(thrown);
        return undefined;
      });
    const batches = await unlessInterrupted(step, reading);
    if (batches) return batches;
    if (refusal) {
      why = refusalLine(refusal);
      if (lastingRefusals.has(refusal.status))
        throw refused('Listing the batches', refusal, {
          forbidden: `${rights}.`,
          notFound: checkList,
        });
    }
    if (pause === undefined) break;
    runner.info(
      `The list of batches cannot be read (${why}); it is tried again in ${duration(pause)}.`,
    );
    await unlessInterrupted(step, clock.sleep(pause, signal));
  }
  throw new StepError(
    'LIST_UNREADABLE',
    `The list of batches could not be read, to see ${what}: ${why}`,
    {
      advice: `Nothing was submitted. Run the step again when ${place.livy.dialect.service} answers.`,
    },
  );
}
