import type { Batch } from '../../../local/api/batch.ts';
import type { LegTrace } from '../leg.ts';
import type { Sent } from '../sent.ts';
import type { Trace } from '../stage.ts';

/** One promise, held against what happened to a leg. Gives what breaks it, in words. */
export type Check = (trace: Trace, leg: LegTrace) => string[];

export const minute = 60_000;

/** The requests of a leg, oldest first. */
export function sentBy(trace: Trace, leg: LegTrace, part?: 'main' | 'post'): Sent[] {
  return trace.stage.network.journal.filter(
    (sent) => sent.leg === leg.index && (part === undefined || sent.part === part),
  );
}

/** The batch that a leg says it followed, with the engine's truth. */
export function followedBatch(trace: Trace, leg: LegTrace): Batch | undefined {
  const id = leg.main.outputs['batch-id'];
  return trace.stage.fabric.every.find((batch) => batch.id === id);
}

/** Does an event of this kind happen to a batch that a leg, or the one before it, submitted? */
export function hasEvent(trace: Trace, leg: LegTrace, kind: string): boolean {
  const legs = [leg.index, leg.plan.afterLeg];
  return trace.schedule.batches.some((event) => legs.includes(event.leg) && event.kind === kind);
}

/** All that a reader of the log of main and post sees of our own lines. */
export function ownText(leg: LegTrace): string {
  return [...leg.main.ownLines, ...(leg.post?.ownLines ?? [])].join('\n');
}

/** Legs of the same workflow run that ran before this one. */
export function earlierLegs(trace: Trace, leg: LegTrace): LegTrace[] {
  const before = leg.plan.afterLeg;
  return before === undefined ? [] : trace.legs.filter(({ index }) => index === before);
}
