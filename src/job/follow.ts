import { within, type Clock } from '../clock.ts';
import { StepError, messageOf } from '../errors.ts';
import type { Answer } from '../http/client.ts';
import { refusalLine } from '../http/refusal.ts';
import { isObject } from '../http/json.ts';
import type { Livy } from '../livy/livy.ts';
import { batchStatus, stateWords, type BatchStatus } from '../livy/status.ts';
import { Judge, hasStarted, type Verdict } from '../livy/verdict.ts';
import { duration } from '../report/duration.ts';
import type { RunFacts } from '../report/facts.ts';
import type { Runner } from '../runner.ts';
import type { Progress } from './progress.ts';
import { timeLimits, type Limits, type TimeLimit } from './time-limits.ts';
import { signInEnded, statusUnreadable } from './unreadable.ts';

export interface FollowParts {
  runner: Runner;
  clock: Clock;
  random: () => number;
  signal: AbortSignal;
  livy: Livy;
  log: WatchedLog;
  /** Absent where the service does not tell of stages. */
  progress?: Progress | undefined;
  batchId: string;
  limits: Limits;
  acceptedAt: number;
  /** The batch is not of this step: what came before is told by Fabric's times. */
  late: boolean;
  facts: RunFacts;
  /** Called when a fact that is an output becomes known. */
  onFact: () => void;
}

/** The log as it is followed: lines printed so far, and one reading of what is new. */
export interface WatchedLog {
  readonly printed: number;
  /** True where it is served before there is an application. */
  readonly early?: boolean;
  tick(applicationId: string, signal: AbortSignal): Promise<void>;
}

/** Why following ended. */
export type FollowEnd =
  | { kind: 'verdict'; verdict: Verdict; status: BatchStatus | undefined }
  | { kind: 'interrupted' }
  | ({ kind: 'timeout' } & Omit<TimeLimit, 'at'>)
  | { kind: 'unreadable'; error: StepError };

/** The tick rule (rule 7): 2 s at first, then 2 % of the age, 15 s at most; milliseconds. */
const tick = { shortest: 2_000, longest: 15_000, share: 0.02 };
const silence = 60_000;
/** A reading of the log takes no longer than this; what is left waits for the next tick. */
const longestLogReading = 15_000;
/** How long a reading of the status may take, and how long at least, whatever limit is near; milliseconds. */
const statusReading = { longest: 60_000, shortest: 10_000 };
/** No further try mends these. */
const signInCodes: ReadonlySet<string> = new Set(['SIGN_IN_REFUSED', 'NO_CREDENTIAL']);

/** Reads status and log until the batch has ended or the step must. */
export async function follow(parts: FollowParts): Promise<FollowEnd> {
  try {
    return await new Following(parts).run();
  } finally {
    parts.progress?.stop();
  }
}

class Following {
  readonly #parts: FollowParts;
  readonly #judge: Judge;
  #words = '';
  #wordsSince: number;
  #readableAt: number;
  #unreadable = '';
  #spokeAt: number;
  #printed = 0;
  #logFault = false;
  #everRead = false;

  constructor(parts: FollowParts) {
    this.#parts = parts;
    this.#judge = new Judge(parts.limits.outageMs);
    const now = parts.clock.now();
    this.#wordsSince = now;
    this.#readableAt = now;
    this.#spokeAt = now;
  }

  async run(): Promise<FollowEnd> {
    const { clock, progress, signal } = this.#parts;
    for (;;) {
      if (signal.aborted) return { kind: 'interrupted' };
      const end = (await this.#readIfFree()) ?? this.#pastLimit();
      if (end) return end;
      await this.#readLog();
      for (const line of progress?.news() ?? []) this.#say(line);
      this.#speakUp();
      const pause = this.#untilNextTick();
      this.#beginProgress(pause);
      await clock.sleep(pause, signal);
    }
  }

  /** A limit may end the wait for a pause or for our budget: no status is read then. */
  async #readIfFree(): Promise<FollowEnd | undefined> {
    const { livy, clock } = this.#parts;
    if (livy.pausedUntil() > clock.now())
      return this.#notReadable(`${livy.dialect.service} asked for a pause`);
    return livy.freeAt() > clock.now() ? undefined : this.#readStatus();
  }

  async #readStatus(): Promise<FollowEnd | undefined> {
    const { livy, batchId, clock, signal } = this.#parts;
    const longest = Math.max(
      statusReading.shortest,
      Math.min(statusReading.longest, this.#untilDeadline()),
    );
    let answer: Answer;
    try {
      const get = (limit: AbortSignal): Promise<Answer> => livy.get(batchId, limit);
      const read = await within(clock, longest, get, signal);
      if (signal.aborted) return { kind: 'interrupted' };
      if (!read) return this.#notReadable(`no answer for ${duration(longest)}`);
      answer = read;
    } catch (thrown) {
      if (signal.aborted) return { kind: 'interrupted' };
      if (thrown instanceof StepError && signInCodes.has(thrown.code))
        return { kind: 'unreadable', error: signInEnded(thrown) };
      return this.#notReadable(messageOf(thrown));
    }
    if (answer.status === 404) return this.#notFound();
    if (answer.status !== 200 || !isObject(answer.json))
      return this.#notReadable(refusalLine(answer));
    if (this.#unreadable !== '')
      this.#say(`The status can be read again after ${duration(clock.now() - this.#readableAt)}.`);
    this.#unreadable = '';
    this.#everRead = true;
    this.#readableAt = clock.now();
    return this.#takeStatus(batchStatus(answer.json));
  }

  #takeStatus(status: BatchStatus): FollowEnd | undefined {
    const { acceptedAt, clock, facts, late, livy, log, onFact, runner } = this.#parts;
    const { service } = livy.dialect;
    const now = clock.now();
    const since = (told: number | undefined): number => (late ? Math.min(told ?? now, now) : now);
    const words = stateWords(status);
    if (words !== this.#words) {
      this.#words = words;
      this.#wordsSince = now;
      this.#say(`${service}: ${words} (${duration(now - acceptedAt)} after acceptance)`);
    }
    facts.state = status.state ?? facts.state;
    if (
      facts.startingAt === undefined &&
      (status.appId !== undefined || /^(starting|running|busy)$/i.test(status.state ?? ''))
    )
      facts.startingAt = since(status.startingAt ?? status.runningAt);
    if (status.appId !== undefined && status.appId !== facts.applicationId) {
      facts.applicationId = status.appId;
      this.#say(`Application: ${status.appId}`);
    }
    if (facts.runningAt === undefined && hasStarted(status))
      facts.runningAt = since(status.runningAt);
    if (late && status.endedAt !== undefined) facts.endedAt = since(status.endedAt);
    onFact();
    const { verdict, newWord } = this.#judge.take(status, now, log.printed > this.#printed);
    this.#printed = log.printed;
    if (newWord !== undefined)
      runner.warning(
        `${service} says "${newWord}" of the batch, a word that this action does not know; it goes on watching.`,
      );
    return verdict ? { kind: 'verdict', verdict, status } : undefined;
  }

  async #notFound(): Promise<FollowEnd | undefined> {
    const { livy, batchId, clock, signal } = this.#parts;
    if (!this.#judge.missing(clock.now())) return this.#notReadable('404: the batch is not found');
    const batches = await livy.list(signal).catch(() => undefined);
    if (!batches || livy.holds(batches, batchId))
      return this.#notReadable('404: the batch is not found');
    return {
      kind: 'verdict',
      verdict: { result: 'Unknown', code: 'BATCH_VANISHED', terminal: false },
      status: undefined,
    };
  }

  #notReadable(why: string): FollowEnd | undefined {
    const { clock, limits } = this.#parts;
    if (this.#unreadable === '')
      this.#say(
        `The status cannot be read now (${why}); it is tried again for ${duration(limits.outageMs)}.`,
      );
    this.#unreadable = why;
    if (clock.now() - this.#readableAt < limits.outageMs) return undefined;
    return { kind: 'unreadable', error: statusUnreadable(limits.outageMs, why) };
  }

  #deadlines(): TimeLimit[] {
    const { late } = this.#parts;
    // A batch of an earlier step may be over, or at work for hours; and a proof may be about to stand.
    if ((late && !this.#everRead) || this.#judge.settling) return [];
    return timeLimits(this.#parts);
  }

  #pastLimit(): FollowEnd | undefined {
    const now = this.#parts.clock.now();
    const past = this.#deadlines().find(({ at }) => at <= now);
    return past ? { kind: 'timeout', code: past.code, limitMs: past.limitMs } : undefined;
  }

  async #readLog(): Promise<void> {
    const { facts, livy, log, clock, runner, signal } = this.#parts;
    const application = facts.applicationId;
    if (application === undefined && !log.early) return;
    // It would only wait, and the outage of the status with it.
    if (livy.pausedUntil() > clock.now()) return;
    const before = log.printed;
    // A small budget must not starve the log of its turn, nor it the outage of its end.
    const held = Math.max(0, Math.min(livy.freeAt() - clock.now(), this.#untilOutage()));
    const longest = Math.min(longestLogReading + held, this.#untilDeadline());
    try {
      await within(clock, longest, (limit) => log.tick(application ?? '', limit), signal);
    } catch (thrown) {
      // A fault of ours in the log is never the verdict and never a cancel (rule 3).
      if (!this.#logFault) runner.warning(`The log is not shown: ${messageOf(thrown)}`);
      this.#logFault = true;
    }
    if (log.printed > before) this.#spokeAt = clock.now();
  }

  #beginProgress(pause: number): void {
    const { clock, facts, progress, signal } = this.#parts;
    // What cannot tell its status is asked for nothing else.
    if (this.#unreadable !== '') return;
    if (facts.applicationId === undefined || facts.runningAt === undefined) return;
    progress?.begin(facts.applicationId, pause, clock.now() - facts.runningAt, signal);
  }

  /** Milliseconds for which a status that cannot be read may stay so. */
  #untilOutage(): number {
    if (this.#unreadable === '') return Infinity;
    return this.#readableAt + this.#parts.limits.outageMs - this.#parts.clock.now();
  }

  #untilNextTick(): number {
    const { acceptedAt, clock, facts, limits, livy, random } = this.#parts;
    const now = clock.now();
    const age = now - (facts.runningAt ?? acceptedAt);
    const due = Math.min(Math.max(tick.share * age, tick.shortest), tick.longest);
    // Where the share counts, what a request takes on its way must fit in as well.
    const jitter = due === tick.share * age ? 0.92 + 0.06 * random() : 0.9 + random() / 5;
    const wait = due * jitter;
    // However long the service asks for, the status counts as unreadable after outage-minutes.
    const paused = Math.min(livy.freeAt(), this.#readableAt + limits.outageMs);
    const free = livy.pausedUntil() > now ? paused : livy.freeAt();
    return Math.min(Math.max(wait, free - now), this.#untilDeadline());
  }

  /** Milliseconds until the first time limit; 0 when it is past. */
  #untilDeadline(): number {
    const now = this.#parts.clock.now();
    return Math.max(0, Math.min(...this.#deadlines().map(({ at }) => at)) - now);
  }

  #say(line: string): void {
    this.#spokeAt = this.#parts.clock.now();
    this.#parts.runner.info(line);
  }

  /** While nothing is logged, a line now and then says what Fabric is doing and since when. */
  #speakUp(): void {
    const { clock, livy, progress } = this.#parts;
    const now = clock.now();
    if (now - this.#spokeAt < silence) return;
    const doing =
      this.#unreadable === ''
        ? `${this.#words} for ${duration(now - this.#wordsSince)}`
        : `status not readable for ${duration(now - this.#readableAt)}`;
    const stages = progress?.active() ?? '';
    const quiet = `no new output for ${duration(now - this.#spokeAt)}`;
    this.#say(`${livy.dialect.service}: ${doing}, ${quiet}${stages === '' ? '' : `; ${stages}`}`);
  }
}
