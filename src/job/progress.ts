import { within, type Clock } from '../clock.ts';
import type { Monitoring } from '../fabric/monitoring.ts';
import { messageOf } from '../errors.ts';
import type { Answer } from '../http/client.ts';
import { retryAt } from '../http/retry-after.ts';
import type { RunFacts, SparkStage } from '../report/facts.ts';
import { sessionRecord } from '../report/session.ts';
import { sparkStages } from '../report/stages.ts';
import { StageNews } from './stage-news.ts';

export interface ProgressParts {
  clock: Clock;
  monitoring: Monitoring;
  /** What messages call the service. */
  service: string;
  facts: RunFacts;
  /** Takes out of a text what must not show. */
  hide: (text: string) => string;
}

/** The first reading so long after the application is known; then 10 % of the age apart; milliseconds. */
const reading = { first: 15_000, shortest: 30_000, longest: 180_000, share: 0.1 };
/** A reading takes no longer than this; all of the last ones together neither. */
const longestReading = 10_000;
/** A list as long as this many bytes a second, and the next reading waits for its share. */
const bytesPerSecond = 64 * 1024;
/** Pauses after failures double up to this; so many in a row, and no more is asked. */
const failing = { longest: 600_000, most: 5 };
/** What a tick may ask for: the status and both logs. */
const requestsOfTick = 3;
/** Answers that may say until when the service wants to be left alone. */
const busy: ReadonlySet<number> = new Set([429, 503]);
/** Answers that another try does not change. */
const refusals: ReadonlySet<number> = new Set([400, 403, 405, 410, 501]);
/** After the end the list may lag, or be somebody else's for a moment: it is read again, so often. */
const lastReadings = { most: 3, apart: 2_000 };

/**
 * What Spark's stages do while the batch is followed, and what the summary tells of them. It runs beside
 * the ticks, within what the budget leaves, and nothing that happens to it, a fault of its own included, is
 * a reason to fail or to wait (rules 3 and 7).
 */
export class Progress {
  readonly #parts: ProgressParts;
  readonly #stopped = new AbortController();
  #application: string | undefined;
  #knownAt = 0;
  #nextAt = 0;
  /** Until when the service wants to be left alone with these requests. */
  #pausedUntil = 0;
  #underWay = false;
  #failures = 0;
  #off = false;
  #everRead = false;
  #news = new StageNews();
  #lines: string[] = [];

  constructor(parts: ProgressParts) {
    this.#parts = parts;
  }

  /**
   * Begins a reading beside the pause of a tick, if one is due and the budget has room beside the ticks.
   * `pause`: until the next tick; `age`: of the application; milliseconds.
   */
  begin(application: string, pause: number, age: number, signal: AbortSignal): void {
    try {
      this.#begin(application, pause, age, signal);
    } catch (thrown) {
      this.#fault(thrown);
    }
  }

  #begin(application: string, pause: number, age: number, signal: AbortSignal): void {
    const { clock, monitoring } = this.#parts;
    const now = clock.now();
    if (application !== this.#application) this.#take(application, now);
    if (this.#off || this.#underWay || this.#stopped.signal.aborted) return;
    if (now < this.#nextAt || now < this.#pausedUntil) return;
    const planned = (requestsOfTick * 60_000) / Math.max(1, pause);
    if (monitoring.freeAt() > now || monitoring.room(planned) < 2) return;
    this.#underWay = true;
    this.#nextAt = now + between(age);
    const limit = AbortSignal.any([signal, this.#stopped.signal]);
    void this.#read(application, limit)
      .catch((thrown: unknown) => this.#fault(thrown))
      .finally(() => (this.#underWay = false));
  }

  /** A fault of ours ends the readings, with one line. */
  #fault(thrown: unknown): void {
    if (this.#off) return;
    this.#off = true;
    this.#lines.push(
      `Spark's stages are not told any more, by a fault of this action (${messageOf(thrown)}); the log goes on without them.`,
    );
  }

  /** Lines about what has ended since they were last asked for. */
  news(): string[] {
    return this.#lines.splice(0);
  }

  /** `stage 7: 412 of 800 tasks`; empty when nothing is known that is new. */
  active(): string {
    try {
      return this.#news.active(this.#parts.clock.now());
    } catch (thrown) {
      this.#fault(thrown);
      return '';
    }
  }

  /** Ends a reading under way: the batch is not followed any more. */
  stop(): void {
    this.#stopped.abort();
  }

  /**
   * After the verdict, once: the stages as they ended, and the record of the session. Within 10 s, and
   * without a word of what cannot be had.
   */
  async last(application: string, succeeded: boolean, signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts;
    const read = (limit: AbortSignal): Promise<void> =>
      this.#readLast(application, succeeded, limit);
    await within(clock, longestReading, read, signal).catch(() => undefined);
  }

  async #readLast(application: string, succeeded: boolean, limit: AbortSignal): Promise<void> {
    const { clock, monitoring, facts } = this.#parts;
    const endsAt = clock.now() + longestReading;
    const cut = (): boolean => limit.aborted;
    if (cut() || monitoring.freeAt() > endsAt) return;
    if (!this.#off) await this.#lastStages(application, succeeded, endsAt, limit);
    const answer = await this.#ask(() => monitoring.session(limit), endsAt, limit);
    if (answer?.status === 200 && !cut()) facts.session = sessionRecord(answer.json);
  }

  /** `succeeded`: then no stage can be at work any more, and a list that says so lags. */
  async #lastStages(
    application: string,
    succeeded: boolean,
    endsAt: number,
    limit: AbortSignal,
  ): Promise<void> {
    const { clock, monitoring } = this.#parts;
    const cut = (): boolean => limit.aborted;
    for (let left = lastReadings.most; !cut(); left -= 1) {
      const stages = this.#stagesOf(
        await this.#ask(() => monitoring.stages(application, limit), endsAt, limit),
      );
      if (cut()) return;
      if (stages) this.#keep(stages);
      const lags = stages?.some(({ status }) => status === 'active') ?? true;
      // Where it was never served, another try is a wait for nothing.
      const hopeless = stages ? !succeeded : !this.#everRead;
      if (!lags || hopeless || left <= 1 || this.#pausedUntil > endsAt) return;
      await clock.sleep(lastReadings.apart, limit);
    }
  }

  /** One of the last requests, once a pause that was asked for is over; `undefined` where it ends too late. */
  async #ask(
    send: () => Promise<Answer | undefined>,
    endsAt: number,
    limit: AbortSignal,
  ): Promise<Answer | undefined> {
    const { clock } = this.#parts;
    if (this.#pausedUntil > endsAt) return undefined;
    const wait = this.#pausedUntil - clock.now();
    if (wait > 0) await clock.sleep(wait, limit);
    const answer = limit.aborted ? undefined : await answered(send());
    this.#hear(answer);
    return answer;
  }

  /** A service that is busy says until when it wants to be left alone. */
  #hear(answer: Answer | undefined): void {
    if (answer === undefined || !busy.has(answer.status)) return;
    const until = retryAt(answer.headers, answer.text, this.#parts.clock.now());
    if (until !== undefined) this.#pausedUntil = until;
  }

  /** A new application, whose stages begin at 0 again. */
  #take(application: string, now: number): void {
    this.#application = application;
    this.#knownAt = now;
    this.#nextAt = this.#knownAt + reading.first;
    this.#news = new StageNews();
  }

  async #read(application: string, limit: AbortSignal): Promise<void> {
    const { clock, monitoring } = this.#parts;
    const ask = (end: AbortSignal): Promise<Answer | undefined> =>
      monitoring.stages(application, end);
    const answer = await answered(within(clock, longestReading, ask, limit));
    this.#hear(answer);
    if (limit.aborted || application !== this.#application) return;
    const stages = this.#stagesOf(answer);
    if (!stages) {
      this.#failed(answer);
      return;
    }
    this.#failures = 0;
    const length = Buffer.byteLength(answer?.text ?? '');
    this.#nextAt = Math.max(this.#nextAt, clock.now() + (length / bytesPerSecond) * 1_000);
    this.#lines.push(...this.#news.ended(stages));
    this.#keep(stages);
  }

  #stagesOf(answer: Answer | undefined): SparkStage[] | undefined {
    return answer?.status === 200 ? sparkStages(answer.json, this.#parts.hide) : undefined;
  }

  #keep(stages: readonly SparkStage[]): void {
    this.#everRead = true;
    this.#news.read(stages, this.#parts.clock.now());
    // An empty list after one with stages is no news of any.
    if (stages.length > 0) this.#parts.facts.stages = stages;
  }

  #failed(answer: Answer | undefined): void {
    this.#failures += 1;
    const pause = Math.min(reading.shortest * 2 ** this.#failures, failing.longest);
    this.#nextAt = this.#parts.clock.now() + pause;
    const refused = answer !== undefined && refusals.has(answer.status);
    if (!refused && this.#failures < failing.most) return;
    this.#off = true;
    const why = answer === undefined ? 'no answer' : `answered ${answer.status}`;
    this.#lines.push(
      `${this.#parts.service} does not tell of Spark's stages (${why}); the log goes on without them.`,
    );
  }
}

/** How long from one reading to the next, by the age of the application; milliseconds. */
function between(age: number): number {
  return Math.min(Math.max(reading.share * age, reading.shortest), reading.longest);
}

/** `undefined` for what failed, whatever it was. */
async function answered(answer: Promise<Answer | undefined>): Promise<Answer | undefined> {
  return answer.catch(() => undefined);
}
