import { join } from 'node:path';
import { StepError } from '../errors.ts';
import { batchBody, type RunIdentity } from '../livy/request.ts';
import { submitOnce, type Submitted } from '../livy/submit.ts';
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

/**
 * Submits; where the fate of the submit stays unknown, `on-unconfirmed` says whether once more,
 * under a new nonce. Throws `StepError`, or `Interrupted` when nothing was sent.
 */
export async function submit(
  step: Step,
  place: Place,
  plan: Plan,
  capacityUntil: number,
): Promise<OurBatch> {
  const { inputs, interrupt, world } = step;
  const nonce = step.followed.length === 0 ? step.firstNonce : step.newNonce();
  const first = await submitUnder(step, place, plan, nonce, capacityUntil);
  if (first.kind === 'accepted') return ours(step, place, first);
  const again =
    inputs.onUnconfirmed === 'resubmit' &&
    !first.accepted &&
    !step.resubmitted &&
    !interrupt.raised;
  unconfirmed(step);
  if (!again) throw first.error;
  step.resubmitted = true;
  world.runner.warning(
    `${first.error.message} It is submitted once more, as on-unconfirmed says; a batch of the first submit that still appears is cancelled.`,
  );
  const second = await submitUnder(step, place, plan, step.newNonce(), capacityUntil);
  if (second.kind === 'unconfirmed') throw second.error;
  save(world.runner, 'cause', '');
  return ours(step, place, second);
}

function unconfirmed(step: Step): void {
  step.facts.submission = 'unconfirmed';
  // After a signal cancel-on decides, as for any other batch of ours.
  if (!step.interrupt.raised) save(step.world.runner, 'cause', 'unconfirmed');
}

type Accepted = Extract<Submitted, { kind: 'accepted' }> & { nonce: string; name: string };
type Unconfirmed = Extract<Submitted, { kind: 'unconfirmed' }>;

async function submitUnder(
  step: Step,
  place: Place,
  plan: Plan,
  nonce: string,
  capacityUntil: number,
): Promise<Accepted | Unconfirmed> {
  const { world, facts, interrupt } = step;
  const { runner, clock, random } = world;
  const body = batchBody(plan.batch, nonce, runIdentity(runner, step.inputs.runKey), plan.contents);
  // An earlier batch of this step is over by now; from here on post looks for this one, by its nonce.
  if (step.followed.length > 0) {
    save(runner, 'earlier', step.followed.join(','));
    save(runner, 'batchId', '');
  }
  save(runner, 'nonce', nonce);
  Object.assign(facts, { batchName: body.name, batchId: undefined, result: 'Unknown' });
  step.outputs.publish(facts);
  const parts = {
    livy: place.livy,
    clock,
    random,
    signal: interrupt.signal,
    capacityUntil,
    onWait: (why: string, milliseconds: number) =>
      runner.info(`Waiting up to ${duration(milliseconds)}: ${why}.`),
    onDoubt: () => {
      step.doubts.push(nonce);
      save(runner, 'doubts', step.doubts.join(','));
    },
  };
  // Every reply so far proved that nothing was started: there is nothing for post to look for.
  const nothingStarted = (): void => save(runner, 'nonce', '');
  const submitted = await submitOnce(parts, body, nonce).catch((thrown: unknown) => {
    if (thrown instanceof StepError) nothingStarted();
    throw thrown;
  });
  if (submitted.kind === 'interrupted') {
    nothingStarted();
    throw new Interrupted();
  }
  if (submitted.kind === 'unconfirmed') return submitted;
  save(runner, 'batchId', submitted.id);
  step.followed.push(submitted.id);
  return { ...submitted, nonce, name: body.name };
}

/** A batch that Fabric accepted: its facts are told, and its log can be followed. */
function ours(step: Step, place: Place, submitted: Accepted): OurBatch {
  const { world, facts } = step;
  const { runner, clock } = world;
  const { nonce, name } = submitted;
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
    limit: step.inputs.logLimit,
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
  runner.info(`Batch:       ${name} (${submitted.how}), id ${submitted.id}`);
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
