import type { Clock } from '../../src/clock.ts';
import type { BatchRequest, Engine, LakehouseMount } from '../engine/engine.ts';
import { queryOf, type Listener } from '../listener.ts';
import { sameText, type Places } from '../place.ts';
import type { ApplicationSettings, CapacitySettings, TwinSettings } from '../settings.ts';
import type { Access } from './access.ts';
import { ApiError } from './api-error.ts';
import { Batch, capacityError } from './batch.ts';
import { acceptedBody, batchBody, listItem } from './batch-body.ts';
import { batchRequest, checkEnvironment } from './batch-request.ts';
import { flag, wholeNumber } from './query.ts';

export interface BatchesParts {
  access: Access;
  places: Places;
  clock: Pick<Clock, 'now'>;
  engine: Engine;
  capacity: CapacitySettings;
  queueSeconds: number;
  listLagSeconds: number;
  readLagSeconds: number;
  twinsOfSubmit?: TwinSettings;
  tagsKept: boolean;
  pageSize: number;
  onelakeHost: () => string;
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

interface OfLakehouse {
  Params: { workspaceId: string; lakehouseId: string };
}
interface OfBatch {
  Params: { workspaceId: string; lakehouseId: string; batchId: string };
}

/** The Livy API for batches: submit, list, get, cancel. Source: fabric-samples, Livy API swagger. */
export function serveBatches(app: Listener, parts: BatchesParts): Batches {
  const { access, places, tagsKept, pageSize } = parts;
  const batches = new Batches(parts);
  const options = { tags: tagsKept };
  const path =
    '/v1/workspaces/:workspaceId/lakehouses/:lakehouseId/livyapi/versions/2023-12-01/batches';

  app.post<OfLakehouse>(path, async (request, reply) => {
    const { caller, workspace, lakehouse } = await access.lakehouse(request, request.params, true);
    if (workspace.capacityId === undefined)
      throw new ApiError(404, 'CapacityNotFound', 'The workspace has no capacity.');
    const mount = places.mount(workspace.id, lakehouse.id);
    if (!mount) throw new ApiError(404, 'ItemNotFound', 'The lakehouse was not found.');
    const batch = batches.accept(request.body, caller, mount);
    return reply.code(202).send(acceptedBody(batch, options));
  });
  app.get<OfLakehouse>(path, async (request) => {
    await access.lakehouse(request, request.params);
    const query = queryOf(request);
    const skip = wholeNumber(query, '$skip') ?? 0;
    const top = Math.min(wholeNumber(query, '$top') ?? pageSize, pageSize);
    const listed = batches.listed(request.params.lakehouseId);
    const items = listed.slice(skip, skip + top).map((batch) => listItem(batch, options));
    const counted = flag(query, '$count') ? { totalCountOfMatchedItems: listed.length } : {};
    return { items, ...counted, pageSize: items.length };
  });
  app.get<OfBatch>(`${path}/:batchId`, async (request) => {
    await access.lakehouse(request, request.params);
    return batchBody(batches.find(request.params.lakehouseId, request.params.batchId), options);
  });
  app.delete<OfBatch>(`${path}/:batchId`, async (request, reply) => {
    await access.lakehouse(request, request.params, true);
    batches.find(request.params.lakehouseId, request.params.batchId).cancel();
    return reply.code(200).send();
  });
  return batches;
}
