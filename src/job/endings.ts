import { StepError, errorText, messageOf, type ErrorCode } from '../errors.ts';
import { stackOf } from '../errors/stack.ts';
import { isLocalFabric } from '../inputs/endpoints.ts';
import type { BatchStatus } from '../livy/status.ts';
import type { Verdict } from '../livy/verdict.ts';
import { duration } from '../report/duration.ts';

import type { FollowedBatch } from './batch.ts';
import { requestCancel } from './cancel.ts';
import { findCause } from './cause.ts';
import type { FollowEnd } from './follow.ts';
import { readJobOutput } from './job-output.ts';
import type { Place } from './place.ts';
import { save } from './saved-state.ts';
import { Interrupted, type Step } from './step.ts';
import { readTestResults } from './test-results.ts';
import { endTwins } from './twins.ts';
import { removeUploadAtEnd } from './upload-folder.ts';
import { verdictError } from './verdict-error.ts';

/** The end of a batch that was followed (design, section 3). Gives `undefined` when success is proven. */
export async function endBatch(
  step: Step,
  place: Place,
  batch: FollowedBatch,
  end: FollowEnd,
): Promise<StepError | undefined> {
  if (end.kind === 'interrupted') return cancelled(step, place, batch);
  if (end.kind === 'timeout') return timedOut(step, place, batch, end);
  if (end.kind === 'unreadable') return unreadable(step, place, batch, end.error);
  return judged(step, place, batch, end);
}

async function judged(
  step: Step,
  place: Place,
  batch: FollowedBatch,
  end: { verdict: Verdict; status: BatchStatus | undefined },
): Promise<StepError | undefined> {
  const { facts, world } = step;
  const { verdict } = end;
  facts.result = verdict.result;
  const twin = await endTwins(step, place, batch.id);
  save(world.runner, 'settled', verdict.result);
  settle(step, (notStarted(verdict) ? twin?.code : undefined) ?? verdict.code ?? twin?.code);
  const error = await reported(step, place, batch, end, twin);
  if (verdict.terminal) await removeUploadAtEnd(step);
  return error;
}

function notStarted({ result }: Verdict): boolean {
  return result === 'NotStarted';
}

/** The job may be ended at any time from now on: its outputs are to tell the verdict then. */
function settle({ facts, interrupt, outputs }: Step, code: ErrorCode | undefined): void {
  facts.errorCode = code;
  interrupt.settled = { result: facts.result, code };
  outputs.publish(facts);
}

/** The rest of the log, what the job wrote, and why the step is red, if it is. */
async function reported(
  step: Step,
  place: Place,
  batch: FollowedBatch,
  { verdict, status }: { verdict: Verdict; status: BatchStatus | undefined },
  twin: StepError | undefined,
): Promise<StepError | undefined> {
  const { facts, world, interrupt } = step;
  await showRest(step, () =>
    batch.log.finish(facts.applicationId, status?.log ?? [], interrupt.signal),
  );
  const output = await jobOutput(step, place, batch, verdict);
  const tests = await testResults(step, place, batch, verdict);
  // Only the summary tells of it.
  if (verdict.terminal && step.inputs.summary && facts.applicationId !== undefined)
    await batch.progress?.last(
      facts.applicationId,
      verdict.result === 'Succeeded',
      interrupt.signal,
    );
  if (verdict.result === 'Succeeded') return twin ?? output ?? tests;
  // A second batch did start, whatever became of the first.
  if (twin && notStarted(verdict)) return twin;
  if (twin) world.runner.warning(errorText(twin));
  // Any other verdict is the service's own word: an exception in the log is then its effect, or was handled.
  const finding =
    verdict.code === 'BATCH_FAILED' ? await findCause(step, batch, status) : undefined;
  facts.rootCause = finding?.cause;
  if (verdict.result === 'Failed') await showRest(step, () => batch.log.showEndOfStderr());
  const onlyLog = isLocalFabric(step.inputs) ? facts.logPath : undefined;
  return verdictError(verdict, status, finding, place.livy.dialect, facts.tests, onlyLog);
}

/**
 * What the job wrote to `output-file` becomes the output `job-output`, also of a job that failed.
 * Gives why the step is red, where a job that succeeded wrote nothing that counts.
 */
async function jobOutput(
  step: Step,
  place: Place,
  batch: FollowedBatch,
  verdict: Verdict,
): Promise<StepError | undefined> {
  const { outputFile } = step.inputs;
  if (outputFile === undefined || !verdict.terminal) return undefined;
  try {
    step.facts.jobOutput = await readJobOutput(step, place, batch, outputFile);
    return undefined;
  } catch (thrown) {
    return unread(step, 'output-file', verdict, thrown);
  }
}

/**
 * The tests of `results`, also of a job that failed: pytest's exit code can make it so. Gives why the step
 * is red where the job succeeded; of one that failed it is a line of the log.
 */
async function testResults(
  step: Step,
  place: Place,
  batch: FollowedBatch,
  verdict: Verdict,
): Promise<StepError | undefined> {
  const { results } = step.inputs;
  const { result } = verdict;
  if (results.length === 0 || (result !== 'Succeeded' && result !== 'Failed')) return undefined;
  const red = await readTestResults(step, place, batch, results).catch((thrown: unknown) =>
    unread(step, 'results', verdict, thrown),
  );
  if (red && result === 'Failed' && red.code !== 'TESTS_FAILED')
    step.world.runner.info(`Tests:       ${red.message}`);
  return red;
}

/**
 * What was thrown while a file of the job was read, as why the step is red. A fault of ours does not take
 * the place of the verdict: it is a warning, and red only where the job succeeded (rule 3).
 */
function unread(
  step: Step,
  input: 'output-file' | 'results',
  { result }: Verdict,
  thrown: unknown,
): StepError | undefined {
  if (thrown instanceof StepError) return thrown;
  if (thrown instanceof Interrupted) {
    const verb = input === 'results' ? 'were' : 'was';
    return new StepError('CANCELLED', `The step was cancelled before ${input} ${verb} read.`);
  }
  if (result === 'Succeeded') return ownFault(step, thrown);
  step.world.runner.warning(
    `What ${input} names was not read, by a fault of this action: ${messageOf(thrown)}`,
  );
  return undefined;
}

/** A signal came: the batch gets its DELETE at once, if it is ours to end. */
async function cancelled(step: Step, place: Place, batch: FollowedBatch): Promise<StepError> {
  step.facts.result = 'Cancelled';
  const fate = await endOurs(step, place, batch, 'cancel');
  await showRest(step, () => batch.log.cutShort());
  return new StepError('CANCELLED', `The step was cancelled (${step.interrupt.name}). ${fate}`);
}

async function timedOut(
  step: Step,
  place: Place,
  batch: FollowedBatch,
  end: { code: 'TIMEOUT' | 'QUEUE_TIMEOUT'; limitMs: number },
): Promise<StepError> {
  step.facts.result = 'TimedOut';
  const fate = await endOurs(step, place, batch, 'timeout');
  await showRest(step, () => batch.log.finish(step.facts.applicationId, [], step.interrupt.signal));
  const [what, advice] =
    end.code === 'TIMEOUT'
      ? [
          'The batch did not end',
          'Raise timeout-minutes, or look into the log for what takes so long.',
        ]
      : [
          'The application did not start',
          `Look at the load of the capacity in ${place.livy.dialect.hub}, or raise queue-timeout-minutes.`,
        ];
  return new StepError(
    end.code,
    `${what} within ${duration(end.limitMs)} of its acceptance. ${fate}`,
    { advice },
  );
}

async function unreadable(
  step: Step,
  place: Place,
  batch: FollowedBatch,
  error: StepError,
): Promise<StepError> {
  step.facts.result = 'Unknown';
  const fate = await endOurs(step, place, batch, 'error');
  await showRest(step, () => batch.log.cutShort());
  const { advice, requestId, cause } = error;
  return new StepError(error.code, `${error.message} ${fate}`, { advice, requestId, cause });
}

/** Ends the batch when `cancel-on` says so, and says in a sentence what became of it. */
async function endOurs(
  step: Step,
  place: Place,
  batch: FollowedBatch,
  cause: 'cancel' | 'timeout' | 'error',
): Promise<string> {
  const { runner, clock } = step.world;
  const link = step.facts.runUrl ?? batch.id;
  save(runner, 'cause', cause);
  if (!step.inputs.cancelOn.has(cause)) {
    save(runner, 'settled', 'left running');
    step.interrupt.settled = { result: step.facts.result, code: undefined };
    return `The batch is left running, since cancel-on does not hold "${cause}": ${link}`;
  }
  const refused = await requestCancel(place.livy, clock, batch.id, cause === 'cancel');
  if (refused === undefined) save(runner, 'cancelTaken', batch.id);
  const { service } = place.livy.dialect;
  return refused === undefined
    ? `${service} was asked to end the batch; the post step waits for its end.`
    : `${service} could not be asked to end the batch (${refused}); the post step tries again: ${link}`;
}

/** What cut the story short before a batch of ours was followed to its end. */
export async function endWithout(step: Step, thrown: unknown): Promise<StepError> {
  const { facts, interrupt, world } = step;
  const unconfirmed = facts.submission === 'unconfirmed';
  if (thrown instanceof Interrupted || (interrupt.raised && facts.batchId === undefined)) {
    facts.result = 'Cancelled';
    const fate = unconfirmed
      ? 'A submit was under way; the post step looks for its batch.'
      : 'No batch of this step is running.';
    return new StepError('CANCELLED', `The step was cancelled (${interrupt.name}). ${fate}`);
  }
  if (!(thrown instanceof StepError)) return ownFault(step, thrown);
  if (unconfirmed || facts.batchId !== undefined) return thrown;
  facts.result = 'NotStarted';
  save(world.runner, 'settled', 'NotStarted');
  settle(step, thrown.code);
  await removeUploadAtEnd(step);
  return thrown;
}

/** A bug of ours: its stack stands in the log, and post ends a batch that is not settled (rule 10). */
function ownFault(step: Step, thrown: unknown): StepError {
  step.world.runner.info(stackOf(thrown));
  const { settled } = step.interrupt;
  const unsettled =
    step.facts.result === 'NotStarted'
      ? 'No batch was submitted.'
      : 'The post step ends the batch.';
  const fate =
    settled === undefined ? unsettled : `What is known of the batch stands: ${settled.result}.`;
  return new StepError(
    'INTERNAL',
    `This action failed by a fault of its own: ${messageOf(thrown)}. ${fate}`,
    {
      advice: 'Please report it, with the stack that the log shows.',
      cause: thrown,
    },
  );
}

/** A fault of ours in the log is a warning, never the verdict (rule 3). */
async function showRest(step: Step, show: () => Promise<void>): Promise<void> {
  try {
    await show();
  } catch (thrown) {
    step.world.runner.warning(`The log is not shown to its end: ${messageOf(thrown)}`);
  }
}
