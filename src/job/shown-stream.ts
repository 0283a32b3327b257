import { join } from 'node:path';
import { messageOf } from '../errors.ts';
import type { FollowerSinks, LogEvent, StreamFollower } from '../log/follower.ts';
import { LogRecord } from '../log/record.ts';
import { firstLines, joined, type ShownLines } from '../log/shown-lines.ts';
import type { StreamName } from '../log/sources.ts';
import type { Runner } from '../runner.ts';

export interface ShownStreamParts {
  runner: Runner;
  /** Folder for the log files. */
  folder: string;
  secrets: () => readonly string[];
  name: StreamName;
  /** False: the log file is written, and nothing is shown. */
  shown: boolean;
  /** Bytes that are shown; 0 means no limit. */
  limit: number;
  follow: (sinks: FollowerSinks) => StreamFollower;
  /** Called when a new attempt of the application begins in this stream. */
  onAttempt: () => void;
}

/** A folded group is closed after so many lines, so that memory stays bounded. */
const longestGroup = 5_000;
const unfoldedAfterFailure = 50;
/** Lines shown at the end of a stream that was cut by its limit. */
const lastBeyondLimit = 200;

/** One stream of the driver log: followed, kept in a file, and shown (stdout plain, stderr folded). */
export class ShownStream {
  readonly name: StreamName;
  readonly follower: StreamFollower;
  readonly record: LogRecord;
  readonly #parts: ShownStreamParts;
  #shownBytes = 0;
  #beyond = 0;
  #printed = 0;
  #writes = 0;
  /** stderr of the tick under way, shown as one folded group at its end. */
  #pending: ShownLines[] = [];
  #pendingCount = 0;

  constructor(parts: ShownStreamParts) {
    const { name, folder, secrets, runner, follow } = parts;
    this.#parts = parts;
    this.name = name;
    this.record = new LogRecord(join(folder, `${name}.log`), secrets, (thrown) =>
      runner.warning(
        `The file of ${name} under log-path is not complete (${messageOf(thrown)}); the log is shown all the same.`,
      ),
    );
    const sinks = {
      bytes: (chunk: Uint8Array) => this.#show(this.record.push(chunk)),
      event: (event: LogEvent) => {
        runner.info(eventLine(name, event));
        if (event.kind === 'attempt') parts.onAttempt();
      },
    };
    this.follower = follow(sinks);
  }

  get shown(): boolean {
    return this.#parts.shown;
  }

  /** Lines shown so far, and those beyond the limit: growth is a sign of life. */
  get printed(): number {
    return this.#printed;
  }

  /** True while the output has not taken what it was given: nothing is read meanwhile. */
  get writing(): boolean {
    return this.#writes > 0;
  }

  /** Shows what is at hand of a tick as a folded group. */
  async closeGroup(): Promise<void> {
    const lines = joined(this.#pending);
    this.#pending = [];
    this.#pendingCount = 0;
    if (lines.count > 0) await this.#write(lines, `Spark log, ${counted(lines.count)}`);
  }

  async #write(lines: ShownLines, group?: string): Promise<void> {
    this.#writes += 1;
    await this.#parts.runner.log(lines, group).finally(() => (this.#writes -= 1));
  }

  /** The line that was left without an end, and the last lines beyond the limit. */
  async end(): Promise<void> {
    await this.#show(this.record.end());
    await this.closeGroup();
    if (this.#beyond === 0) return;
    const last = this.record.tail.slice(-Math.min(this.#beyond, lastBeyondLimit));
    const title = `The end of ${this.name} (the last ${last.length} of ${counted(this.#beyond)} beyond log-limit)`;
    this.#beyond = 0;
    if (this.name === 'stderr') return this.#parts.runner.remote(last, title);
    this.#parts.runner.info(`${title}:`);
    await this.#parts.runner.remote(last);
  }

  /** The last lines, unfolded, after a failure. */
  async showEnd(): Promise<void> {
    if (!this.shown || this.record.lines === 0) return;
    const last = this.record.tail.slice(-unfoldedAfterFailure);
    this.#parts.runner.info(
      `The end of the Spark log (${last.length} of ${counted(this.record.lines)}):`,
    );
    await this.#parts.runner.remote(last);
  }

  async #show(lines: ShownLines): Promise<void> {
    if (!this.shown || lines.count === 0) return;
    this.#printed += lines.count;
    const within = this.#withinLimit(lines);
    if (within.count > 0) await this.#print(within);
    if (within.count === lines.count) return;
    if (this.#beyond === 0) {
      await this.closeGroup();
      this.#parts.runner.notice(
        `${this.name} is longer than log-limit: its last lines are shown at the end, and all of it stands in ${this.#parts.folder}`,
      );
    }
    this.#beyond += lines.count - within.count;
  }

  async #print(lines: ShownLines): Promise<void> {
    if (this.name === 'stdout') return this.#write(lines);
    this.#pending.push(lines);
    this.#pendingCount += lines.count;
    if (this.#pendingCount >= longestGroup) await this.closeGroup();
  }

  /** The first lines that the limit has room for. */
  #withinLimit(lines: ShownLines): ShownLines {
    const { limit } = this.#parts;
    if (limit === 0) return lines;
    const within = firstLines(lines, this.#beyond > 0 ? 0 : limit - this.#shownBytes);
    this.#shownBytes += within.bytes.length;
    return within;
  }
}

function counted(lines: number): string {
  return `${lines} ${lines === 1 ? 'line' : 'lines'}`;
}

function eventLine(name: StreamName, event: LogEvent): string {
  switch (event.kind) {
    case 'coarse':
      return `Fabric serves no part of ${name} by offset: closed files are read by name, the current one whole each time it has doubled, so the log is coarse.`;
    case 'rolled':
      return `${name} was rolled; the rest of its earlier file was read by name.`;
    case 'attempt':
      return `Attempt ${event.number} of the application begins (${name}).`;
    case 'lost':
      return `Lines are missing before this one: Livy keeps the last ${event.kept} lines of a log (livy.cache-log.size), and more were printed between two readings.`;
    case 'doubtful':
      return event.atStart
        ? 'Lines may be missing at the start: Livy keeps the last lines of a log only (livy.cache-log.size), and had as many when it was first read.'
        : 'Lines may be missing: the log repeats itself, so that it cannot be told how far Livy, which keeps its last lines only (livy.cache-log.size), had moved on.';
    case 'restarted':
      return `${name} starts anew after ${event.after} bytes (a new attempt, or a rolled file): lines before this one may be missing.`;
    case 'left-open':
      return `The files of the attempt before are not served to their end (${name}, ${event.after} bytes of the last one were read): lines before this one may be missing.`;
    case 'rolled-unserved':
      return `${event.file} is listed and not served: its lines, which came before this one, are missing.`;
    case 'unlisted':
      return `The files of ${name} cannot be listed: what was rolled away before this line is missing, if there was any.`;
  }
}
