import type { Places } from '../place.ts';
import type { Access, Asking } from './access.ts';
import { ApiError } from './api-error.ts';
import { acceptedBody, batchBody, listItem } from './batch-body.ts';
import type { Batches } from './batches.ts';
import { flag, wholeNumber } from './query.ts';

export interface LivyApiParts {
  access: Access;
  places: Places;
  batches: Batches;
  /** False: batches are answered without the tags of their submit. */
  tagsKept: boolean;
  /** Most items that one page of the list holds. */
  pageSize: number;
}

export interface LakehouseIds {
  workspaceId: string;
  lakehouseId: string;
}

/**
 * The Livy API for batches, whatever carries its requests: bodies in, bodies out. Each throws `ApiError`.
 * Source: fabric-samples, Livy API swagger.
 */
export class LivyApi {
  readonly #parts: LivyApiParts;

  constructor(parts: LivyApiParts) {
    this.#parts = parts;
  }

  /** Answered with 202. */
  async submit(request: Asking, ids: LakehouseIds, body: unknown): Promise<unknown> {
    const { access, places, batches } = this.#parts;
    const { caller, workspace, lakehouse } = await access.lakehouse(request, ids, true);
    if (workspace.capacityId === undefined)
      throw new ApiError(404, 'CapacityNotFound', 'The workspace has no capacity.');
    const mount = places.mount(workspace.id, lakehouse.id);
    if (!mount) throw new ApiError(404, 'ItemNotFound', 'The lakehouse was not found.');
    return acceptedBody(batches.accept(body, caller, mount), this.#options);
  }

  async list(request: Asking, ids: LakehouseIds, query: URLSearchParams): Promise<unknown> {
    const { access, batches, pageSize } = this.#parts;
    await access.lakehouse(request, ids);
    const skip = wholeNumber(query, '$skip') ?? 0;
    const top = Math.min(wholeNumber(query, '$top') ?? pageSize, pageSize);
    const listed = batches.listed(ids.lakehouseId);
    const items = listed.slice(skip, skip + top).map((batch) => listItem(batch, this.#options));
    const counted = flag(query, '$count') ? { totalCountOfMatchedItems: listed.length } : {};
    return { items, ...counted, pageSize: items.length };
  }

  async get(request: Asking, ids: LakehouseIds, batchId: string): Promise<unknown> {
    const { access, batches } = this.#parts;
    await access.lakehouse(request, ids);
    return batchBody(batches.find(ids.lakehouseId, batchId), this.#options);
  }

  async cancel(request: Asking, ids: LakehouseIds, batchId: string): Promise<void> {
    const { access, batches } = this.#parts;
    await access.lakehouse(request, ids, true);
    batches.find(ids.lakehouseId, batchId).cancel();
  }

  get #options(): { tags: boolean } {
    return { tags: this.#parts.tagsKept };
  }
}
