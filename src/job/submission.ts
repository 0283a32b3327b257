import { join } from 'node:path';
import { StepError } from '../errors.ts';
import { batchBody, type RunIdentity } from '../livy/request.ts';
import { submitOnce } from '../livy/submit.ts';
import { duration } from '../report/duration.ts';
import type { Runner } from '../runner.ts';
import { LiveLog } from './live-log.ts';
import { runUrl, type Place } from './place.ts';
import type { Plan } from './plan.ts';
import { save } from './saved-state.ts';
import { Interrupted, type Step } from './step.ts';

/** A batch of ours that Fabric accepted. */
export interface OurBatch {
  id: string;
  acceptedAt: number;
  log: LiveLog;
}

/** Submits under a nonce. Throws `StepError`, or `Interrupted` when nothing was sent. */
export async function submit(
  step: Step,
  place: Place,
  plan: Plan,
  nonce: string,
  capacityUntil: number,
): Promise<OurBatch> {
  const { world, facts, interrupt } = step;
  const { runner, clock, random } = world;
  const body = batchBody(plan.batch, nonce, runIdentity(runner, step.inputs.runKey), plan.contents);
  // An earlier batch of this step is over by now; from here on post looks for this one, by its nonce.
  if (facts.batchId !== undefined) save(runner, 'batchId', '');
  save(runner, 'nonce', nonce);
  Object.assign(facts, { batchName: body.name, batchId: undefined, result: 'Unknown' });
  step.outputs.publish(facts);
  const onWait = (why: string, milliseconds: number): void =>
    runner.info(`Waiting up to ${duration(milliseconds)}: ${why}.`);
  const parts = {
    livy: place.livy,
    clock,
    random,
    signal: interrupt.signal,
    capacityUntil,
    onWait,
  };
  // Every reply so far proved that nothing was started: there is nothing for post to look for.
  const nothingStarted = (): void => save(runner, 'nonce', '');
  const submitted = await submitOnce(parts, body, nonce).catch((thrown: unknown) => {
    if (!(thrown instanceof StepError)) throw thrown;
    if (thrown.code === 'SUBMIT_UNCONFIRMED') {
      facts.submission = 'unconfirmed';
      // After a signal cancel-on decides, as for any other batch of ours.
      if (!interrupt.raised) save(runner, 'cause', 'unconfirmed');
    } else {
      nothingStarted();
    }
    throw thrown;
  });
  if (submitted.kind === 'interrupted') {
    nothingStarted();
    throw new Interrupted();
  }
  save(runner, 'batchId', submitted.id);
  const folder = join(runner.env('RUNNER_TEMP') ?? '.', 'fabric-spark-batch', nonce);
  const address = {
    workspaceId: place.workspaceId,
    lakehouseId: place.lakehouseId,
    batchId: submitted.id,
  };
  const log = new LiveLog({
    runner,
    clock,
    fabric: step.services.fabric,
    address,
    secrets: step.services.secrets,
    folder,
    shown: step.inputs.logs,
  });
  Object.assign(facts, {
    batchId: submitted.id,
    submission: submitted.how,
    state: submitted.status.state,
    runUrl: runUrl(step.inputs, place.lakehouseId, submitted.id),
    logPath: folder,
    acceptedAt: submitted.at,
    startingAt: undefined,
    runningAt: undefined,
    endedAt: undefined,
    applicationId: undefined,
  });
  runner.info(`Batch:       ${body.name} (${submitted.how}), id ${submitted.id}`);
  runner.info(`Run:         ${facts.runUrl ?? ''}`);
  step.outputs.publish(facts);
  return { id: submitted.id, acceptedAt: submitted.at, log };
}

function runIdentity(runner: Runner, runKey: string): RunIdentity {
  const env = (name: string): string => runner.env(name) ?? '';
  return {
    serverUrl: env('GITHUB_SERVER_URL'),
    repository: env('GITHUB_REPOSITORY'),
    workflow: env('GITHUB_WORKFLOW'),
    runId: env('GITHUB_RUN_ID'),
    attempt: env('GITHUB_RUN_ATTEMPT'),
    runKey,
  };
}
