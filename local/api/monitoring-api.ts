import type { MonitoringResource } from '../engine/engine.ts';
import type { Settings } from '../settings.ts';
import type { Access, Asking } from './access.ts';
import { ApiError, invalidInput } from './api-error.ts';
import type { Batch } from './batch.ts';
import type { Batches } from './batches.ts';
import { driverFiles, type DriverFile } from './driver-files.ts';
import { fileMeta, inContainer, logRange, servedPart, type LogPart } from './log-answer.ts';
import { flag, numberWithin } from './query.ts';
import { sessionBody } from './session-body.ts';

export interface MonitoringParts {
  settings: Pick<Settings, 'clock' | 'driverLog'>;
  access: Access;
  batches: Batches;
}

export interface SessionIds {
  workspaceId: string;
  lakehouseId: string;
  livyId: string;
}

export type ApplicationIds = SessionIds & { application: string; attempt?: string };

/** A body of JSON, or bytes of a log. */
export type LogAnswer = { json: unknown } | { batch: Batch; part: LogPart };

/** A request for a log of a batch. */
interface LogRequest {
  batch: Batch;
  ids: ApplicationIds;
  query: URLSearchParams;
}

/**
 * The monitoring API of a batch and its logs, whatever carries its requests. Each throws `ApiError`.
 * Sources: Lakehouse API, "Livy sessions"; "Driver log", "Livy log".
 */
export class MonitoringApi {
  readonly #parts: MonitoringParts;

  constructor(parts: MonitoringParts) {
    this.#parts = parts;
  }

  async session(request: Asking, ids: SessionIds): Promise<unknown> {
    return sessionBody(await this.#find(request, ids), this.#now());
  }

  async log(request: Asking, ids: ApplicationIds, query: URLSearchParams): Promise<LogAnswer> {
    const asked = { batch: await this.#find(request, ids), ids, query };
    switch (query.get('type')?.toLowerCase()) {
      case 'livy':
        return this.#livyLog(asked);
      case 'driver':
        return this.#driverLogFile(asked);
      case 'rollingdriver':
        return this.#driverLogList(asked);
      default:
        throw invalidInput('type must be driver, rollingdriver or livy.');
    }
  }

  /**
   * Spark's own REST API of the application: 404 before it runs, and for an attempt that is not its
   * last. Source: "Open-source Apache Spark monitoring APIs".
   */
  async spark(
    request: Asking,
    ids: ApplicationIds,
    resource: MonitoringResource,
  ): Promise<unknown> {
    const batch = await this.#find(request, ids);
    const { applicationId, runningAt } = batch.snapshot();
    const last = ids.attempt === undefined || ids.attempt === String(batch.attempt);
    const known = applicationId === ids.application && runningAt !== undefined && last;
    const answer = known ? await batch.monitoring(resource) : undefined;
    if (answer === undefined)
      throw new ApiError(404, 'NotFound', `There are no such ${resource.kind}.`);
    return answer;
  }

  async #find(request: Asking, ids: SessionIds): Promise<Batch> {
    await this.#parts.access.lakehouse(request, ids);
    return this.#parts.batches.find(ids.lakehouseId, ids.livyId);
  }

  #now(): number {
    return this.#parts.settings.clock.now();
  }

  /** Read anew for each request: it may be replaced meanwhile. */
  get #driverLog(): Settings['driverLog'] {
    return this.#parts.settings.driverLog;
  }

  #livyLog({ batch, ids, query }: LogRequest): LogAnswer {
    const range = logRange(query, this.#driverLog);
    if (ids.application.toLowerCase() !== 'none')
      throw invalidInput('The Livy log is that of the application none.');
    const file = { name: 'livy', from: 0, to: batch.length('livy') };
    if (flag(query, 'meta')) return { json: inContainer(fileMeta(file, batch, this.#now())) };
    return { batch, part: servedPart(batch, { ...file, log: 'livy' }, range, this.#driverLog) };
  }

  /** One file by its name; that of a stream is the current one, unless it has another name. */
  #driverLogFile({ batch, ids, query }: LogRequest): LogAnswer {
    const range = logRange(query, this.#driverLog);
    const meta = flag(query, 'meta');
    const name = query.get('fileName') ?? '';
    if (!/^(stdout|stderr)(-[\w-]+)?$/.test(name))
      throw invalidInput('fileName must be stdout, stderr or the name of a rolled file.');
    const file = this.#filesOfAttempt(batch, ids).find((one) => one.name === name);
    if (!file) throw new ApiError(404, 'NotFound', `There is no file ${name}.`);
    if (meta) return { json: inContainer(fileMeta(file, batch, this.#now())) };
    return {
      batch,
      part: servedPart(batch, { ...file, log: file.stream }, range, this.#driverLog),
    };
  }

  /** `offset` and `maxResults` count files, within the limits that Fabric documents. */
  #driverLogList({ batch, ids, query }: LogRequest): LogAnswer {
    const offset = numberWithin(query, 'offset', { least: 0, most: 20_000 }) ?? 0;
    const results = numberWithin(query, 'maxResults', { least: 1, most: 3_000 }) ?? 3_000;
    const prefix = query.get('filenamePrefix') ?? '';
    if (!flag(query, 'meta')) throw invalidInput('type=rollingdriver needs meta=true.');
    if (!this.#driverLog.rollingServed)
      throw new ApiError(404, 'NotFound', 'The driver log has no list of its files.');
    const files = this.#filesOfAttempt(batch, ids).filter(({ name }) => name.startsWith(prefix));
    const shown = files.slice(offset, offset + results);
    return { json: inContainer(shown.map((file) => fileMeta(file, batch, this.#now()))) };
  }

  /** The files of the attempt that a path names, by default the last. Throws `ApiError` 404. */
  #filesOfAttempt(batch: Batch, ids: ApplicationIds): DriverFile[] {
    const { applicationId, runningAt } = batch.snapshot();
    if (applicationId === undefined || applicationId !== ids.application)
      throw new ApiError(404, 'NotFound', `There is no application ${ids.application}.`);
    const attempt = ids.attempt ?? String(batch.attempt);
    const files = driverFiles(batch, this.#driverLog.activeName).filter(
      (file) => String(file.attempt) === attempt,
    );
    if (files.length === 0)
      throw new ApiError(404, 'NotFound', `The application has no attempt ${attempt}.`);
    if (runningAt === undefined && this.#driverLog.absentBeforeStart)
      throw new ApiError(404, 'NotFound', 'The driver has no log yet.');
    return files;
  }
}
