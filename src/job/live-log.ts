import { orAborted } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { StreamName } from '../log/sources.ts';
import { duration } from '../report/duration.ts';
import { ShownStream } from './shown-stream.ts';
import { readSubmitLog, showSubmitLog, type SubmitLogParts } from './submit-log.ts';

export interface LiveLogParts extends SubmitLogParts {
  /** Bytes of a stream that are shown; 0 means no limit. */
  limit: number;
  /** True when the batch may have run for long before it came to this step. */
  late: boolean;
}

/** After the end the log may lag: it is read again until nothing more comes, at most so often. */
const lastReadings = { most: 6, apart: 1_000 };
/** The same for one that is not there (yet) or cannot be read. */
const absentReadings = { most: 8, apart: 2_500 };
/** A reading to the end lasts as long as bytes come; one that brings none for so long has failed; milliseconds. */
const longestSilence = 30_000;
/** A pause that is longer, which the service asked for, is not waited for after the end; milliseconds. */
const longestPause = 15 * 60_000;
/** A file of the log that is younger was not rolled away yet: Fabric's have the hour in their names; milliseconds. */
const youngLog = 60_000;
/** So many that failed by silence, and the log is given up. */
const mostSilent = 2;

/** How far the last readings of a stream have come. */
interface Drain {
  readings: number;
  silent: number;
  done: boolean;
  /** Why the last one failed; empty when it did not. */
  why: string;
}

/** The driver log as it is shown: read by bytes, kept in files, printed line by line. */
export class LiveLog {
  readonly #parts: LiveLogParts;
  #streams: ShownStream[] = [];
  #application: string | undefined;
  #earlierPrinted = 0;
  #anySeen = false;
  #troubled = false;
  #submitLog: readonly string[] | undefined;
  /** How often each stream was read to its end so far; a drain that is cut goes on there. */
  readonly #drains = new Map<ShownStream, Drain>();
  #startedAt = 0;
  /** Streams whose first reading came late, so that their first file may have been rolled away. */
  readonly #lateRead = new Set<ShownStream>();

  constructor(parts: LiveLogParts) {
    this.#parts = parts;
  }

  /** Lines printed so far; growth is a sign of life. */
  get printed(): number {
    return this.#streams.reduce((sum, { printed }) => sum + printed, this.#earlierPrinted);
  }

  /** True where the log is served before there is an application. */
  get early(): boolean {
    return !this.#parts.logs.perApplication;
  }

  get #cutShort(): string {
    return `The log was not read to its end: ${this.#parts.logs.rest}.`;
  }

  get folder(): string {
    return this.#parts.folder;
  }

  /** The last lines of a stream, for the report; spark-submit's own stand in for stderr. */
  tail(name: StreamName): readonly string[] {
    const stream = this.#streams.find((candidate) => candidate.name === name);
    const tail = stream?.record.tail ?? [];
    return name === 'stderr' ? [...tail, ...(this.#submitLog ?? [])] : tail;
  }

  /**
   * The last lines of spark-submit's own log, which may tell how the job ended where the driver's streams do
   * not; it is not shown, and empty where it was shown in the place of stderr or cannot be read.
   */
  async submitTail(batchLog: readonly string[], signal: AbortSignal): Promise<readonly string[]> {
    if (this.#submitLog !== undefined || this.early) return [];
    return (await readSubmitLog(this.#parts, batchLog, signal)).tail;
  }

  /** Reads what is new of the shown streams. A log that cannot be read now is read at the next tick. */
  async tick(applicationId: string, signal: AbortSignal): Promise<void> {
    if (!(await this.#start(applicationId, signal))) return;
    for (const stream of this.#streams.filter(({ shown }) => shown)) {
      await this.#attempt(stream, () => stream.follower.tick(signal), signal);
    }
  }

  /**
   * After the end: everything that is still served, of both streams, and what was left without a
   * line's end. `batchLog`: the lines that the batch itself carries, for where there is no log.
   */
  async finish(
    applicationId: string | undefined,
    batchLog: readonly string[],
    signal: AbortSignal,
  ): Promise<void> {
    const started =
      (applicationId === undefined && !this.early) ||
      (await this.#start(applicationId ?? '', signal));
    const whole = started && (await this.#drainAll(signal));
    await this.flush();
    if (!whole) this.#parts.runner.info(this.#cutShort);
    else if (!this.#anySeen) this.#submitLog = await showSubmitLog(this.#parts, batchLog, signal);
  }

  /** What is at hand, without any request, where the log is not read to its end. */
  async cutShort(): Promise<void> {
    await this.flush();
    if (this.#application !== undefined) this.#parts.runner.info(this.#cutShort);
  }

  /** What is at hand, without any request. */
  async flush(): Promise<void> {
    for (const stream of this.#streams) await stream.end();
  }

  /** The last lines of the Spark log, unfolded, after a failure. */
  async showEndOfStderr(): Promise<void> {
    await this.#streams.find(({ name }) => name === 'stderr')?.showEnd();
  }

  /**
   * A new application begins a log of its own, once that of the one before was read to its end.
   * False when the signal came before that: the next look goes on.
   */
  async #start(id: string, signal: AbortSignal): Promise<boolean> {
    const { runner, logs, shown, limit, folder, secrets } = this.#parts;
    const applicationId = logs.perApplication ? id : '';
    if (this.#application === applicationId) return true;
    if (this.#application !== undefined) {
      if (!(await this.#drainAll(signal))) return false;
      await this.flush();
      this.#earlierPrinted = this.printed;
      runner.info(`A new application serves the batch: ${applicationId}.`);
    }
    this.#application = applicationId;
    this.#startedAt = this.#parts.clock.now();
    this.#streams = logs.names.map(
      (name) =>
        new ShownStream({
          runner,
          folder,
          secrets,
          name,
          shown: shown === 'both' || shown === name,
          limit,
          follow: (sinks) => logs.follower(applicationId, name, sinks),
          onAttempt: () => this.#streams.forEach(({ follower }) => follower.expectAttempt()),
        }),
    );
    return true;
  }

  /** Gives why the reading failed; empty when it did not. */
  async #attempt(
    stream: ShownStream,
    read: () => Promise<void>,
    signal: AbortSignal,
  ): Promise<string> {
    const { clock, late } = this.#parts;
    if (!stream.follower.seen && (late || clock.now() - this.#startedAt > youngLog))
      this.#lateRead.add(stream);
    try {
      await read();
      this.#troubled = false;
      return '';
    } catch (thrown) {
      const why = messageOf(thrown);
      if (signal.aborted) return why;
      if (!this.#troubled)
        this.#parts.runner.info(`The driver log cannot be read now (${why}); it is tried again.`);
      this.#troubled = true;
      return why;
    } finally {
      this.#anySeen ||= stream.follower.seen;
      await stream.closeGroup();
    }
  }

  /** Reads all streams to their ends. False when the signal came before that. */
  async #drainAll(signal: AbortSignal): Promise<boolean> {
    const drains = this.#streams.map((stream) => this.#drain(stream, signal));
    if (!(await Promise.all(drains)).every(Boolean)) return false;
    for (const line of this.#streams.flatMap((stream) => this.#losses(stream)))
      this.#parts.runner.info(line);
    return true;
  }

  async #drain(stream: ShownStream, signal: AbortSignal): Promise<boolean> {
    const { follower } = stream;
    const drain = this.#drains.get(stream) ?? { readings: 0, silent: 0, done: false, why: '' };
    this.#drains.set(stream, drain);
    const cut = (): boolean => signal.aborted;
    while (!drain.done && !cut()) {
      const before = follower.read;
      drain.why = await this.#attempt(stream, () => this.#readToEnd(stream, drain, signal), signal);
      if (cut()) break;
      drain.readings += 1;
      const good = drain.why === '' && !follower.unserved;
      const quiet = good && follower.read === before && drain.readings > 1;
      const { most, apart } = good ? lastReadings : absentReadings;
      drain.done = quiet || drain.readings >= most || drain.silent >= mostSilent;
      if (!drain.done) await this.#parts.clock.sleep(apart, signal);
    }
    return drain.done;
  }

  /** One reading to the end, for as long as bytes come. Throws when none come for a while. */
  async #readToEnd(stream: ShownStream, drain: Drain, signal: AbortSignal): Promise<void> {
    const { clock, logs } = this.#parts;
    const { follower } = stream;
    const [silent, done] = [new AbortController(), new AbortController()];
    // A request that waits for its turn in the budget is no silence of the service, nor is a slow output.
    const pause = (): number => logs.freeAt() - clock.now();
    const waits = (): boolean => pause() > 0 && pause() <= longestPause;
    const watch = async (): Promise<void> => {
      for (let before = -1; follower.read > before || stream.writing || waits();) {
        before = follower.read;
        await clock.sleep(longestSilence, done.signal);
        if (done.signal.aborted) return;
      }
      silent.abort();
    };
    void watch();
    const limit = AbortSignal.any([signal, silent.signal]);
    try {
      await orAborted(follower.finish(limit), limit);
    } finally {
      done.abort();
    }
    if (!silent.signal.aborted) return;
    drain.silent += 1;
    throw new Error(
      pause() > longestPause
        ? `${logs.service} asked for a pause of ${duration(pause())}`
        : `no answer for ${duration(longestSilence)}`,
    );
  }

  /** What is missing of a stream that was read to its end, as far as that can be known. */
  #losses(stream: ShownStream): string[] {
    const { follower, name } = stream;
    const { service } = this.#parts.logs;
    const why = this.#drains.get(stream)?.why ?? '';
    if (why !== '')
      return [
        `${name} could not be read to its end (${why}): lines after its first ${follower.read} bytes may be missing.`,
      ];
    // Without any log of the driver the log of the submit takes its place.
    if (follower.unserved && !follower.seen)
      return this.#anySeen ? [`${service} served no ${name} of this batch.`] : [];
    if (follower.unserved)
      return [
        `${service} does not serve ${name} any more: what came after its first ${follower.read} bytes is missing, if there was any.`,
      ];
    const lines: string[] = [];
    if (follower.unlisted && this.#lateRead.has(stream))
      lines.push(
        `${service} lists no files of ${name}: what was rolled away before its first reading is missing, if there was any.`,
      );
    if (follower.missing > 0)
      lines.push(`${service} did not serve the last ${follower.missing} bytes of ${name}.`);
    return lines;
  }
}
