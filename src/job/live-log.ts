import { join } from 'node:path';
import type { BearerClient } from '../auth/bearer.ts';
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import { Follower, type LogEvent } from '../log/follower.ts';
import { LogRecord } from '../log/record.ts';
import {
  driverLog,
  livyLog,
  type LogAddress,
  type LogSource,
  type StreamName,
} from '../log/sources.ts';
import type { Runner } from '../runner.ts';

export interface LiveLogParts {
  runner: Runner;
  clock: Clock;
  fabric: BearerClient;
  address: LogAddress;
  secrets: () => readonly string[];
  /** Folder for the log files. */
  folder: string;
  shown: 'stdout' | 'stderr' | 'both' | 'none';
}

interface Followed {
  name: StreamName;
  shown: boolean;
  record: LogRecord;
  follower: Follower;
  /** stderr of the tick under way, shown as one folded group at its end. */
  pending: string[];
}

/** A folded group is closed after so many lines, so that memory stays bounded. */
const longestGroup = 5_000;
const unfoldedAfterFailure = 50;
/** After the end the log may lag: it is read again until nothing more comes, at most so often. */
const lastReadings = { most: 6, apart: 1_000 };
const absentReadings = { most: 8, apart: 2_500 };

/** The driver log as it is shown: read by bytes, kept in files, printed line by line. */
export class LiveLog {
  readonly #parts: LiveLogParts;
  #streams: Followed[] = [];
  #application: string | undefined;
  #troubled = false;
  #printed = 0;

  constructor(parts: LiveLogParts) {
    this.#parts = parts;
  }

  /** Lines printed so far; growth is a sign of life. */
  get printed(): number {
    return this.#printed;
  }

  get folder(): string {
    return this.#parts.folder;
  }

  /** The last lines of a stream, for the report. */
  tail(name: StreamName): readonly string[] {
    return this.#streams
      .filter((stream) => stream.name === name)
      .flatMap(({ record }) => record.tail);
  }

  /** Reads what is new of the shown streams. A log that cannot be read now is read at the next tick. */
  async tick(applicationId: string, signal: AbortSignal): Promise<void> {
    this.#start(applicationId);
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
    if (applicationId !== undefined) {
      this.#start(applicationId);
      await Promise.all(this.#streams.map((stream) => this.#drain(stream, signal)));
    }
    await this.flush();
    if (signal.aborted || this.#streams.some(({ follower }) => follower.seen)) return;
    await this.#showSubmitLog(batchLog, signal);
  }

  /** What is at hand, without any request: for the end after a signal. */
  async flush(): Promise<void> {
    for (const stream of this.#streams) {
      await this.#show(stream, stream.record.end());
      await this.#closeGroup(stream);
    }
  }

  /** The last lines of the Spark log, unfolded, after a failure. */
  async showEndOfStderr(): Promise<void> {
    const stderr = this.#streams.find(({ name }) => name === 'stderr');
    if (!stderr?.shown || stderr.record.lines === 0) return;
    const last = stderr.record.tail.slice(-unfoldedAfterFailure);
    this.#parts.runner.info(
      `The end of the Spark log (${last.length} of ${stderr.record.lines} lines):`,
    );
    await this.#parts.runner.remote(last);
  }

  #start(applicationId: string): void {
    if (this.#application === applicationId) return;
    if (this.#application !== undefined)
      this.#parts.runner.info(`A new application serves the batch: ${applicationId}.`);
    this.#application = applicationId;
    const names: readonly StreamName[] = ['stdout', 'stderr'];
    this.#streams = names.map((name) =>
      this.#followed(name, driverLog(this.#parts.fabric, this.#parts.address, applicationId, name)),
    );
  }

  #followed(name: StreamName, source: LogSource): Followed {
    const { shown, folder, secrets } = this.#parts;
    const record = new LogRecord(join(folder, `${name}.log`), secrets, (thrown) =>
      this.#notWritten(name, thrown),
    );
    const follower = new Follower(source, {
      bytes: (chunk) => this.#show(stream, record.push(chunk)),
      event: (event) => this.#tell(name, event),
    });
    const stream: Followed = {
      name,
      shown: shown === 'both' || shown === name,
      record,
      follower,
      pending: [],
    };
    return stream;
  }

  async #show(stream: Followed, lines: string[]): Promise<void> {
    if (!stream.shown || lines.length === 0) return;
    this.#printed += lines.length;
    if (stream.name === 'stdout') return this.#parts.runner.remote(lines);
    stream.pending.push(...lines);
    if (stream.pending.length >= longestGroup) await this.#closeGroup(stream);
  }

  async #closeGroup(stream: Followed): Promise<void> {
    const lines = stream.pending;
    stream.pending = [];
    if (lines.length > 0)
      await this.#parts.runner.remote(
        lines,
        `Spark log, ${lines.length} ${lines.length === 1 ? 'line' : 'lines'}`,
      );
  }

  async #attempt(
    stream: Followed,
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
      await this.#closeGroup(stream);
    }
  }

  async #drain(stream: Followed, signal: AbortSignal): Promise<void> {
    const { clock, runner } = this.#parts;
    for (let reading = 0; !signal.aborted; reading += 1) {
      const before = stream.follower.position;
      const good = await this.#attempt(stream, () => stream.follower.finish(signal), signal);
      const absent = !stream.follower.seen;
      const quiet = good && !absent && stream.follower.position === before;
      const { most, apart } = absent ? absentReadings : lastReadings;
      if ((quiet && reading > 0) || reading + 1 >= most) break;
      await clock.sleep(apart, signal);
    }
    const { missing } = stream.follower;
    if (missing > 0)
      runner.info(`Fabric did not serve the last ${missing} bytes of ${stream.name}.`);
  }

  /**
   * Where there is no driver log: spark-submit's own, which says why the application did not start;
   * failing that the lines that the batch itself carries.
   */
  async #showSubmitLog(batchLog: readonly string[], signal: AbortSignal): Promise<void> {
    const { fabric, address, folder, secrets, runner, shown } = this.#parts;
    const record = new LogRecord(join(folder, 'livy.log'), secrets, (thrown) =>
      this.#notWritten('livy', thrown),
    );
    const lines: string[] = [];
    const take = (bytes: Uint8Array): Promise<void> => {
      lines.push(...record.push(bytes));
      return Promise.resolve();
    };
    const source = livyLog(fabric, address);
    const follower = new Follower(source, { bytes: take, event: () => undefined });
    const why = await follower.finish(signal).then(
      () => '',
      (thrown: unknown) => ` (the Livy log cannot be read: ${messageOf(thrown)})`,
    );
    const served = follower.position > 0;
    if (!served) await take(Buffer.from(batchLog.join('\n')));
    lines.push(...record.end());
    if (lines.length === 0) {
      runner.info(`Fabric serves no log of this batch${why}.`);
      return;
    }
    const from = served
      ? 'the Livy log (spark-submit)'
      : `the last lines that the batch carries${why}`;
    runner.info(`There is no driver log; this is ${from}.`);
    this.#streams.push({ name: 'stderr', shown: true, record, follower, pending: [] });
    if (shown !== 'none') await runner.remote(lines);
  }

  #notWritten(name: string, thrown: unknown): void {
    this.#parts.runner.warning(
      `The file of ${name} under log-path is not complete (${messageOf(thrown)}); the log is shown all the same.`,
    );
  }

  #tell(name: StreamName, event: LogEvent): void {
    const { runner } = this.#parts;
    if (event.kind === 'coarse') {
      runner.info(
        `Fabric serves no part of ${name} by offset: it is read whole, each time it has doubled, so the log is coarse.`,
      );
      return;
    }
    runner.info(
      `${name} starts anew after ${event.after} bytes (a new attempt, or a rolled file): lines before this one may be missing.`,
    );
  }
}
