import type { ErrorCode } from '../errors.ts';
import type { BatchStatus } from './status.ts';

/** An end that the service's own words prove, or that they can no longer disprove. */
export interface Verdict {
  result: 'Succeeded' | 'Failed' | 'Cancelled' | 'Unknown' | 'NotStarted';
  code?: ErrorCode;
  /** True when the batch is proven to have ended, so that its uploads may go. */
  terminal: boolean;
}

/** What one reading says. `settle`: read again for so many milliseconds, then `then` stands. */
export type Reading =
  | { kind: 'verdict'; verdict: Verdict }
  | { kind: 'settle'; milliseconds: number; then: Verdict }
  | { kind: 'undecided'; unknownWord?: string | undefined };

const stateWordsOnTheWay = new Set(
  'not_submitted submitting not_started starting running recovering busy idle shutting_down'.split(
    ' ',
  ),
);
const resultWordsOnTheWay = new Set(['uncertain']);
const fabricWordsOnTheWay = new Set(
  'unknown queued librarypackaging submitting cancelling'.split(' '),
);

const proofSettles = 15_000;
const conflictSettles = 60_000;
const endWithoutWordSettles = 60_000;

const capacityError = /TooManyRequestsForCapacity|HTTP Response code 430/i;

/** True when the batch ended because the capacity had no room, and no application ever started. */
export function isCapacityRefusal(status: BatchStatus): boolean {
  if (status.appId !== undefined || status.runningAt !== undefined) return false;
  return status.messages.some((message) => capacityError.test(message));
}

/**
 * The verdict table (design, section 3), one reading at a time; words are compared without case.
 * Pure: what has to last a while is told as `settle`, and `Judge` keeps the time.
 */
export function read(status: BatchStatus): Reading {
  const state = status.state?.toLowerCase();
  const result = status.result?.toLowerCase();
  const fabric = status.fabricState?.toLowerCase();
  const success = state === 'success' || result === 'succeeded';
  const failure =
    state === 'dead' || state === 'error' || result === 'failed' || fabric === 'error';
  const cancel =
    state === 'killed' || state === 'cancelled' || result === 'cancelled' || fabric === 'cancelled';
  if (success && (failure || cancel || fabric === 'expired')) {
    return {
      kind: 'settle',
      milliseconds: conflictSettles,
      then: { result: 'Failed', code: 'STATE_CONFLICT', terminal: true },
    };
  }
  const unknownEnd =
    unknown(state, stateWordsOnTheWay, 'success') ??
    unknown(result, resultWordsOnTheWay, 'succeeded');
  // A word that nobody knows may speak against the proof: it is watched until it is known or goes.
  if (success && unknownEnd === undefined) return provenSuccess(state, result, fabric);
  const unknownWord = unknownEnd ?? unknown(fabric, fabricWordsOnTheWay);
  if (cancel) return decided({ result: 'Cancelled', code: 'CANCELLED_ELSEWHERE', terminal: true });
  if (failure) {
    return isCapacityRefusal(status)
      ? decided({ result: 'NotStarted', code: 'CAPACITY_FULL', terminal: true })
      : decided({ result: 'Failed', code: 'BATCH_FAILED', terminal: true });
  }
  if (fabric === 'expired')
    return decided({ result: 'NotStarted', code: 'QUEUE_EXPIRED', terminal: true });
  if (status.endedAt !== undefined) {
    return {
      kind: 'settle',
      milliseconds: endWithoutWordSettles,
      then: { result: 'Unknown', code: 'UNKNOWN_STATE', terminal: false },
    };
  }
  return { kind: 'undecided', unknownWord };
}

function decided(verdict: Verdict): Reading {
  return { kind: 'verdict', verdict };
}

function unknown(
  word: string | undefined,
  known: ReadonlySet<string>,
  proof?: string,
): string | undefined {
  return word === undefined || word === proof || known.has(word) ? undefined : word;
}

function provenSuccess(
  state: string | undefined,
  result: string | undefined,
  fabric: string | undefined,
): Reading {
  const verdict: Verdict = { result: 'Succeeded', terminal: true };
  const other = state === 'success' ? result : state;
  const agreed =
    (other === undefined || other === 'success' || other === 'succeeded') && fabric === undefined;
  return agreed ? decided(verdict) : { kind: 'settle', milliseconds: proofSettles, then: verdict };
}

/** True for a batch that is proven to have ended, however it ended. */
export function isOver(status: BatchStatus): boolean {
  const reading = read(status);
  if (reading.kind === 'verdict') return reading.verdict.terminal;
  return reading.kind === 'settle' && reading.then.terminal;
}

/** True for a batch that somebody has cancelled and that has not ended yet. */
export function isBeingCancelled(status: BatchStatus): boolean {
  return status.fabricState?.toLowerCase() === 'cancelling' && !isOver(status);
}

/** True when the application of the batch is known to have started: an id, its time, or Livy's word. */
export function hasStarted(status: BatchStatus): boolean {
  const { appId, runningAt, state } = status;
  const word = /^(running|busy|idle|recovering|shutting_down)$/i.test(state ?? '');
  return appId !== undefined || runningAt !== undefined || word;
}

/** The judge keeps the times of the table: how long a conflict, a word or a 404 has lasted. */
export class Judge {
  readonly #outageMs: number;
  #settling: { then: Verdict; since: number } | undefined;
  #unknownSince: number | undefined;
  #missingSince: number | undefined;
  #warned = new Set<string>();
  #hadApplication = false;

  constructor(outageMs: number) {
    this.#outageMs = outageMs;
  }

  /**
   * Takes a reading at `now` (milliseconds). `signOfLife`: the log grew since the last reading.
   * A word that is seen for the first time and is not known is returned once as `newWord`.
   */
  take(
    status: BatchStatus,
    now: number,
    signOfLife: boolean,
  ): { verdict?: Verdict; newWord?: string } {
    this.#missingSince = undefined;
    this.#hadApplication ||= hasStarted(status);
    const reading = read(status);
    if (reading.kind === 'verdict') return { verdict: this.#remembering(reading.verdict) };
    if (reading.kind === 'settle') return this.#settle(reading, now);
    this.#settling = undefined;
    const word = reading.unknownWord;
    const wordless =
      status.state === undefined && status.result === undefined && status.fabricState === undefined;
    if ((word === undefined && !wordless) || signOfLife) this.#unknownSince = undefined;
    else this.#unknownSince ??= now;
    if (this.#unknownSince !== undefined && now - this.#unknownSince >= this.#outageMs) {
      return { verdict: { result: 'Unknown', code: 'UNKNOWN_STATE', terminal: false } };
    }
    if (word === undefined || this.#warned.has(word)) return {};
    this.#warned.add(word);
    return { newWord: word };
  }

  /** A proof was read that has to last a while: until then no limit may overtake it. */
  get settling(): boolean {
    return this.#settling !== undefined;
  }

  /** A batch whose application was seen has started, whatever its last reading leaves out. */
  #remembering(verdict: Verdict): Verdict {
    const refused = verdict.code === 'CAPACITY_FULL' && this.#hadApplication;
    return refused ? { result: 'Failed', code: 'BATCH_FAILED', terminal: true } : verdict;
  }

  /** The batch was not found (404). True once every reading of 60 s said so: time to search the list. */
  missing(now: number): boolean {
    this.#missingSince ??= now;
    return now - this.#missingSince >= conflictSettles;
  }

  #settle(reading: { milliseconds: number; then: Verdict }, now: number): { verdict?: Verdict } {
    if (
      this.#settling?.then.result !== reading.then.result ||
      this.#settling.then.code !== reading.then.code
    ) {
      this.#settling = { then: reading.then, since: now };
    }
    return now - this.#settling.since >= reading.milliseconds ? { verdict: reading.then } : {};
  }
}
