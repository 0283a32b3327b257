import type { BearerClient } from '../auth/bearer.ts';
import { discard, type Answer } from '../http/client.ts';
import { isObject, listAt, numberAt, objectAt, textAt } from '../http/json.ts';
import type { HttpReply } from '../http/transport.ts';

export type StreamName = 'stdout' | 'stderr';

/** Bytes asked for in one read where offsets serve; the documented default of the API. */
export const readSize = 1_048_576;

/** A read that the server refused. 404 is none: the log is not there (yet). */
export class LogRefused extends Error {
  override readonly name = 'LogRefused';
  readonly status: number;

  constructor(status: number) {
    super(`the log API answered ${status}`);
    this.status = status;
  }
}

/** Where the bytes of one log come from. A body may be longer than asked for, or start elsewhere. */
export interface LogSource {
  /** From `offset` on, as the server understands it; `undefined` while there is no log. */
  partial(offset: number, signal?: AbortSignal): Promise<AsyncIterable<Uint8Array> | undefined>;
  /** The whole log from its first byte. */
  whole(signal?: AbortSignal): Promise<AsyncIterable<Uint8Array> | undefined>;
  /** Length in bytes, where the server tells it. */
  length(signal?: AbortSignal): Promise<number | undefined>;
}

/** A file of a stream, as the server lists it. */
export interface LogFile {
  name: string;
  /** Bytes; absent where the server does not tell. */
  length: number | undefined;
}

/** The files of a stream by name. Source: Fabric monitoring API, "Rolling driver log". */
export interface StreamFiles {
  /** The file of a stream that was not rolled. */
  readonly plain: LogFile;
  /**
   * The files of an attempt, oldest first, the one that grows last; of the last attempt where none
   * is named. `undefined` where the server lists none. Throws `LogRefused` for what may pass.
   */
  list(attempt: number | undefined, signal?: AbortSignal): Promise<LogFile[] | undefined>;
  file(name: string, attempt?: number): LogSource;
  /**
   * The number of the last attempt, from 1 on, where the server tells it. Throws `LogRefused` for
   * what may pass.
   */
  lastAttempt(signal?: AbortSignal): Promise<number | undefined>;
}

const none = new Set([204, 404]);

async function bodyOf(reply: HttpReply): Promise<AsyncIterable<Uint8Array> | undefined> {
  if (reply.status === 200 || reply.status === 206) return reply.body;
  await discard(reply).catch(() => undefined);
  // 416: the offset is at the end, so there is nothing new.
  if (reply.status === 416) return empty();
  if (none.has(reply.status)) return undefined;
  throw new LogRefused(reply.status);
}

async function* empty(): AsyncIterable<Uint8Array> {
  // No chunk.
}

function logSource(client: BearerClient, logs: string, query: string): LogSource {
  const read = async (
    parameters: string,
    signal?: AbortSignal,
  ): Promise<AsyncIterable<Uint8Array> | undefined> =>
    bodyOf(await client.stream({ method: 'GET', url: `${logs}?${query}&${parameters}` }, signal));
  return {
    partial: (offset, signal) =>
      read(`isDownload=true&isPartial=true&offset=${offset}&size=${readSize}`, signal),
    whole: (signal) => read('isDownload=true', signal),
    async length(signal) {
      const answer = await client.send(
        { method: 'GET', url: `${logs}?${query}&meta=true` },
        { signal },
      );
      if (answer.status !== 200 || !isObject(answer.json)) return undefined;
      return lengthOf(objectAt(answer.json, 'containerLogMeta') ?? answer.json);
    },
  };
}

/** Public clients found other names than the documented `length`. */
function lengthOf(meta: unknown): number | undefined {
  return numberAt(meta, 'length') ?? numberAt(meta, 'sizeInBytes') ?? numberAt(meta, 'fileSize');
}

export interface LogAddress {
  workspaceId: string;
  lakehouseId: string;
  batchId: string;
}

function sessionOf(client: BearerClient, address: LogAddress): string {
  const { workspaceId, lakehouseId, batchId } = address;
  return `${client.origin}/v1/workspaces/${workspaceId}/lakehouses/${lakehouseId}/livySessions/${encodeURIComponent(batchId)}`;
}

function logsOf(
  client: BearerClient,
  address: LogAddress,
  application: string,
  attempt?: number,
): string {
  const of = attempt === undefined ? '' : `/${attempt}`;
  return `${sessionOf(client, address)}/applications/${encodeURIComponent(application)}${of}/logs`;
}

/** A stream of the driver log of the last attempt. Source: Fabric monitoring API, "Driver log". */
export function driverLog(
  client: BearerClient,
  address: LogAddress,
  applicationId: string,
  stream: StreamName,
): LogSource {
  return driverFiles(client, address, applicationId, stream).file(stream);
}

const mostFiles = 3_000;

/** The files of a stream of the driver log, by name and by attempt. */
export function driverFiles(
  client: BearerClient,
  address: LogAddress,
  applicationId: string,
  stream: StreamName,
): StreamFiles {
  return {
    plain: { name: stream, length: undefined },
    file: (name, attempt) =>
      logSource(
        client,
        logsOf(client, address, applicationId, attempt),
        `type=driver&fileName=${encodeURIComponent(name)}`,
      ),
    async list(attempt, signal) {
      const logs = logsOf(client, address, applicationId, attempt);
      const url = `${logs}?type=rollingdriver&meta=true&filenamePrefix=${stream}&maxResults=${mostFiles}`;
      const answer = await client.send({ method: 'GET', url }, { signal });
      const metas = told(answer) ? listAt(answer.json, 'containerLogMeta') : [];
      const files = metas.flatMap((meta) => {
        const name = textAt(meta, 'fileName');
        return name === undefined
          ? []
          : [{ name, length: lengthOf(meta), changed: changedAt(meta) }];
      });
      return files.length === 0 ? undefined : files.sort(byAge);
    },
    async lastAttempt(signal) {
      const answer = await client.send(
        { method: 'GET', url: sessionOf(client, address) },
        { signal },
      );
      return told(answer) ? numberAt(answer.json, 'attemptNumber') : undefined;
    },
  };
}

/** Answers that another try does not change: the server does not tell. */
const untold = new Set([204, 400, 401, 403, 404, 405, 501]);

/** False where the server does not tell. Throws `LogRefused` for what may pass. */
function told({ status }: Answer): boolean {
  if (status !== 200 && !untold.has(status)) throw new LogRefused(status);
  return status === 200;
}

/** `2025-03-05T12:31:31.000GMT`, as the documentation shows it, is no time that JavaScript reads. */
function changedAt(meta: unknown): number {
  const text = textAt(meta, 'lastModified') ?? textAt(meta, 'lastModifiedTime') ?? '';
  return Date.parse(text.replace(/(\d)GMT$/, '$1Z'));
}

/** The file that grows is the last; the others by the time of their last change, else by name. */
function byAge(
  one: { name: string; changed: number },
  other: { name: string; changed: number },
): number {
  const growing = (name: string): number => (/\d$/.test(name) ? 0 : 1);
  return (
    growing(one.name) - growing(other.name) ||
    one.changed - other.changed ||
    one.name.localeCompare(other.name, 'en', { numeric: true })
  );
}

/** spark-submit's own log, which is there before there is an application. Source: "Livy log". */
export function livyLog(client: BearerClient, address: LogAddress): LogSource {
  return logSource(client, logsOf(client, address, 'none'), 'type=livy');
}
