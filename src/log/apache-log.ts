import type { HttpClient } from '../http/client.ts';
import { listAt, numberAt } from '../http/json.ts';
import type { BatchLogs } from './batch-logs.ts';
import type { FollowerSinks, StreamFollower } from './follower.ts';
import { RingReader, type RingEvent } from './ring.ts';
import { LogRefused } from './sources.ts';

/** The log of a batch of an Apache Livy, and how to know that its id is still its own. */
export interface RingAddress {
  http: HttpClient;
  /** Of the server, without a slash at its end. */
  url: string;
  batchId: string;
  /** True when the id was last answered as another batch, or as none. */
  lost: () => boolean;
}

/** Lines asked for beside those that overlap. */
const page = 2_000;
/** Reads of one tick: a log that grows faster than it is read must not keep the status waiting. */
const mostReads = 8;
const stdoutHeading = 'stdout: ';
const stderrHeading = '\nstderr: ';

/** spark-submit's stdout and stderr are one stream there, kept as the last lines only. */
export function apacheLogs(address: RingAddress): BatchLogs {
  return {
    service: 'Livy',
    rest: 'what is missing is gone with the batch, where that was cancelled',
    names: ['stdout'],
    perApplication: false,
    follower: (_, __, sinks) => new RingFollower(address, sinks),
    freeAt: () => address.http.freeAt(address.url),
    submitLog: () => ({
      partial: () => Promise.resolve(undefined),
      whole: () => Promise.resolve(undefined),
      length: () => Promise.resolve(undefined),
    }),
  };
}

/** Lines under each heading of one reply; what came before any heading is under ''. */
interface Reply {
  sections: Map<string, string[]>;
  total: number;
  /** The reply is as long as was asked for, so that there may be more. */
  cut: boolean;
}

/**
 * Follows the log that `/batches/{id}/log` shows: `total` lines of a ring as it is now, under the
 * headings `stdout: `, `\nstderr: ` and, at the end on YARN, `\nYARN Diagnostics: `.
 */
export class RingFollower implements StreamFollower {
  readonly #address: RingAddress;
  readonly #sinks: FollowerSinks;
  readonly #stdout = new RingReader();
  readonly #stderr = new RingReader();
  /** Lines of the last reply under other headings; they are told once, at the end. */
  readonly #others = new Map<string, string[]>();
  readonly #told = new Map<string, string>();
  #heading = 0;
  #read = 0;
  #seen = false;
  #unserved = true;

  constructor(address: RingAddress, sinks: FollowerSinks) {
    this.#address = address;
    this.#sinks = sinks;
  }

  get read(): number {
    return this.#read;
  }

  get seen(): boolean {
    return this.#seen;
  }

  get unserved(): boolean {
    return this.#unserved;
  }

  /** An Apache Livy has no files that could be listed. */
  readonly unlisted = false;

  get missing(): number {
    return 0;
  }

  expectAttempt(): void {
    // One log serves all attempts.
  }

  /** Reads what is new. Throws what the client throws, and `LogRefused`; nothing is lost by that. */
  async tick(signal?: AbortSignal): Promise<void> {
    await this.#readOn(signal);
  }

  async finish(signal?: AbortSignal): Promise<void> {
    this.#unserved = !(await this.#readOn(signal));
    if (signal?.aborted) return;
    await this.#deliver([], this.#stdout.finish());
    for (const [heading, lines] of this.#others) {
      const text = lines.join('\n');
      if (this.#told.get(heading) === text) continue;
      this.#told.set(heading, text);
      await this.#deliver([heading.trim(), ...lines], []);
    }
  }

  async #readOn(signal?: AbortSignal): Promise<boolean> {
    for (let reads = 0; reads < mostReads && !signal?.aborted; reads += 1) {
      const from = this.#stdout.next;
      const reply = await this.#ask(from, page + this.#stdout.end - from, signal);
      if (!reply) return false;
      this.#seen = true;
      const lines = reply.sections.get(stdoutHeading) ?? reply.sections.get('') ?? [];
      const stderr = reply.sections.get(stderrHeading) ?? [];
      const fresh = this.#stdout.take({ from, lines, total: this.#linesIn(reply, lines) });
      if (!fresh) continue;
      await this.#deliver(fresh.lines, fresh.events);
      if (reply.cut) continue;
      const errors = this.#stderr.take({ from: 0, lines: stderr, total: stderr.length });
      if (errors) await this.#deliver(errors.lines, errors.events);
      this.#noteOthers(reply);
      return true;
    }
    return true;
  }

  /** How many lines of stdout the ring holds: all that are counted, without headings and what is under others. */
  #linesIn({ cut, sections, total }: Reply, lines: readonly string[]): number {
    if (cut) return total - this.#heading - 1;
    const counted = [...sections.values()].reduce((sum, some) => sum + some.length, 0);
    return total - this.#heading - (counted - lines.length) - (sections.size - 1);
  }

  #noteOthers({ sections }: Reply): void {
    for (const [heading, lines] of sections) {
      const known = [stdoutHeading, stderrHeading, ''].includes(heading);
      if (!known && lines.length > 0) this.#others.set(heading, lines);
    }
  }

  async #ask(from: number, size: number, signal?: AbortSignal): Promise<Reply | undefined> {
    const { http, url, batchId, lost } = this.#address;
    if (lost()) return undefined;
    const first = from === 0 ? 0 : from + this.#heading;
    const logs = `${url}/batches/${encodeURIComponent(batchId)}/log?from=${first}&size=${size}`;
    const answer = await http.send({ method: 'GET', url: logs }, { signal });
    if (answer.status === 404) return undefined;
    if (answer.status !== 200) throw new LogRefused(answer.status);
    const log = listAt(answer.json, 'log').filter((line) => typeof line === 'string');
    if (first === 0) this.#heading = log[0] === stdoutHeading ? 1 : 0;
    const total = numberAt(answer.json, 'total') ?? first + log.length;
    return { sections: sectionsOf(log, first === 0), total, cut: log.length >= size };
  }

  async #deliver(lines: readonly string[], events: readonly RingEvent[]): Promise<void> {
    for (const event of events) this.#sinks.event(event);
    if (lines.length === 0) return;
    const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
    this.#read += bytes.length;
    await this.#sinks.bytes(bytes);
  }
}

/** A line of the log holds no line feed, so that a heading which begins with one is no line. */
function sectionsOf(log: readonly string[], fromStart: boolean): Map<string, string[]> {
  let current: string[] = [];
  const sections = new Map([['', current]]);
  for (const [index, line] of log.entries()) {
    const heading = (fromStart && index === 0 && line === stdoutHeading) || line.startsWith('\n');
    if (!heading) {
      current.push(line);
      continue;
    }
    if (index === 0) sections.delete('');
    current = [];
    sections.set(line, current);
  }
  return sections;
}
