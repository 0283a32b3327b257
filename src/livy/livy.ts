import type { BearerClient } from '../auth/bearer.ts';
import type { StepError } from '../errors.ts';
import type { Answer } from '../http/client.ts';
import { submitRefused } from './refused.ts';
import { batchPage, type BatchStatus } from './status.ts';

/** The body of a submit. Fields that were not asked for are absent, not empty. */
export interface BatchBody {
  name: string;
  file: string;
  className?: string;
  args?: readonly string[];
  pyFiles?: readonly string[];
  jars?: readonly string[];
  files?: readonly string[];
  archives?: readonly string[];
  conf?: Readonly<Record<string, string>>;
  driverMemory?: string;
  driverCores?: number;
  executorMemory?: string;
  executorCores?: number;
  numExecutors?: number;
  tags: Readonly<Record<string, string>>;
}

/** What Fabric's Livy and Apache's do not have in common, beside the requests themselves. */
export interface Dialect {
  /** What messages call the service. */
  service: string;
  /** The input that names its address. */
  address: string;
  /** Where a user looks for a batch. */
  hub: string;
  /** The list carries the tags of the submit, by which `on-rerun` knows a batch. */
  keepsTags: boolean;
  /** A second submit under the name of a first one is refused, so that it cannot start a twin. */
  uniqueNames: boolean;
  /** A submit may find 404 for a while, since its place was just made. */
  mayBeNew: boolean;
  /** What to check of a batch that is not found by its id. */
  checkId: string;
  /** What lets a batch be ended, and the list be read. */
  rights: string;
  /** What to check when there is no list. */
  checkList: string;
  /** What a 404 that lasts leaves the user to do. */
  vanished: string;
  /** True for a refusal that says: a batch of this name is there. */
  nameTaken(answer: Answer): boolean;
  /** A submit that was refused, with what to do about it. Nothing was started. */
  refused(answer: Answer): StepError;
}

/** A Livy server: the batches of one lakehouse, or all of an Apache Livy. Answers are given as they came; nothing is retried. */
export interface Livy {
  readonly dialect: Dialect;
  /** Is not sent once `unless` has aborted (`TransportError`, aborted); under way it is let finish. */
  submit(body: BatchBody, unless: AbortSignal): Promise<Answer>;
  get(id: string, signal?: AbortSignal): Promise<Answer>;
  /** `atOnce`: with the token at hand and no sign-in; `undefined` when there is none. */
  cancel(
    id: string,
    options?: { atOnce?: boolean; ownConnection?: boolean; signal?: AbortSignal },
  ): Promise<Answer | undefined>;
  /**
   * Every batch of the list over all pages, or `undefined` when a page could not be read; `onRefused`
   * is told the answer that refused it.
   */
  list(
    signal?: AbortSignal,
    onRefused?: (answer: Answer) => void,
  ): Promise<readonly BatchStatus[] | undefined>;
  /**
   * From now on the id counts only for the batch of this name. `ended`: its DELETE was taken before.
   * Ids of Fabric are never given twice, and those of an Apache Livy begin at 0 with each start.
   */
  known(id: string, name: string, ended?: boolean): void;
  /** True when a whole list holds the batch of this id. */
  holds(batches: readonly BatchStatus[], id: string): boolean;
  /** Until when the service asked to be left alone; milliseconds since the epoch, 0 when it did not. */
  pausedUntil(): number;
  /** When the next request may go, by such a pause and by our budget; milliseconds since the epoch. */
  freeAt(): number;
}

const pageSize = 100;
const mostPages = 500;
/** How long a page of the list is asked for again, and how long one try may take; milliseconds. */
const listPatience = { patience: 10_000, longest: 30_000 };

export const fabricDialect: Dialect = {
  service: 'Fabric',
  address: 'fabric-endpoint',
  hub: 'the monitoring hub',
  keepsTags: true,
  uniqueNames: false,
  mayBeNew: true,
  checkId: 'Check batch-id, workspace and lakehouse: a batch belongs to one lakehouse.',
  rights: 'Give the service principal the role Contributor in the workspace',
  checkList: 'Check workspace and lakehouse, and that the tenant setting for the Livy API is on.',
  vanished: 'Look in the monitoring hub; whether the job succeeded is not known.',
  nameTaken: () => false,
  refused: submitRefused,
};

/** Fabric's Livy API. `livyapi` stands in lower case, ids are opaque texts. Source: fabric-samples swagger. */
export function fabricLivy(client: BearerClient, workspaceId: string, lakehouseId: string): Livy {
  const batches = `${client.origin}/v1/workspaces/${workspaceId}/lakehouses/${lakehouseId}/livyapi/versions/2023-12-01/batches`;
  const one = (id: string): string => `${batches}/${encodeURIComponent(id)}`;
  return {
    dialect: fabricDialect,
    submit: (body, unless) =>
      client.send({
        method: 'POST',
        url: batches,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        ownConnection: true,
        unlessAborted: unless,
      }),
    get: (id, signal) => client.send({ method: 'GET', url: one(id) }, { signal }),
    cancel: (id, options) => {
      const ownConnection = options?.ownConnection ?? false;
      const request = { method: 'DELETE' as const, url: one(id), ownConnection, urgent: true };
      return options?.atOnce
        ? client.sendAtOnce(request, options.signal)
        : client.send(request, { signal: options?.signal });
    },
    async list(signal, onRefused) {
      const found = new Map<string, BatchStatus>();
      let read = 0;
      for (let page = 0; page < mostPages; page += 1) {
        const url = `${batches}?$top=${pageSize}&$skip=${read}&$count=true`;
        const answer = await client.send({ method: 'GET', url }, { signal, ...listPatience });
        const list = answer.status === 200 ? batchPage(answer.json) : undefined;
        if (!list) {
          onRefused?.(answer);
          return undefined;
        }
        read += list.items.length;
        const before = found.size;
        for (const item of list.items) if (item.id !== undefined) found.set(item.id, item);
        // The total may count one page only, so that a page without news alone ends the list.
        if (found.size > before) continue;
        return list.total !== undefined && list.total > found.size
          ? undefined
          : [...found.values()];
      }
      return undefined;
    },
    known: () => undefined,
    holds: (found, id) => found.some((batch) => batch.id === id),
    pausedUntil: () => client.http.pausedUntil(client.origin),
    freeAt: () => client.http.freeAt(client.origin),
  };
}
