import type { Sent } from '../sent.ts';
import { earlierLegs, ownText, sentBy, type Check } from './truth.ts';

/** The step cannot know that this one started nothing. */
function mayHaveStarted({ outcome }: Sent): boolean {
  if (outcome === 'unknown' || outcome === 'aborted' || outcome === undefined) return true;
  return typeof outcome === 'number' && (outcome < 300 || outcome === 408 || outcome >= 500);
}

/** Never two POSTs that may both start a cluster, unless a second one was asked for. */
export const oneSubmit: Check = (trace, leg) => {
  const posts = sentBy(trace, leg).filter(({ target }) => target === 'submit');
  const again = leg.plan.inputs['on-unconfirmed'] === 'resubmit' ? 1 : 0;
  const wrong: string[] = [];
  if (posts.some(({ part }) => part === 'post')) wrong.push('post submitted');
  let doubtful = 0;
  for (const [index, post] of posts.entries()) {
    if (index === posts.length - 1 || !mayHaveStarted(post)) continue;
    const next = posts[index + 1];
    // What a gateway starts so late that no list holds it yet cannot be known (docs/guarantees.md).
    const made = trace.stage.fabric.every.filter(
      ({ id, listedAt }) =>
        id === post.made[0] || (post.made.includes(id) && listedAt < (next?.at ?? 0)),
    );
    // Turned away by a full capacity, and seen to be: nothing ran.
    const turnedAway =
      made.length > 0 &&
      made.every((batch) => {
        const { phase, endedAt, error } = batch.snapshot();
        return phase === 'error' && error !== undefined && (endedAt ?? Infinity) <= (next?.at ?? 0);
      });
    if (!turnedAway) doubtful += 1;
  }
  if (doubtful > again) wrong.push(`${doubtful + 1} POSTs that may each start a cluster`);
  if (leg.signalAt !== undefined && posts.some(({ at }) => at > (leg.signalAt ?? 0)))
    wrong.push('a POST after the signal');
  return wrong;
};

/** More than one batch of a submit in doubt: the others are cancelled, and the step is red. */
export const twinsAreTold: Check = (trace, leg) => {
  if (leg.end === 'killed' || leg.plan.kind !== 'run' || !leg.plan.post) return [];
  const own = trace.stage.batchesOf(leg.index);
  const doubted = sentBy(trace, leg).some(
    (sent) => sent.target === 'submit' && sent.made.length > 0 && sent.outcome === 'unknown',
  );
  if (own.length < 2 || !doubted || leg.main.outputs['batch-id'] === undefined) return [];
  const followed = leg.main.outputs['batch-id'];
  const others = own.filter((batch) => {
    const { phase, error } = batch.snapshot();
    return batch.id !== followed && !(phase === 'error' && error !== undefined);
  });
  // What the list never held while somebody looked cannot be known.
  const looks = wholeLooks(sentBy(trace, leg).filter(({ target }) => target === 'list'));
  const goneAt = (id: string): number => trace.stage.fabric.vanished.get(id) ?? Infinity;
  const seen = others.filter(({ id, listedAt }) =>
    looks.some(({ at }) => at > listedAt && at < goneAt(id)),
  );
  if (seen.length === 0) return [];
  if (leg.green && leg.postGreen)
    return [`a twin (${seen.map(({ id }) => id).join()}), and the step is green`];
  return seen
    .filter((batch) => batch.active && batch.cancels === 0)
    .filter(({ id }) => !leg.signalAt && !ownText(leg).includes(id))
    .map(({ id }) => `the twin ${id} runs and nobody was told`);
};

/** Requests of the list that were served, and so was the next page, where one was asked for at once. */
function wholeLooks(lists: readonly Sent[]): readonly Sent[] {
  const whole: Sent[] = [];
  let next: { at: number; whole: boolean } | undefined;
  for (const one of lists.toReversed()) {
    const served = one.outcome === 200 && one.fault === undefined;
    const goesOn = next !== undefined && next.at - (one.endedAt ?? one.at) < 1_000;
    const isWhole = served && (!goesOn || next?.whole === true);
    if (isWhole) whole.push(one);
    next = { at: one.at, whole: isWhole };
  }
  return whole;
}

/** No call touches a batch that is not the step's own. */
export const onlyOwn: Check = (trace, leg) => {
  const lineage = [leg, ...earlierLegs(trace, leg)];
  const own = new Set(
    lineage.flatMap(({ index }) => trace.stage.batchesOf(index).map(({ id }) => id)),
  );
  if (leg.named !== undefined) own.add(leg.named);
  const touched = sentBy(trace, leg).filter(({ batch }) => batch !== undefined && !own.has(batch));
  const wrong = touched.map(
    ({ method, batch }) => `${method} of ${batch ?? ''}, which is not ours`,
  );
  const cancelOn = leg.plan.inputs['cancel-on'];
  const deletes = sentBy(trace, leg).filter(
    ({ target, batch }) => target === 'cancel' && batch === leg.named,
  );
  if (leg.named !== undefined && cancelOn === undefined && deletes.length > 0)
    wrong.push('a batch that is only followed was cancelled');
  return [...new Set(wrong)];
};
