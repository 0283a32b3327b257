import { hosts } from '../requests.ts';
import { minute, sentBy, type Check } from './truth.ts';

/** No more requests in any minute than the budget allows, and none while a pause lasts that was told. */
export const withinBudget: Check = (trace, leg) => {
  const { inputs } = leg.plan;
  const budget = Number(inputs['requests-per-minute'] ?? 120) / Number(inputs['job-total'] ?? 1);
  const most = Math.max(1, Math.floor(budget));
  const wrong = new Set<string>();
  for (const part of ['main', 'post'] as const) {
    const sent = sentBy(trace, leg, part).filter(
      ({ url, outcome, at, endedAt }) =>
        url.startsWith(hosts.fabric) &&
        outcome !== undefined &&
        // Given up in the instant of its start, by a signal: nothing of it was on the wire.
        !(outcome === 'aborted' && endedAt === at),
    );
    const pauses = sent.filter(
      ({ pauseUntil, outcome }) => pauseUntil !== undefined && typeof outcome === 'number',
    );
    let oldest = 0;
    for (const [index, one] of sent.entries()) {
      while ((sent[oldest]?.at ?? Infinity) <= one.at - minute) oldest += 1;
      if (one.urgent) continue;
      if (index - oldest + 1 > most)
        wrong.add(`${index - oldest + 1} requests in a minute, of ${most} (${part})`);
      // What was told last counts; to an optional request, for such ones alone.
      const told = (optional: boolean): number =>
        pauses.findLast((by) => by.optional === optional && (by.endedAt ?? Infinity) < one.at)
          ?.pauseUntil ?? 0;
      if (one.at < told(false) || (one.optional && one.at < told(true)))
        wrong.add(`a ${one.target} within a pause that was told (${part})`);
    }
  }
  return [...wrong];
};

/** No pause that stages ask for holds anything else: requests go on, or the step ends. */
export const stagesHoldNothing: Check = (trace, leg) => {
  const others = sentBy(trace, leg, 'main').filter(({ target }) => target !== 'stages');
  // Where another asks for a pause as well, that one is kept by all.
  if (others.some(({ pauseUntil, outcome }) => pauseUntil !== undefined || outcome === 429))
    return [];
  const held = sentBy(trace, leg, 'main').filter(({ target, pauseUntil, endedAt }) => {
    if (target !== 'stages' || pauseUntil === undefined || endedAt === undefined) return false;
    const next = others.find(({ at }) => at > endedAt)?.at ?? leg.endedAt;
    return Math.min(next, pauseUntil) - endedAt > 2 * minute;
  });
  return held.length === 0 ? [] : ['a pause that stages asked for held the step'];
};
