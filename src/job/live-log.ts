import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { StreamName } from '../log/sources.ts';
import { ShownStream } from './shown-stream.ts';
import { showSubmitLog, type SubmitLogParts } from './submit-log.ts';

export interface LiveLogParts extends SubmitLogParts {
  clock: Clock;
  /** Bytes of a stream that are shown; 0 means no limit. */
  limit: number;
}

/** After the end the log may lag: it is read again until nothing more comes, at most so often. */
const lastReadings = { most: 6, apart: 1_000 };
const absentReadings = { most: 8, apart: 2_500 };

/** The driver log as it is shown: read by bytes, kept in files, printed line by line. */
export class LiveLog {
  readonly #parts: LiveLogParts;
  #streams: ShownStream[] = [];
  #application: string | undefined;
  #earlierPrinted = 0;
  #anySeen = false;
  #troubled = false;
  #submitLog: readonly string[] = [];

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

  get folder(): string {
    return this.#parts.folder;
  }

  /** The last lines of a stream, for the report; spark-submit's own stand in for stderr. */
  tail(name: StreamName): readonly string[] {
    const stream = this.#streams.find((candidate) => candidate.name === name);
    const tail = stream?.record.tail ?? [];
    return name === 'stderr' ? [...tail, ...this.#submitLog] : tail;
  }

  /** Reads what is new of the shown streams. A log that cannot be read now is read at the next tick. */
  async tick(applicationId: string, signal: AbortSignal): Promise<void> {
    await this.#start(applicationId, signal);
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
    if (applicationId !== undefined || this.early) await this.#start(applicationId ?? '', signal);
    await this.#drainAll(signal);
    await this.flush();
    if (signal.aborted || this.#anySeen) return;
    this.#submitLog = await showSubmitLog(this.#parts, batchLog, signal);
  }

  /** What is at hand, without any request: for the end after a signal. */
  async flush(): Promise<void> {
    for (const stream of this.#streams) await stream.end();
  }

  /** The last lines of the Spark log, unfolded, after a failure. */
  async showEndOfStderr(): Promise<void> {
    await this.#streams.find(({ name }) => name === 'stderr')?.showEnd();
  }

  /** A new application begins a log of its own, once that of the one before was read to its end. */
  async #start(id: string, signal: AbortSignal): Promise<void> {
    const { runner, logs, shown, limit, folder, secrets } = this.#parts;
    const applicationId = logs.perApplication ? id : '';
    if (this.#application === applicationId) return;
    if (this.#application !== undefined) {
      await this.#drainAll(signal);
      await this.flush();
      this.#earlierPrinted = this.printed;
      runner.info(`A new application serves the batch: ${applicationId}.`);
    }
    this.#application = applicationId;
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
        }),
    );
  }

  async #attempt(
    stream: ShownStream,
    read: () => Promise<void>,
    signal: AbortSignal,
  ): Promise<boolean> {
    try {
      await read();
      this.#troubled = false;
      return true;
    } catch (thrown) {
      if (signal.aborted) return false;
      if (!this.#troubled)
        this.#parts.runner.info(
          `The driver log cannot be read now (${messageOf(thrown)}); it is tried again.`,
        );
      this.#troubled = true;
      return false;
    } finally {
      this.#anySeen ||= stream.follower.seen;
      await stream.closeGroup();
    }
  }

  async #drainAll(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#streams.map((stream) => this.#drain(stream, signal)));
  }

  async #drain(stream: ShownStream, signal: AbortSignal): Promise<void> {
    const { clock, logs, runner } = this.#parts;
    const { follower, name } = stream;
    for (let reading = 0; !signal.aborted; reading += 1) {
      const before = follower.read;
      const good = await this.#attempt(stream, () => follower.finish(signal), signal);
      const absent = !follower.seen;
      const quiet = good && !absent && follower.read === before;
      const { most, apart } = absent ? absentReadings : lastReadings;
      if ((quiet && reading > 0) || reading + 1 >= most) break;
      await clock.sleep(apart, signal);
    }
    if (follower.missing > 0)
      runner.info(`${logs.service} did not serve the last ${follower.missing} bytes of ${name}.`);
  }
}
