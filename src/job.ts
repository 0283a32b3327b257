import { StepError, errorText, messageOf } from './errors.ts';
import { readInputs, type Inputs } from './inputs.ts';
import { checkedOutCommit } from './inputs/commit.ts';
import { announcement } from './job/announce.ts';
import type { FollowedBatch } from './job/batch.ts';
import { connect, type World } from './job/connect.ts';
import { tryOut, tryOutNamed } from './job/dry-run.ts';
import { beginEarlyUpload, type EarlyUpload } from './job/early-upload.ts';
import { endBatch, endWithout } from './job/endings.ts';
import { follow, type FollowEnd } from './job/follow.ts';
import { cancelNamed, followNamed, handOver } from './job/hand-over.ts';
import type { Interrupt } from './job/interrupt.ts';
import { jobFolder, type JobFolder } from './job/job-folder.ts';
import { conclude, Outputs } from './job/outcome.ts';
import { findPlace, type Place } from './job/place.ts';
import { planBatch, sendUploads, type Plan } from './job/plan.ts';
import { takeUpEarlier } from './job/rerun.ts';
import { unlessInterrupted, type Step } from './job/step.ts';
import { submit } from './job/submission.ts';
import { sweep } from './job/sweep.ts';
import { hasTwin } from './job/twins.ts';
import { duration } from './report/duration.ts';
import type { RunFacts } from './report/facts.ts';
import { sourceUrl } from './report/place-link.ts';
import type { Runner } from './runner.ts';

export interface JobParts {
  world: World;
  interrupt: Interrupt;
  /** A new 128-bit nonce as 32 hex digits. */
  newNonce: () => string;
}

/** The results with which `run` is green: success that is proven, or no batch to wait for. */
const green: ReadonlySet<string> = new Set(['Succeeded', 'Submitted', 'Checked']);

/**
 * The story of a step, from inputs to verdict. Resolves to true when success is proven (or what was
 * asked for was done, where no batch is waited for) and to false otherwise; by then the log, the
 * outputs and the summary say why.
 */
export async function runJob(parts: JobParts): Promise<boolean> {
  const { runner } = parts.world;
  const outputs = new Outputs(runner);
  const inputs = readOrExplain(runner, outputs);
  if (!inputs) return false;
  const services = connect(inputs, parts.world);
  const step: Step = {
    ...parts,
    firstNonce: parts.newNonce(),
    doubts: [],
    twins: [],
    resubmitted: false,
    followed: [],
    inputs,
    services,
    outputs,
    facts: firstFacts(inputs, runner),
  };
  const error = hidden(await tell(step), services.hide);
  Object.assign(step.facts, {
    requests: services.http.sent,
    errorCode: error?.code,
    message: error?.message,
    advice: error?.advice,
    requestId: error?.requestId,
  });
  await conclude(step, error);
  const done = inputs.operation !== 'run' || green.has(step.facts.result);
  const good = done && error === undefined;
  if (inputs.comment !== 'never' && !step.interrupt.raised) await comment(step, good);
  return good;
}

/** The same error without the secrets that a service may have said back to us in its own words. */
function hidden(
  error: StepError | undefined,
  hide: (text: string) => string,
): StepError | undefined {
  if (error === undefined) return undefined;
  const { code, message, advice, requestId, cause } = error;
  return new StepError(code, hide(message), {
    advice: advice === undefined ? undefined : hide(advice),
    requestId: requestId === undefined ? undefined : hide(requestId),
    cause,
  });
}

/** The verdict stands by now: a fault of the comment is a warning (rule 3). Loaded only where it is asked for. */
async function comment(step: Step, good: boolean): Promise<void> {
  try {
    const { writeComment } = await import(
      /* webpackMode: "eager" */ './job/comment/pull-request-comment.ts'
    );
    await writeComment(step, good);
  } catch (thrown) {
    step.world.runner.warning(`The comment could not be written: ${messageOf(thrown)}`);
  }
}

/** The chapters. Gives `undefined` when all went as asked, else why the step is red. */
async function tell(step: Step): Promise<StepError | undefined> {
  const { runner } = step.world;
  let ahead: Ahead | undefined;
  try {
    for (const line of announcement(step.inputs)) runner.info(line);
    for (const warning of step.inputs.warnings) runner.warning(warning);
    ahead = goAhead(step);
    return await operate(step, await findPlace(step), ahead);
  } catch (thrown) {
    await ahead?.upload?.stop();
    return endWithout(step, thrown);
  }
}

/** What needs no id goes on while sign-in and names are awaited. */
interface Ahead {
  files: Promise<JobFolder>;
  upload: EarlyUpload | undefined;
}

function goAhead(step: Step): Ahead | undefined {
  const { job } = step.inputs;
  if (!job) return undefined;
  const files = jobFolder(step, job);
  // It is thrown where it is awaited.
  files.catch(() => undefined);
  return { files, upload: beginEarlyUpload(step, files) };
}

async function operate(
  step: Step,
  place: Place,
  ahead: Ahead | undefined,
): Promise<StepError | undefined> {
  const { operation, batchId, dryRun } = step.inputs;
  if (operation === 'sweep') return sweep(step, place);
  if (batchId !== undefined && dryRun) return tryOutNamed(step, place, batchId);
  if (operation === 'cancel') return cancelNamed(step, place, batchId ?? '');
  if (batchId !== undefined)
    return followToEnd(step, place, await followNamed(step, place, batchId));
  if (!ahead) throw new Error('no file');
  const plan = planBatch(step, place, await unlessInterrupted(step, ahead.files));
  step.facts.fileUri = plan.batch.file;
  if (dryRun) return tryOut(step, place, plan);
  const earlier = await takeUpEarlier(step, place, plan);
  if (earlier) return followToEnd(step, place, earlier);
  step.outputs.publish(step.facts);
  await sendUploads(step, place, plan, ahead.upload);
  return runBatch(step, place, plan);
}

const capacityPause = { first: 30_000, longest: 120_000 };

/** Submits and follows; a batch that found the capacity full is submitted again while there is time. */
async function runBatch(step: Step, place: Place, plan: Plan): Promise<StepError | undefined> {
  const { clock, runner } = step.world;
  const capacityUntil = clock.now() + step.inputs.capacityWaitMs;
  for (let attempt = 0; ; attempt += 1) {
    const batch = await submit(step, place, plan, capacityUntil);
    if (!step.inputs.wait && !step.interrupt.raised) {
      handOver(step, batch);
      return undefined;
    }
    const end = await watch(step, place, batch);
    const full = end.kind === 'verdict' && end.verdict.code === 'CAPACITY_FULL';
    const pause = Math.min(capacityPause.first * 2 ** attempt, capacityPause.longest);
    if (!full || clock.now() + pause > capacityUntil) return endBatch(step, place, batch, end);
    runner.info(
      `The capacity had no room for the batch; it is submitted again in ${duration(pause)}.`,
    );
    await unlessInterrupted(step, clock.sleep(pause, step.interrupt.signal));
    if (await hasTwin(step, place, batch)) return endBatch(step, place, batch, end);
  }
}

/** A batch that an earlier step submitted: it is followed, or left alone where nobody waits. */
async function followToEnd(
  step: Step,
  place: Place,
  batch: FollowedBatch,
): Promise<StepError | undefined> {
  if (!step.inputs.wait && !step.interrupt.raised) {
    handOver(step, batch);
    return undefined;
  }
  return endBatch(step, place, batch, await watch(step, place, batch));
}

async function watch(step: Step, place: Place, batch: FollowedBatch): Promise<FollowEnd> {
  const { world, inputs, facts, interrupt } = step;
  const { timeoutMs, queueTimeoutMs, outageMs } = inputs;
  const end = await follow({
    runner: world.runner,
    clock: world.clock,
    random: world.random,
    signal: interrupt.signal,
    livy: place.livy,
    log: batch.log,
    progress: batch.progress,
    batchId: batch.id,
    acceptedAt: batch.acceptedAt,
    late: facts.submission === 'attached' || facts.submission === 'followed',
    limits: { timeoutMs, queueTimeoutMs, outageMs },
    facts,
    onFact: () => step.outputs.publish(facts),
  });
  facts.endedAt ??= world.clock.now();
  return end;
}

/** Bad input ends here, before anything was sent. */
function readOrExplain(runner: Runner, outputs: Outputs): Inputs | undefined {
  try {
    return readInputs(runner);
  } catch (thrown) {
    if (!(thrown instanceof StepError)) throw thrown;
    const nowhere = { name: '' };
    outputs.publish({
      result: 'NotStarted',
      errorCode: thrown.code,
      submission: 'none',
      workspace: nowhere,
      lakehouse: nowhere,
      file: '',
      requests: 0,
    });
    runner.error(errorText(thrown), 'Spark batch not started');
    return undefined;
  }
}

function firstFacts(inputs: Inputs, runner: Runner): RunFacts {
  const { job, workspace, lakehouse } = inputs;
  const env = (name: string): string => runner.env(name) ?? '';
  const commit = checkedOutCommit(env);
  return {
    result: 'NotStarted',
    submission: 'none',
    service: inputs.livyUrl === undefined ? 'Fabric' : 'Livy',
    workspace: { name: workspace },
    lakehouse: { name: lakehouse },
    file: job?.shown ?? '',
    sourceUrl: sourceUrl(env, commit),
    otherCommit: commit === undefined,
    requests: 0,
  };
}
