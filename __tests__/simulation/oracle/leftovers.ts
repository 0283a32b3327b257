import type { LegTrace } from '../leg.ts';
import type { Trace } from '../stage.ts';
import { hasEvent, minute, sentBy, type Check } from './truth.ts';

/** Within a second of the signal a batch whose id is known gets its DELETE, if it is ours to end. */
export const cancelAtOnce: Check = (trace, leg) => {
  const { signalAt, main } = leg;
  const cancelOn = leg.plan.inputs['cancel-on'] ?? (leg.named === undefined ? 'cancel' : 'never');
  const id = main.outputs['batch-id'] ?? leg.named;
  if (signalAt === undefined || leg.end === 'killed' || !cancelOn.includes('cancel')) return [];
  const own = sentBy(trace, leg, 'main');
  const known = own.find(
    ({ target, made, batch, endedAt, outcome, fault }) =>
      fault === undefined &&
      typeof outcome === 'number' &&
      outcome < 300 &&
      (target === 'submit'
        ? id !== undefined && made.includes(id)
        : target === 'status' && batch === id) &&
      (endedAt ?? Infinity) < signalAt,
  );
  // Where `batch-id` names it the id is known as soon as the place is.
  const named = leg.named !== undefined && main.states['batch-id'] === leg.named;
  if (!known && !named) return [];
  // What had ended by then needs none.
  const ended = trace.stage.fabric.every.find((batch) => batch.id === id)?.snapshot().endedAt;
  if (ended !== undefined && ended <= signalAt) return [];
  const result = main.outputs['result'] ?? '';
  const before = own.some(({ target, at }) => target === 'cancel' && at <= signalAt);
  if (before || !['Cancelled', 'Unknown'].includes(result)) return [];
  if (main.outputs['error-code'] !== 'CANCELLED') return [];
  const sent = own.some(
    ({ target, batch, at }) =>
      target === 'cancel' && batch === id && at >= signalAt && at <= signalAt + 1_000,
  );
  return sent ? [] : ['no DELETE within a second of the signal'];
};

/** Main and post end within their limits. */
export const endsInTime: Check = (trace, leg) => {
  const wrong: string[] = [];
  const { signalAt, endedAt } = leg;
  if (leg.end === 'in-time' && signalAt !== undefined && endedAt - signalAt > 8_800)
    wrong.push('main outlived its signal');
  const post = (leg.postEndedAt ?? 0) - (leg.postStartedAt ?? 0);
  if (post > 9 * minute) wrong.push(`post took ${Math.round(post / 1_000)} s`);
  if (leg.end !== 'itself') return wrong;
  const { outputs } = leg.main;
  const batch = trace.stage.fabric.every.find(({ id }) => id === outputs['batch-id']);
  const limit = Number(leg.plan.inputs['timeout-minutes'] ?? 0) * minute;
  const first = sentBy(trace, leg, 'main').find(
    ({ target, batch: of }) => target === 'cancel' && of === batch?.id,
  );
  if (limit > 0 && batch && leg.plan.kind === 'run' && outputs['result'] === 'TimedOut') {
    // A limit that passed while a lost submit was searched for can come only once its batch is known.
    const knownAt = sentBy(trace, leg, 'main').find(({ batch: of }) => of === batch.id)?.at ?? 0;
    const due = Math.max(batch.acceptedAt + limit, knownAt);
    const late = (first?.at ?? endedAt) - due;
    // Where no cancel is asked for, only the end of the step shows that the limit came.
    const slack = first ? 3 : isThrottled(trace, leg) ? 30 : 8;
    if (late > slack * minute && outputs['submission'] !== 'attached')
      wrong.push(`the time limit of ${limit / minute} min came ${Math.round(late / 1_000)} s late`);
  }
  const over = batch?.snapshot().endedAt;
  const seen = sentBy(trace, leg, 'main').find(
    ({ target, outcome, fault, at, batch: of }) =>
      target === 'status' &&
      outcome === 200 &&
      fault === undefined &&
      of === batch?.id &&
      at >= (over ?? Infinity),
  );
  // From the reading that proves the end on: what settles, the twin's list, the rest of the log.
  const hidden = hasEvent(trace, leg, 'unknown-word-lasting');
  // An identity that is throttled, or has a small budget, waits for its turns (docs/guarantees.md).
  const turns = isThrottled(trace, leg) ? 30 : 5;
  // Words that want another reading, and a status that cannot be read from then on.
  const unread = sentBy(trace, leg, 'main').some(
    ({ target, at, fault }) =>
      target === 'status' && fault !== undefined && at > (seen?.at ?? Infinity),
  );
  const longest = turns + (unread ? Number(leg.plan.inputs['outage-minutes'] ?? 30) : 0);
  // One that found the capacity full was submitted again: that has a limit of its own.
  const again = sentBy(trace, leg, 'main').findLast(
    ({ target, at }) => target === 'submit' && at > (over ?? Infinity),
  );
  const since = Math.max(seen?.at ?? 0, again?.at ?? 0);
  if (seen && !hidden && endedAt - since > longest * minute)
    wrong.push(`the step ended ${Math.round((endedAt - since) / 1_000)} s after it saw the end`);
  return wrong;
};

function isThrottled(trace: Trace, leg: LegTrace): boolean {
  const { inputs } = leg.plan;
  const budget = Number(inputs['requests-per-minute'] ?? 120) / Number(inputs['job-total'] ?? 1);
  const asked = sentBy(trace, leg, 'main').some(
    ({ outcome, pauseUntil }) => outcome === 429 || pauseUntil !== undefined,
  );
  return budget < 20 || asked;
}
