import { messageOf } from '../errors.ts';
import { Checkout } from '../inputs/checkout.ts';
import type { BatchStatus } from '../livy/status.ts';
import { rootCause, type Finding } from '../report/root-cause.ts';
import type { FollowedBatch } from './batch.ts';
import { causePlace } from './cause-place.ts';
import { missingModuleAdvice } from './missing-module.ts';
import type { Step } from './step.ts';

/**
 * Why the batch failed, with the line of the checkout where that is proven. Where the driver's streams leave
 * it open, spark-submit's own log is read too. A fault of ours here costs the cause, never the verdict (rule 3).
 */
export async function findCause(
  step: Step,
  batch: FollowedBatch,
  status: BatchStatus | undefined,
): Promise<Finding | undefined> {
  const { world, interrupt, inputs, services } = step;
  try {
    const evidence = {
      stdout: batch.log.tail('stdout'),
      stderr: batch.log.tail('stderr'),
      // The logs are without secrets already.
      messages: (status?.messages ?? []).map(services.hide),
    };
    let finding = rootCause(evidence);
    if (finding?.sure !== true) {
      const submit = await batch.log.submitTail(status?.log ?? [], interrupt.signal);
      if (submit.length > 0) finding = rootCause({ ...evidence, submit });
    }
    if (finding === undefined) return undefined;
    const checkout = world.runner.env('GITHUB_WORKSPACE') || '.';
    const place = causePlace(finding, inputs.job, checkout);
    const advice = finding.advice ?? adviceFor(step, finding.cause.title, checkout);
    const cause = place === undefined ? finding.cause : { ...finding.cause, place };
    return { ...finding, cause, advice };
  } catch (thrown) {
    world.runner.warning(`The cause was not looked for to the end: ${messageOf(thrown)}`);
    return undefined;
  }
}

/** What the checkout tells to do; an Apache Livy takes no file of it. */
function adviceFor({ inputs }: Step, title: string, checkout: string): string | undefined {
  if (inputs.livyUrl !== undefined) return undefined;
  return missingModuleAdvice(title, inputs.job, new Checkout(checkout));
}
