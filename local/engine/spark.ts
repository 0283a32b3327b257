import { totalmem } from 'node:os';
import { resolve } from 'node:path';
import { findSpark, type SparkInstallation } from '../spark/installation.ts';
import { SparkBatch, type SparkSettings } from '../spark/spark-batch.ts';
import type { Engine, EngineJob, EngineRun } from './engine.ts';

const defaultConcurrent = 2;

export interface SparkEngineOptions {
  /** Where batches keep their logs, working folders and event logs (`spark-events/<batch id>/`). */
  stateFolder: string;
  /** Told what is found and fetched before the first batch. */
  log: (line: string) => void;
  /** How many batches run at once; further ones are queued in the order of their arrival. Default 2. */
  maxConcurrent?: number;
  /** Spark as found before; by default it is looked for, and PySpark fetched if need be. */
  installation?: SparkInstallation;
  /** The environment of which jobs see a few harmless names; by default that of this process. */
  env?: Readonly<Record<string, string | undefined>>;
}

/**
 * The engine with real Spark: each batch is a `spark-submit` in local mode, with two threads.
 * @throws MissingToolError if there is no fitting Python or Java, Error if PySpark cannot be fetched.
 */
export async function sparkEngine(options: SparkEngineOptions): Promise<Engine> {
  const maxConcurrent = options.maxConcurrent ?? defaultConcurrent;
  const settings: SparkSettings = {
    installation: options.installation ?? (await findSpark({ log: options.log })),
    stateFolder: resolve(options.stateFolder),
    memoryCapMiB: memoryCapMiB(totalmem(), maxConcurrent),
    env: options.env ?? process.env,
  };
  return new SparkEngine(settings, maxConcurrent);
}

/**
 * How much a driver gets at most, whatever is asked for: half of the machine shared by those that
 * run at once, and not less than 1 GiB, with which Spark just runs.
 */
export function memoryCapMiB(totalBytes: number, maxConcurrent: number): number {
  const half = totalBytes / 2 / 1024 / 1024;
  return Math.max(1024, Math.floor(half / maxConcurrent));
}

class SparkEngine implements Engine {
  readonly kind = 'spark';
  readonly #settings: SparkSettings;
  readonly #maxConcurrent: number;
  /** Batches that have not ended, oldest first. */
  readonly #live = new Set<SparkBatch>();
  /** Batches of which something may still run. */
  readonly #present = new Set<SparkBatch>();
  #closed = false;

  constructor(settings: SparkSettings, maxConcurrent: number) {
    this.#settings = settings;
    this.#maxConcurrent = maxConcurrent;
  }

  run(job: EngineJob): EngineRun {
    if (this.#closed) throw new Error('This Spark engine is closed.');
    const batch = new SparkBatch(job, this.#settings, () => {
      this.#live.delete(batch);
      this.#startNext();
    });
    this.#live.add(batch);
    this.#present.add(batch);
    void batch.gone.then(() => this.#present.delete(batch));
    this.#startNext();
    return batch;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const all = [...this.#present];
    for (const batch of all) batch.cancel();
    await Promise.all(all.map((batch) => batch.gone));
  }

  #startNext(): void {
    if (this.#closed) return;
    let places = this.#maxConcurrent;
    for (const batch of this.#live) {
      if (places-- <= 0) return;
      batch.start();
    }
  }
}
