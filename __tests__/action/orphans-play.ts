import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Batch } from '../../local/api/batch.ts';
import type { LocalFabric } from '../../local/fabric.ts';
import type { Fault, RequestLine } from '../../local/faults.ts';
import type { JournalEntry } from '../../local/listener.ts';
import type { StepHandle, StepResult } from '../../local/runner/step.ts';
import { startOn } from './bench.ts';
import { job, queueSeconds, timeoutMinutes, type Row } from './orphans-rows.ts';
import { isPython, isSparkSubmit, type Process, type Watch } from './orphans-watch.ts';

/** What became of a row. */
export interface Played {
  result: StepResult;
  /** All of the step's; one is right. */
  batches: readonly Batch[];
  /** In the process table before the batch was told to end. */
  before: readonly Process[];
  /** In the process table when main was gone. */
  betweenSteps: readonly Process[];
  /** Of the batch's processes those that are there at the end. */
  left: readonly Process[];
  /** Every process of the batch that there ever was. */
  ever: readonly Process[];
  /** Batch ids that a DELETE was sent for, one for each request. */
  deletes: readonly (string | undefined)[];
  posts: number;
  leftUploads: readonly string[];
  /** From the signal to main's end. */
  mainSeconds: number;
  /** From post's end until no process was left. */
  goneSeconds: number;
  seconds: number;
}

/** The place of a row: its lakehouse is its own, so that its requests are known by their paths. */
export interface Stage {
  fabric: LocalFabric;
  lakehouse: string;
  folder: string;
  watch: Watch;
  /** Aborted when the tests end: no step outlives them. */
  over: AbortSignal;
}

type Which = (line: RequestLine) => boolean;

/** When a late POST has its effect after the signal, and an unlisted batch is listed after main's end. */
const lateBy = 2_000;
/** Under load Spark takes its time. */
const longestStart = 60_000;
/** Post waits up to 4 minutes for a batch that does not end: a red row need not. */
const longestPost = 60_000;

async function eventually(what: string, look: () => boolean, longest: number): Promise<void> {
  const giveUpAt = Date.now() + longest;
  while (!look()) {
    if (Date.now() > giveUpAt) throw new Error(`This never happened: ${what}`);
    await sleep(50);
  }
}

/** Plays one row to its end. */
export async function play(row: Row, stage: Stage): Promise<Played> {
  return new Playing(row, stage).run();
}

class Playing {
  readonly #row: Row;
  readonly #stage: Stage;
  readonly #removeFaults: (() => void)[] = [];
  readonly #lateEffect = Promise.withResolvers<undefined>();
  #before: readonly Process[] = [];
  #betweenSteps: readonly Process[] = [];
  #told = Infinity;
  #mainOver = Infinity;
  #deletes = 0;

  constructor(row: Row, stage: Stage) {
    this.#row = row;
    this.#stage = stage;
  }

  async run(): Promise<Played> {
    const { fabric, folder, lakehouse, over, watch } = this.#stage;
    const { end, phase } = this.#row;
    over.throwIfAborted();
    this.#addFaults();
    const start = Date.now();
    const { step } = startOn(fabric, folder, {
      job,
      signIn: 'secret',
      inputs: { lakehouse, 'timeout-minutes': String(end === 'timeout' ? timeoutMinutes : 0) },
      beforePost: () => this.#betweenMainAndPost(),
    });
    // Whichever process of the step runs then.
    const guard = setInterval(() => {
      if (over.aborted || Date.now() > this.#mainOver + longestPost) step.kill();
    }, 200);
    try {
      await eventually(phase, () => this.#isThere(), longestStart);
      this.#before = this.#processes();
      await this.#tellToEnd(step);
      const result = await step.done;
      const postOver = Date.now();
      const left = await this.#left();
      const goneSeconds = (Date.now() - postOver) / 1_000;
      if (phase === 'queued') await this.#queueIsOver();
      return {
        result,
        batches: this.#batches,
        before: this.#before,
        betweenSteps: this.#betweenSteps,
        left,
        ever: this.#batches.flatMap(({ id }) => watch.seen(id)),
        deletes: this.#requests(isDelete).map(({ path }) => path.split('/').at(-1)),
        posts: this.#requests(isPost).length,
        leftUploads: this.#uploads,
        mainSeconds: (this.#mainOver - this.#told) / 1_000,
        goneSeconds,
        seconds: (Date.now() - start) / 1_000,
      };
    } catch (thrown) {
      // Main first, then post.
      const killing = setInterval(() => step.kill(), 200);
      await step.done.finally(() => clearInterval(killing));
      throw thrown;
    } finally {
      clearInterval(guard);
      for (const remove of this.#removeFaults) remove();
    }
  }

  get #batches(): Batch[] {
    const { fabric, lakehouse } = this.#stage;
    return fabric.batches.filter(({ mount }) => mount.lakehouseId === lakehouse);
  }

  get #uploads(): string[] {
    const { fabric, lakehouse } = this.#stage;
    const folder = join(fabric.folderOf(lakehouse), 'Files', '.github');
    return existsSync(folder) ? readdirSync(folder) : [];
  }

  #requests(which: Which): JournalEntry[] {
    const { fabric, lakehouse } = this.#stage;
    return fabric.requests.filter((entry) => which(entry) && entry.path.includes(lakehouse));
  }

  #processes(): Process[] {
    return this.#batches.flatMap(({ id }) => this.#stage.watch.now(id));
  }

  #addFaults(): void {
    const { fabric, lakehouse } = this.#stage;
    const { phase } = this.#row;
    const add = (which: Which, fault: Fault): void => {
      const when: Which = (line) => which(line) && line.path.includes(lakehouse);
      this.#removeFaults.push(fabric.faults.add({ when, fault }));
    };
    const arrival = (): Promise<void> => this.#arrival();
    add(isDelete, {
      kind: 'hold',
      moment: 'before',
      // Each request asks for its own.
      get until() {
        return arrival();
      },
    });
    const never = new Promise(() => undefined);
    if (phase === 'unanswered' || phase === 'unlisted')
      add(isPost, { kind: 'hold', moment: 'after', until: never });
    const isTooEarly: Which = (line) => isList(line) && Date.now() < this.#mainOver + lateBy;
    const empty = '{"items":[],"totalCountOfMatchedItems":0}';
    if (phase === 'unlisted') add(isTooEarly, { kind: 'answer', status: 200, body: empty });
    if (phase === 'late')
      add(isPost, { kind: 'hold', moment: 'before', until: this.#lateEffect.promise });
  }

  /**
   * When a DELETE that was sent now reaches Fabric: after the delay, not before the processes that
   * it is to end were seen, and never if its sender does not wait for it any more.
   */
  async #arrival(): Promise<void> {
    this.#deletes += 1;
    const [number, mainOver] = [this.#deletes, this.#mainOver];
    const givenUp = (): boolean => number !== this.#deletes || mainOver !== this.#mainOver;
    const due = (): boolean =>
      Date.now() >= this.#told + this.#row.delay &&
      (this.#row.phase === 'queued' || this.#before.some(isSparkSubmit));
    while (!givenUp() && !due() && !this.#stage.over.aborted) await sleep(20);
    if (givenUp()) await new Promise(() => undefined);
  }

  /** Whether the phase has come. */
  #isThere(): boolean {
    this.#stage.over.throwIfAborted();
    const [batch] = this.#batches;
    const { phase } = this.#row;
    if (phase === 'late') return this.#requests(isPost).length > 0;
    if (!batch) return false;
    if (phase === 'queued') return this.#requests(isStatus).some(({ status }) => status === 200);
    if (phase !== 'running') return this.#processes().some(isSparkSubmit);
    const printed = batch.read('stdout', 0, batch.length('stdout')).toString('utf8');
    // The driver, the daemon of the workers, and at least one worker.
    return printed.startsWith('ready') && this.#processes().filter(isPython).length >= 3;
  }

  async #tellToEnd(step: StepHandle): Promise<void> {
    const { end, phase } = this.#row;
    this.#told = Date.now();
    if (end === 'frozen') step.signal('SIGSTOP');
    if (end === 'kill') step.kill();
    if (end === 'cancel' || end === 'frozen') step.cancel();
    if (phase !== 'late') return;
    await sleep(lateBy);
    this.#lateEffect.resolve(undefined);
    await eventually('Spark', () => this.#processes().some(isSparkSubmit), longestStart);
    this.#before = this.#processes();
  }

  #betweenMainAndPost(): void {
    this.#mainOver = Date.now();
    this.#betweenSteps = this.#processes();
  }

  /** What is left when all had some seconds to go: Spark's workers end a moment after their JVM. */
  async #left(): Promise<Process[]> {
    const gone = (): boolean => this.#processes().length === 0;
    await eventually('all processes are gone', gone, 5_000).catch(() => undefined);
    return this.#processes();
  }

  /** Waits until the batch would have been given to Spark, and as long as Spark needs to show itself. */
  async #queueIsOver(): Promise<void> {
    const [batch] = this.#batches;
    const due = (batch?.acceptedAt ?? 0) + queueSeconds * 1_000;
    await sleep(Math.max(0, due - Date.now()) + 200);
    // A batch that is due starts when it is looked at.
    if (batch?.active) await sleep(2_000);
  }
}

const onFabric = ({ host, method }: RequestLine, asked: string): boolean =>
  host === 'fabric' && method === asked;
const isPost: Which = (line) => onFabric(line, 'POST');
const isDelete: Which = (line) => onFabric(line, 'DELETE');
const isList: Which = (line) => onFabric(line, 'GET') && line.path.includes('/batches?');
const isStatus: Which = (line) => onFabric(line, 'GET') && /\/batches\/[^/?]+$/.test(line.path);
