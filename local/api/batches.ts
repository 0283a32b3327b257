import type { Clock } from '../../src/clock.ts';
import type { BatchRequest, Engine, LakehouseMount } from '../engine/engine.ts';
import { sameText, type Places } from '../place.ts';
import type { ApplicationSettings, CapacitySettings, TwinSettings } from '../settings.ts';
import { ApiError } from './api-error.ts';
import { Batch, capacityError } from './batch.ts';
import { batchRequest, checkEnvironment } from './batch-request.ts';

export interface BatchesParts {
  places: Places;
  clock: Pick<Clock, 'now'>;
  engine: Engine;
  capacity: CapacitySettings;
  queueSeconds: number;
  listLagSeconds: number;
  readLagSeconds: number;
  twinsOfSubmit?: TwinSettings;
  onelakeHost: () => string;
  /** By default random UUIDs. */
  newBatchId?: () => string;
}

/** The batches of all lakehouses, newest first. */
export class Batches {
  readonly all: Batch[] = [];
  readonly #parts: BatchesParts;
  #twinsToCome: number;

  constructor(parts: BatchesParts) {
    this.#parts = parts;
    this.#twinsToCome = parts.twinsOfSubmit?.times ?? 0;
  }

  /**
   * Accepts a batch, and its twin if one is due: the answer is the first one's. Throws `ApiError`
   * 400 for a body that is not in the contract, 430 when the capacity is full and says so at once.
   */
  accept(body: unknown, submitter: ApplicationSettings, mount: LakehouseMount): Batch {
    const { capacity, listLagSeconds, twinsOfSubmit } = this.#parts;
    const request = batchRequest(body);
    checkEnvironment(request, this.#parts.places);
    const accepted = { request, submitter, mount, listLagSeconds };
    if (this.#refuses()) throw capacityFull(capacity);
    const batch = this.#add(accepted);
    if (this.#twinsToCome > 0) {
      this.#twinsToCome -= 1;
      if (!this.#refuses()) this.#add({ ...accepted, ...twinsOfSubmit });
    }
    return batch;
  }

  #full(): boolean {
    const { maxConcurrent } = this.#parts.capacity;
    if (maxConcurrent === undefined) return false;
    return this.all.filter(({ active }) => active).length >= maxConcurrent;
  }

  #refuses(): boolean {
    return this.#full() && this.#parts.capacity.whenFull === 'refuse';
  }

  #add(accepted: {
    request: BatchRequest;
    submitter: ApplicationSettings;
    mount: LakehouseMount;
    listLagSeconds: number;
  }): Batch {
    const { clock, engine, places, queueSeconds, onelakeHost } = this.#parts;
    const batch = new Batch({
      ...accepted,
      clock,
      engine,
      mounts: places.mounts,
      onelakeHost: onelakeHost(),
      queueSeconds,
      turnedAway: this.#full(),
      newId: this.#parts.newBatchId,
    });
    this.all.unshift(batch);
    return batch;
  }

  /** A batch of a lakehouse by its id. Throws `ApiError` 404, also while reads lag. */
  find(lakehouseId: string, batchId: string): Batch {
    const batch = this.all.find(
      (one) => one.id === batchId && sameText(one.mount.lakehouseId, lakehouseId),
    );
    if (!batch || this.#age(batch) < this.#parts.readLagSeconds) {
      throw new ApiError(404, 'SparkCoreSessionNotFound', `The batch '${batchId}' was not found.`);
    }
    return batch;
  }

  /** What the list holds of a lakehouse, newest first. */
  listed(lakehouseId: string): Batch[] {
    const now = this.#parts.clock.now();
    return this.all.filter(
      (batch) => sameText(batch.mount.lakehouseId, lakehouseId) && batch.listedAt <= now,
    );
  }

  /** Seconds since the acceptance. */
  #age(batch: Batch): number {
    return (this.#parts.clock.now() - batch.acceptedAt) / 1_000;
  }
}

function capacityFull({ retryAfterSeconds }: CapacitySettings): ApiError {
  const headers =
    retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
  return new ApiError(430, capacityError.code, capacityError.message, headers);
}
