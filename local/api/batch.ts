import { randomUUID } from 'node:crypto';
import type { Clock } from '../../src/clock.ts';
import type {
  BatchRequest,
  Engine,
  EngineJob,
  EngineLog,
  EngineRun,
  EngineSnapshot,
  LakehouseMount,
  LogCut,
  MonitoringResource,
} from '../engine/engine.ts';
import { isTerminal } from '../engine/scripted.ts';
import type { ApplicationSettings } from '../settings.ts';

/** Fabric's own words for a capacity that is full. Source: "Concurrency limits and queueing". */
export const capacityError = {
  code: 'TooManyRequestsForCapacity',
  message:
    "[TooManyRequestsForCapacity] HTTP Response code 430: This Spark job can't be run because you have hit a Spark compute or API rate limit. To run this Spark job, cancel an active Spark job through the Monitoring hub, or choose a larger capacity SKU or try again later.",
};

export interface BatchParts {
  clock: Pick<Clock, 'now'>;
  engine: Engine;
  request: BatchRequest;
  submitter: ApplicationSettings;
  mount: LakehouseMount;
  mounts: readonly LakehouseMount[];
  onelakeHost: string;
  queueSeconds: number;
  listLagSeconds: number;
  /** Ends with the capacity error instead of being given to the engine. */
  turnedAway: boolean;
  /** By default a random UUID. */
  newId?: (() => string) | undefined;
}

/** One accepted batch: it waits in the queue, then the engine runs it. */
export class Batch {
  readonly id: string;
  readonly acceptedAt: number;
  /** When the list begins to hold it; milliseconds since the epoch. */
  readonly listedAt: number;
  readonly request: BatchRequest;
  readonly submitter: ApplicationSettings;
  readonly mount: LakehouseMount;
  /** How often a cancel was asked for. */
  cancels = 0;
  readonly #parts: BatchParts;
  #run: EngineRun | undefined;
  #killedInQueueAt: number | undefined;

  constructor(parts: BatchParts) {
    this.#parts = parts;
    this.id = parts.newId?.() ?? randomUUID();
    this.acceptedAt = parts.clock.now();
    this.listedAt = this.acceptedAt + parts.listLagSeconds * 1_000;
    this.request = parts.request;
    this.submitter = parts.submitter;
    this.mount = parts.mount;
    if (parts.queueSeconds === 0) this.#start();
  }

  /** What is true of the batch now. */
  snapshot(): EngineSnapshot {
    if (this.#parts.turnedAway)
      return { phase: 'error', endedAt: this.acceptedAt, error: capacityError };
    if (this.#killedInQueueAt !== undefined)
      return { phase: 'killed', endedAt: this.#killedInQueueAt };
    return this.#start()?.snapshot() ?? { phase: 'queued' };
  }

  get active(): boolean {
    return !isTerminal(this.snapshot().phase);
  }

  cancel(): void {
    this.cancels += 1;
    if (!this.active) return;
    const run = this.#start();
    if (run) run.cancel();
    else this.#killedInQueueAt = this.#parts.clock.now();
  }

  read(log: EngineLog, from: number, to: number): Buffer {
    return this.#run?.read(log, from, to) ?? Buffer.alloc(0);
  }

  length(log: EngineLog): number {
    return this.#run?.length(log) ?? 0;
  }

  /** `undefined` for what Spark does not know. */
  async monitoring(resource: MonitoringResource): Promise<unknown> {
    return this.#run?.monitoring?.(resource);
  }

  cuts(): readonly LogCut[] {
    return this.#run?.cuts?.() ?? [];
  }

  /** The application's last attempt, from 1 on. */
  get attempt(): number {
    const restarts = this.cuts().filter(
      ({ kind, stream }) => kind === 'restart' && stream === 'stdout',
    );
    return 1 + restarts.length;
  }

  /** Gives the batch to the engine once its time in the queue is over. */
  #start(): EngineRun | undefined {
    const { clock, engine, queueSeconds, turnedAway, mounts, onelakeHost } = this.#parts;
    const due = this.acceptedAt + queueSeconds * 1_000;
    if (this.#run || turnedAway || clock.now() < due) return this.#run;
    const job: EngineJob = {
      id: this.id,
      request: this.request,
      lakehouse: this.mount,
      lakehouses: mounts,
      onelakeHost,
    };
    this.#run = engine.run(job);
    return this.#run;
  }
}
