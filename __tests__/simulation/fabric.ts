import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Access, type Asking } from '../../local/api/access.ts';
import { ApiError } from '../../local/api/api-error.ts';
import type { Batch } from '../../local/api/batch.ts';
import { Batches } from '../../local/api/batches.ts';
import { LivyApi, type LakehouseIds } from '../../local/api/livy-api.ts';
import { chunks } from '../../local/api/log-answer.ts';
import { MonitoringApi } from '../../local/api/monitoring-api.ts';
import { scriptedEngine, type BatchScript } from '../../local/engine/scripted.ts';
import type { EngineJob } from '../../local/engine/engine.ts';
import { Directory } from '../../local/entra/directory.ts';
import { Places } from '../../local/place.ts';
import { completeSettings, defaultIds, type LocalFabricSettings } from '../../local/settings.ts';
import type { Clock } from '../../src/clock.ts';
import { parseJson } from '../../src/http/json.ts';
import type { Authority } from './authority.ts';

/** What a service answers. */
export interface ServiceReply {
  status: number;
  /** Names in lower case. */
  headers: Record<string, string>;
  body: readonly Uint8Array[];
}

export interface ServiceRequest {
  method: string;
  url: URL;
  authorization: string | undefined;
  body: string;
}

const stateFolder = mkdtempSync(join(tmpdir(), 'simulation-'));
process.on('exit', () => rmSync(stateFolder, { recursive: true, force: true }));
const places = new Places(
  [
    {
      id: defaultIds.workspace,
      name: 'analytics',
      capacityId: defaultIds.capacity,
      lakehouses: [{ id: defaultIds.lakehouse, name: 'orders' }],
    },
  ],
  stateFolder,
);

const batchesPath =
  /^\/v1\/workspaces\/([^/]+)\/lakehouses\/([^/]+)\/livyapi\/versions\/2023-12-01\/batches(?:\/([^/]+))?$/;
const sessionPath =
  /^\/v1\/workspaces\/([^/]+)\/lakehouses\/([^/]+)\/livySessions\/([^/]+)(?:\/applications\/([^/]+)(?:\/([^/]+))?\/(logs|stages))?$/;

export interface FabricParts {
  clock: Pick<Clock, 'now'>;
  authority: Authority;
  script: (job: EngineJob) => BatchScript;
  settings: Partial<Omit<LocalFabricSettings, 'engine' | 'clock'>>;
  newBatchId: () => string;
}

/** Local Fabric's own logic, called without its HTTP. */
export class SimulatedFabric {
  readonly batches: Batches;
  /** Every batch that was ever accepted, oldest first, also those that vanished. */
  readonly every: Batch[] = [];
  /** Since when a batch is known no more, by id. */
  readonly vanished = new Map<string, number>();
  readonly #clock: Pick<Clock, 'now'>;
  readonly #livy: LivyApi;
  readonly #monitoring: MonitoringApi;

  constructor(parts: FabricParts) {
    const { clock, authority, script, newBatchId } = parts;
    this.#clock = clock;
    const settings = completeSettings(
      { ...parts.settings, engine: scriptedEngine(script, clock) },
      clock,
    );
    const access = new Access({
      clock,
      tokens: authority,
      directory: new Directory(settings.tenantId, settings.applications),
      audiences: settings.audiences.fabric,
      places,
      quota: settings.quota,
    });
    this.batches = new Batches({
      ...settings,
      places,
      onelakeHost: () => 'onelake.dfs.fabric.microsoft.com',
      newBatchId,
    });
    this.#livy = new LivyApi({ ...settings, access, places, batches: this.batches });
    this.#monitoring = new MonitoringApi({ settings, access, batches: this.batches });
  }

  async handle(request: ServiceRequest): Promise<ServiceReply> {
    this.#forgetVanished();
    try {
      return await this.#answer(request);
    } catch (thrown) {
      if (!(thrown instanceof ApiError)) throw thrown;
      const { status, errorCode, message, headers } = thrown;
      return json(status, { requestId: 'r-1', errorCode, message }, headers);
    }
  }

  async #answer(request: ServiceRequest): Promise<ServiceReply> {
    const { method, url, authorization } = request;
    const asking = { headers: { authorization } };
    const ofBatches = batchesPath.exec(url.pathname);
    if (ofBatches) {
      const [, workspaceId = '', lakehouseId = '', batchId] = ofBatches;
      const ids = { workspaceId, lakehouseId };
      if (batchId === undefined)
        return method === 'POST'
          ? this.#submit(asking, ids, request.body)
          : json(200, await this.#livy.list(asking, ids, url.searchParams));
      if (method === 'GET') return json(200, await this.#livy.get(asking, ids, batchId));
      await this.#livy.cancel(asking, ids, batchId);
      return { status: 200, headers: {}, body: [] };
    }
    const ofSession = sessionPath.exec(url.pathname);
    if (ofSession) {
      const [, workspaceId = '', lakehouseId = '', livyId = '', application, attempt, what] =
        ofSession;
      const ids = { workspaceId, lakehouseId, livyId };
      if (application === undefined) return json(200, await this.#monitoring.session(asking, ids));
      const named = { ...ids, application, ...(attempt === undefined ? {} : { attempt }) };
      if (what === 'stages')
        return json(200, await this.#monitoring.spark(asking, named, { kind: 'stages' }));
      const answer = await this.#monitoring.log(asking, named, url.searchParams);
      if ('json' in answer) return json(200, answer.json);
      return { status: 200, headers: {}, body: [...chunks(answer.batch, answer.part)] };
    }
    return named(url.pathname);
  }

  async #submit(asking: Asking, ids: LakehouseIds, body: string): Promise<ServiceReply> {
    const accepted = await this.#livy.submit(asking, ids, parseJson(body));
    for (const batch of [...this.batches.all].reverse())
      if (!this.every.includes(batch)) this.every.push(batch);
    return json(202, accepted);
  }

  /** A batch that vanished is answered with 404, and the list does not hold it. */
  #forgetVanished(): void {
    const now = this.#clock.now();
    for (const [id, since] of this.vanished) {
      const at = this.batches.all.findIndex((batch) => batch.id === id);
      if (since <= now && at !== -1) this.batches.all.splice(at, 1);
    }
  }
}

/** Workspaces and lakehouses as lists of one page. */
function named(path: string): ServiceReply {
  const value = path.endsWith('/lakehouses')
    ? [{ id: defaultIds.lakehouse, displayName: 'orders', type: 'Lakehouse' }]
    : [
        {
          id: defaultIds.workspace,
          displayName: 'analytics',
          type: 'Workspace',
          capacityId: defaultIds.capacity,
        },
      ];
  return json(200, { value, continuationToken: null, continuationUri: null });
}

export function json(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): ServiceReply {
  const bytes = Buffer.from(JSON.stringify(body));
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: [bytes] };
}
