import { StepError, errorText } from './errors.ts';
import { readInputs, type Inputs } from './inputs.ts';
import { announcement } from './job/announce.ts';
import { connect, type World } from './job/connect.ts';
import { endBatch, endWithout } from './job/endings.ts';
import { follow, type FollowEnd } from './job/follow.ts';
import type { Interrupt } from './job/interrupt.ts';
import { conclude, Outputs } from './job/outcome.ts';
import { findPlace, type Place } from './job/place.ts';
import { planBatch, type Plan } from './job/plan.ts';
import { unlessInterrupted, type Step } from './job/step.ts';
import { submit, type OurBatch } from './job/submission.ts';
import { duration } from './report/duration.ts';
import type { RunFacts } from './report/facts.ts';
import type { Runner } from './runner.ts';

export interface JobParts {
  world: World;
  interrupt: Interrupt;
  /** A new 128-bit nonce as 32 hex digits. */
  newNonce: () => string;
}

/**
 * The story of a step, from inputs to verdict. Resolves to true when success is proven and to
 * false otherwise; by then the log, the outputs and the summary say why.
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
    resubmitted: false,
    followed: [],
    inputs,
    services,
    outputs,
    facts: firstFacts(inputs),
  };
  const error = await tell(step);
  Object.assign(step.facts, {
    requests: services.http.sent,
    errorCode: error?.code,
    message: error?.message,
    advice: error?.advice,
    requestId: error?.requestId,
  });
  await conclude(runner, outputs, step.facts, inputs, error);
  return step.facts.result === 'Succeeded' && error === undefined;
}

/** The chapters. Gives `undefined` when success is proven, else why the step is red. */
async function tell(step: Step): Promise<StepError | undefined> {
  const { runner } = step.world;
  let place: Place | undefined;
  try {
    for (const line of announcement(step.inputs)) runner.info(line);
    for (const warning of step.inputs.warnings) runner.warning(warning);
    place = await findPlace(step);
    const plan = await planBatch(step, place);
    return await runBatch(step, place, plan);
  } catch (thrown) {
    return endWithout(step, place, thrown);
  }
}

const capacityPause = { first: 30_000, longest: 120_000 };

/** Submits and follows; a batch that found the capacity full is submitted again while there is time. */
async function runBatch(step: Step, place: Place, plan: Plan): Promise<StepError | undefined> {
  const { clock, runner } = step.world;
  const capacityUntil = clock.now() + step.inputs.capacityWaitMs;
  for (let attempt = 0; ; attempt += 1) {
    const batch = await submit(step, place, plan, capacityUntil);
    const end = await watch(step, place, batch);
    const full = end.kind === 'verdict' && end.verdict.code === 'CAPACITY_FULL';
    const pause = Math.min(capacityPause.first * 2 ** attempt, capacityPause.longest);
    if (!full || clock.now() + pause > capacityUntil) return endBatch(step, place, batch, end);
    runner.info(
      `The capacity had no room for the batch; it is submitted again in ${duration(pause)}.`,
    );
    await unlessInterrupted(step, clock.sleep(pause, step.interrupt.signal));
  }
}

async function watch(step: Step, place: Place, batch: OurBatch): Promise<FollowEnd> {
  const { world, inputs, facts, interrupt } = step;
  const { timeoutMs, queueTimeoutMs, outageMs } = inputs;
  const end = await follow({
    runner: world.runner,
    clock: world.clock,
    random: world.random,
    signal: interrupt.signal,
    livy: place.livy,
    log: batch.log,
    batchId: batch.id,
    acceptedAt: batch.acceptedAt,
    limits: { timeoutMs, queueTimeoutMs, outageMs },
    facts,
    onFact: () => step.outputs.publish(facts),
  });
  facts.endedAt = world.clock.now();
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

function firstFacts(inputs: Inputs): RunFacts {
  const { file, workspace, lakehouse } = inputs;
  return {
    result: 'NotStarted',
    submission: 'none',
    workspace: { name: workspace },
    lakehouse: { name: lakehouse },
    file: file.kind === 'local' ? file.shown : file.kind === 'lakehouse' ? file.path : file.uri,
    requests: 0,
  };
}
