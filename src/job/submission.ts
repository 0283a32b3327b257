import { StepError } from '../errors.ts';
import { batchBody } from '../livy/request.ts';
import { submitOnce, type Submitted } from '../livy/submit.ts';
import { duration } from '../report/duration.ts';
import { beginBatch, type FollowedBatch } from './batch.ts';
import { requestCancel } from './cancel.ts';
import type { Place } from './place.ts';
import type { Plan } from './plan.ts';
import { runIdentity } from './run-identity.ts';
import { save } from './saved-state.ts';
import { Interrupted, type Step } from './step.ts';

/**
 * Submits; where the fate of the submit stays unknown, `on-unconfirmed` says whether once more,
 * under a new nonce. Throws `StepError`, or `Interrupted` when nothing was sent.
 */
export async function submit(
  step: Step,
  place: Place,
  plan: Plan,
  capacityUntil: number,
): Promise<FollowedBatch> {
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
  // Where names are unique the same one cannot start a second batch.
  const nextNonce = place.livy.dialect.uniqueNames ? nonce : step.newNonce();
  const second = await submitUnder(step, place, plan, nextNonce, capacityUntil);
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
  const identity = runIdentity(step);
  const body = batchBody(plan.batch, nonce, identity, plan.contents, {
    detached: !step.inputs.wait,
    // A later submit of the step uses the uploads of its first one.
    ...(plan.uploads.length > 0 && nonce !== step.firstNonce ? { upload: step.firstNonce } : {}),
  });
  // An earlier batch of this step is over by now; from here on post looks for this one, by its nonce.
  if (step.followed.length > 0) {
    save(runner, 'earlier', step.followed.join(','));
    save(runner, 'batchId', '');
  }
  save(runner, 'nonce', nonce);
  save(runner, 'batchName', body.name);
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
      if (!step.doubts.includes(nonce)) step.doubts.push(nonce);
      save(runner, 'doubts', step.doubts.join(','));
      save(runner, 'doubtedAt', String(clock.now()));
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
  save(runner, 'ownership', submitted.how);
  place.livy.known(submitted.id, body.name);
  step.followed.push(submitted.id);
  for (const twin of submitted.twins ?? []) {
    step.twins.push(twin);
    // The verdict tells of it, and asks again.
    void requestCancel(place.livy, clock, twin, false);
  }
  return { ...submitted, nonce, name: body.name };
}

/** A batch that Fabric accepted, ready to be followed. */
function ours(step: Step, place: Place, submitted: Accepted): FollowedBatch {
  const { runId, attempt } = runIdentity(step);
  const { id, how, status, at, name, nonce } = submitted;
  const words = { submission: nonce, runId, attempt };
  return beginBatch(step, place, { id, how, status, acceptedAt: at, name, words });
}
