import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { EngineLog, EngineSnapshot } from '../engine/engine.ts';
import { isTerminal } from '../engine/scripted.ts';
import { queryOf, type Listener } from '../listener.ts';
import type { DriverLogSettings, Settings } from '../settings.ts';
import type { Access } from './access.ts';
import { ApiError, invalidInput } from './api-error.ts';
import type { Batch } from './batch.ts';
import type { Batches } from './batches.ts';
import { flag, wholeNumber } from './query.ts';
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

const session = '/v1/workspaces/:workspaceId/lakehouses/:lakehouseId/livySessions/:livyId';
const defaultSize = 1_048_576;

/** The monitoring API of a batch and its logs. Sources: Lakehouse API, "Livy sessions"; "Driver log", "Livy log". */
export function serveSessions(app: Listener, parts: SessionParts): void {
  const { settings, access, batches } = parts;

  app.get<OfSession>(session, async (request) =>
    sessionBody(await find(request, request.params), settings.clock.now()),
  );
  for (const path of ['', '/:attempt']) {
    app.get<OfApplication>(
      `${session}/applications/:application${path}/logs`,
      async (request, reply) => {
        const batch = await find(request, request.params);
        return answer(reply, batch, chooseLog(batch, request.params, queryOf(request)));
      },
    );
  }

  async function find(request: FastifyRequest, ids: OfSession['Params']): Promise<Batch> {
    await access.lakehouse(request, ids);
    return batches.find(ids.lakehouseId, ids.livyId);
  }

  function chooseLog(
    batch: Batch,
    ids: OfApplication['Params'],
    query: URLSearchParams,
  ): LogRequest {
    const range = readRange(query, settings.driverLog);
    const meta = flag(query, 'meta');
    const type = query.get('type')?.toLowerCase();
    if (type === 'livy') {
      if (ids.application.toLowerCase() !== 'none')
        throw invalidInput('The Livy log is that of the application none.');
      return { log: 'livy', meta, range, snapshot: batch.snapshot() };
    }
    if (type !== 'driver') throw invalidInput('type must be driver or livy.');
    const log = query.get('fileName');
    if (log !== 'stdout' && log !== 'stderr')
      throw invalidInput('fileName must be stdout or stderr.');
    const snapshot = batch.snapshot();
    const { applicationId, runningAt } = snapshot;
    if (applicationId === undefined || applicationId !== ids.application || !isFirst(ids.attempt))
      throw new ApiError(404, 'NotFound', `There is no application ${ids.application}.`);
    if (runningAt === undefined && settings.driverLog.absentBeforeStart)
      throw new ApiError(404, 'NotFound', 'The driver has no log yet.');
    return { log, meta, range, snapshot };
  }

  function answer(reply: FastifyReply, batch: Batch, request: LogRequest): unknown {
    const { log, snapshot } = request;
    const length = batch.length(log);
    if (request.meta) return logMeta(log, length, snapshot, settings.clock.now());
    const whole =
      request.range === undefined ||
      (settings.driverLog.offsetsEndWithApplication && isTerminal(snapshot.phase));
    const from = whole ? 0 : Math.min(request.range?.offset ?? 0, length);
    const size = settings.driverLog.sizeIgnored ? length : (request.range?.size ?? length);
    const to = whole ? length : Math.min(from + size, length);
    return reply
      .header('content-type', 'application/octet-stream')
      .header('content-length', to - from)
      .send(Readable.from(chunks(batch, log, from, to), { objectMode: false }));
  }
}

/** There is one attempt only. */
function isFirst(attempt: string | undefined): boolean {
  return attempt === undefined || attempt === '1';
}

interface LogRequest {
  log: EngineLog;
  meta: boolean;
  /** Absent: the whole log. */
  range: { offset: number; size: number } | undefined;
  snapshot: EngineSnapshot;
}

/** `offset` and `size` count only beside `isDownload` and `isPartial`. Source: "Driver log". */
function readRange(
  query: URLSearchParams,
  settings: DriverLogSettings,
): { offset: number; size: number } | undefined {
  const offset = wholeNumber(query, 'offset') ?? 0;
  const size = wholeNumber(query, 'size') ?? defaultSize;
  if (settings.largestOffset !== undefined && offset > settings.largestOffset)
    throw invalidInput(`offset must be 0 to ${settings.largestOffset}.`);
  const partial = flag(query, 'isPartial');
  const download = flag(query, 'isDownload');
  if (partial && !download) throw invalidInput('isPartial is allowed only with isDownload=true.');
  return partial ? { offset, size } : undefined;
}

function logMeta(log: EngineLog, length: number, snapshot: EngineSnapshot, now: number): unknown {
  const stamp = (time: number): string => new Date(time).toISOString().replace('Z', 'GMT');
  return {
    containerId: 'container_1',
    nodeId: 'localhost',
    containerLogMeta: {
      fileName: log,
      length,
      lastModified: stamp(snapshot.endedAt ?? now),
      creationTime: stamp(snapshot.startingAt ?? now),
      metaData: {},
    },
  };
}

const chunkSize = 256 * 1024;

function* chunks(batch: Batch, log: EngineLog, from: number, to: number): Iterable<Buffer> {
  for (let at = from; at < to; at += chunkSize)
    yield batch.read(log, at, Math.min(at + chunkSize, to));
}
