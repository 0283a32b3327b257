import type { FastifyReply, FastifyRequest } from 'fastify';
import { queryOf, type Listener } from '../listener.ts';
import type { Settings } from '../settings.ts';
import type { Access } from './access.ts';
import { ApiError, invalidInput } from './api-error.ts';
import type { Batch } from './batch.ts';
import type { Batches } from './batches.ts';
import { driverFiles, type DriverFile } from './driver-files.ts';
import { fileMeta, inContainer, logRange, sendLog } from './log-answer.ts';
import { flag, numberWithin } from './query.ts';
import { sessionBody } from './session-body.ts';

export interface SessionParts {
  settings: Settings;
  access: Access;
  batches: Batches;
}

interface OfSession {
  Params: { workspaceId: string; lakehouseId: string; livyId: string };
}

interface OfApplication {
  Params: OfSession['Params'] & { application: string; attempt?: string };
}

/** A request for a log of a batch. */
interface LogRequest {
  batch: Batch;
  ids: OfApplication['Params'];
  query: URLSearchParams;
  reply: FastifyReply;
}

const session = '/v1/workspaces/:workspaceId/lakehouses/:lakehouseId/livySessions/:livyId';

/** The monitoring API of a batch and its logs. Sources: Lakehouse API, "Livy sessions"; "Driver log", "Livy log". */
export function serveSessions(app: Listener, parts: SessionParts): void {
  const { settings, access, batches } = parts;
  const { clock } = settings;

  app.get<OfSession>(session, async (request) =>
    sessionBody(await find(request, request.params), clock.now()),
  );
  for (const attempt of ['', '/:attempt']) {
    app.get<OfApplication>(
      `${session}/applications/:application${attempt}/logs`,
      async (request, reply) => {
        const { params: ids } = request;
        const asked = { batch: await find(request, ids), ids, query: queryOf(request), reply };
        switch (asked.query.get('type')?.toLowerCase()) {
          case 'livy':
            return livyLog(asked);
          case 'driver':
            return driverLogFile(asked);
          case 'rollingdriver':
            return driverLogList(asked);
          default:
            throw invalidInput('type must be driver, rollingdriver or livy.');
        }
      },
    );
  }

  async function find(request: FastifyRequest, ids: OfSession['Params']): Promise<Batch> {
    await access.lakehouse(request, ids);
    return batches.find(ids.lakehouseId, ids.livyId);
  }

  function livyLog({ batch, ids, query, reply }: LogRequest): unknown {
    const range = logRange(query, settings.driverLog);
    if (ids.application.toLowerCase() !== 'none')
      throw invalidInput('The Livy log is that of the application none.');
    const file = { name: 'livy', from: 0, to: batch.length('livy') };
    if (flag(query, 'meta')) return inContainer(fileMeta(file, batch, clock.now()));
    return sendLog(reply, batch, { ...file, log: 'livy' }, range, settings.driverLog);
  }

  /** One file by its name; that of a stream is the current one, unless it has another name. */
  function driverLogFile({ batch, ids, query, reply }: LogRequest): unknown {
    const range = logRange(query, settings.driverLog);
    const meta = flag(query, 'meta');
    const name = query.get('fileName') ?? '';
    if (!/^(stdout|stderr)(-[\w-]+)?$/.test(name))
      throw invalidInput('fileName must be stdout, stderr or the name of a rolled file.');
    const file = filesOfAttempt(batch, ids).find((one) => one.name === name);
    if (!file) throw new ApiError(404, 'NotFound', `There is no file ${name}.`);
    if (meta) return inContainer(fileMeta(file, batch, clock.now()));
    return sendLog(reply, batch, { ...file, log: file.stream }, range, settings.driverLog);
  }

  /** `offset` and `maxResults` count files, within the limits that Fabric documents. */
  function driverLogList({ batch, ids, query }: LogRequest): unknown {
    const offset = numberWithin(query, 'offset', { least: 0, most: 20_000 }) ?? 0;
    const results = numberWithin(query, 'maxResults', { least: 1, most: 3_000 }) ?? 3_000;
    const prefix = query.get('filenamePrefix') ?? '';
    if (!flag(query, 'meta')) throw invalidInput('type=rollingdriver needs meta=true.');
    if (!settings.driverLog.rollingServed)
      throw new ApiError(404, 'NotFound', 'The driver log has no list of its files.');
    const files = filesOfAttempt(batch, ids).filter(({ name }) => name.startsWith(prefix));
    const shown = files.slice(offset, offset + results);
    return inContainer(shown.map((file) => fileMeta(file, batch, clock.now())));
  }

  /** The files of the attempt that a path names, by default the last. Throws `ApiError` 404. */
  function filesOfAttempt(batch: Batch, ids: OfApplication['Params']): DriverFile[] {
    const { applicationId, runningAt } = batch.snapshot();
    if (applicationId === undefined || applicationId !== ids.application)
      throw new ApiError(404, 'NotFound', `There is no application ${ids.application}.`);
    const attempt = ids.attempt ?? String(batch.attempt);
    const files = driverFiles(batch, settings.driverLog.activeName).filter(
      (file) => String(file.attempt) === attempt,
    );
    if (files.length === 0)
      throw new ApiError(404, 'NotFound', `The application has no attempt ${attempt}.`);
    if (runningAt === undefined && settings.driverLog.absentBeforeStart)
      throw new ApiError(404, 'NotFound', 'The driver has no log yet.');
    return files;
  }
}
