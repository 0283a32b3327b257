import type { Batch } from '../../../local/api/batch.ts';
import type { LegTrace } from '../leg.ts';
import type { Trace } from '../stage.ts';
import { hasEvent, minute, ownText, sentBy, type Check } from './truth.ts';

const patience = 4 * minute;

/** What kept post from ending a batch: its own requests went wrong, or the batch does not listen. */
function hindered(trace: Trace, leg: LegTrace): boolean {
  const faults = sentBy(trace, leg, 'post').some(
    ({ fault, outcome }) => fault !== undefined || outcome === 429,
  );
  const slow = trace.schedule.settings.some(({ kind }) =>
    ['quota', 'read-lag', 'oidc-ends'].includes(kind),
  );
  return faults || slow || Number(leg.plan.inputs['requests-per-minute'] ?? 120) < 30;
}

function cancelHeld(leg: LegTrace): boolean {
  const { 'cancel-on': cancelOn = 'cancel,timeout' } = leg.plan.inputs;
  const { result, 'error-code': code } = leg.main.outputs;
  if (leg.end === 'killed')
    return leg.main.states['settled'] === undefined && cancelOn.includes('cancel');
  if (result === 'TimedOut') return cancelOn.includes('timeout');
  return code === 'CANCELLED' && cancelOn.includes('cancel');
}

/** A batch that is to be ended, and whose id or nonce post knows, has ended after post, if it listens. */
export const postEndsIt: Check = (trace, leg) => {
  const id = leg.main.states['batch-id'];
  if (!leg.post || leg.plan.kind !== 'run' || !cancelHeld(leg) || hindered(trace, leg)) return [];
  const deaf = ['deaf-to-cancel', 'slow-cancel', 'vanished'].some((kind) =>
    hasEvent(trace, leg, kind),
  );
  const batch = trace.stage.fabric.every.find((one) => one.id === id);
  return batch?.active === true && !deaf
    ? [`the batch ${batch.id} runs on after post, which nothing hindered`]
    : [];
};

/** What post says of a batch is so; and it waits for its end before it says that it runs on. */
export const postTellsTruth: Check = (trace, leg) => {
  const { post, postStartedAt = 0, postEndedAt = 0 } = leg;
  if (!post) return [];
  const text = post.ownLines.join('\n');
  const said = (batch: Batch, words: string): boolean =>
    new RegExp(`Batch ${batch.id}: ${words}`).test(text);
  const took = postEndedAt - postStartedAt;
  return trace.stage.batchesOf(leg.index).flatMap((batch) => {
    const wrong: string[] = [];
    const { endedAt } = batch.snapshot();
    if (said(batch, 'stopped') && batch.active)
      wrong.push('post says stopped of a batch that runs');
    const hidden = hasEvent(trace, leg, 'unknown-word-lasting');
    const runsOn = said(batch, '(STILL RUNNING|stopping)');
    if (runsOn && took < patience) wrong.push(`post gave up after ${Math.round(took / 1_000)} s`);
    const over = endedAt !== undefined && endedAt < postEndedAt - minute;
    if (runsOn && over && !hidden && !hindered(trace, leg))
      wrong.push('post says that a batch runs on which ended a minute ago');
    if (runsOn && !text.includes(`/${batch.id}?`)) wrong.push('post gives no link');
    if (
      said(batch, 'not found, may still appear') &&
      !trace.stage.fabric.vanished.has(batch.id) &&
      !hindered(trace, leg)
    )
      wrong.push('post does not find a batch that is there');
    return wrong;
  });
};

/** Words with which the log says that a batch may run on. */
const runsOn =
  /STILL RUNNING|stopping|left running|may still appear|may still be running|may have started|was accepted|TWIN|had started/;

/** After main and post no batch of ours runs, or the log says so with the link. */
export const nothingLeft: Check = (trace, leg) => {
  if (!leg.plan.post || leg.plan.kind !== 'run') return [];
  const { result = '' } = leg.main.outputs;
  if (leg.plan.inputs['wait'] === 'false' && result === 'Submitted') return [];
  const text = ownText(leg);
  const own = trace.stage.batchesOf(leg.index);
  return own
    .filter((batch) => batch.active)
    .filter((batch) => {
      const { id, request, listedAt } = batch;
      const digits = request.tags?.['submission']?.slice(0, 12) ?? '';
      const named = text.includes(`/${id}?`) || text.includes(id) || text.includes(digits);
      const told = text.split('\n').some((line) => runsOn.test(line)) || result === 'Unknown';
      if (named && told) return false;
      // A twin, or one that Fabric forgot, which no list held while anybody looked (docs/guarantees.md).
      const goneAt = trace.stage.fabric.vanished.get(id) ?? Infinity;
      const looked = sentBy(trace, leg).some(
        ({ target, at, outcome, fault }) =>
          target === 'list' &&
          outcome === 200 &&
          fault === undefined &&
          at > listedAt &&
          at < goneAt,
      );
      return (own[0] === batch && goneAt === Infinity) || looked;
    })
    .map(({ id }) => `the batch ${id} runs on, and the log does not say so`);
};
