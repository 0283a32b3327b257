import { existsSync } from 'node:fs';
import { numberAt, type JsonObject } from '../../../src/http/json.ts';
import type { MonitoringResource } from '../../engine/engine.ts';
import type { Application } from './application.ts';
import { askDriver, uiPorts } from './driver-api.ts';
import { readEventLog } from './event-log.ts';

export interface SparkApiParts {
  application: string;
  /** True while the driver runs. */
  live: boolean;
  /** The driver's stderr from its beginning, as much of it as tells where the UI listens. */
  stderr: () => string;
  eventLog: string;
}

/**
 * Spark's REST API of one application: that of the running driver, and after its end (or where its UI
 * is not found) the same from its event log. `undefined` for what neither knows.
 */
export class SparkApi {
  #ports: number[] = [];
  #ended: Promise<Application> | undefined;

  async get(resource: MonitoringResource, parts: SparkApiParts): Promise<unknown> {
    const { live, eventLog } = parts;
    if (live) {
      const answer = await this.#live(resource, parts);
      if (answer !== undefined) return answer;
    }
    if (resource.kind === 'allexecutors' || !existsSync(eventLog)) return undefined;
    // At the end of the application the log gets another name: it may be gone by now.
    const read = live
      ? await readEventLog(eventLog).catch(() => undefined)
      : await (this.#ended ??= readEventLog(eventLog));
    return read && answerOf(resource, read);
  }

  async #live(resource: MonitoringResource, parts: SparkApiParts): Promise<unknown> {
    if (this.#ports.length === 0) this.#ports = uiPorts(parts.stderr());
    for (const port of this.#ports) {
      const answer = await askDriver(port, parts.application, pathOf(resource));
      if (answer === undefined) continue;
      this.#ports = [port];
      return answer;
    }
    this.#ports = [];
    return undefined;
  }
}

/** Tasks of a stage are left out: they can be thousands, and an event log is read for its sums. */
function pathOf({ kind, id, statuses = [] }: MonitoringResource): string {
  if (id !== undefined) return kind === 'stages' ? `stages/${id}?details=false` : `${kind}/${id}`;
  const query = statuses.map((status) => `status=${encodeURIComponent(status)}`).join('&');
  return query === '' ? kind : `${kind}?${query}`;
}

function answerOf(
  { kind, id, statuses = [] }: MonitoringResource,
  application: Application,
): unknown {
  const all: JsonObject[] = kind === 'jobs' ? application.jobs : application.stages;
  if (id === undefined)
    return all.filter(
      ({ status }) =>
        statuses.length === 0 ||
        statuses.some((one) => one.toUpperCase() === String(status).toUpperCase()),
    );
  const found = all.filter((one) => numberAt(one, kind === 'jobs' ? 'jobId' : 'stageId') === id);
  if (found.length === 0) return undefined;
  return kind === 'jobs' ? found[0] : found;
}
