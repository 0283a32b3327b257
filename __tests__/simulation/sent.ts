import type { RequestFaultKind, Target } from './plan.ts';

/** One request as the network saw it. Times are milliseconds since the epoch. */
export interface Sent {
  at: number;
  target: Target;
  method: string;
  url: string;
  /** The batch that it is about. */
  batch: string | undefined;
  leg: number;
  part: 'main' | 'post';
  /** A cancel, which waits for nothing. */
  urgent: boolean;
  /** One whose pause is its own. */
  optional: boolean;
  fault: RequestFaultKind | undefined;
  phase: string;
  /** What the step got, and when: a status, or why there was none. */
  outcome: number | 'not-sent' | 'unknown' | 'aborted' | undefined;
  endedAt: number | undefined;
  /** The service did what was asked. */
  effect: boolean;
  /** Until when the reply asked for no more requests. */
  pauseUntil: number | undefined;
  /** Ids of the batches that a submit made. */
  made: string[];
}

/** What is not known of a request as it leaves. */
export const nothingYet = {
  batch: undefined,
  urgent: false,
  optional: false,
  outcome: undefined,
  endedAt: undefined,
  effect: false,
  pauseUntil: undefined,
};
