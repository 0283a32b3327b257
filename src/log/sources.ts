import type { BearerClient } from '../auth/bearer.ts';
import { discard } from '../http/client.ts';
import { isObject, numberAt, objectAt } from '../http/json.ts';
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
      const meta = objectAt(answer.json, 'containerLogMeta') ?? answer.json;
      // Public clients found other names than the documented `length`.
      return (
        numberAt(meta, 'length') ?? numberAt(meta, 'sizeInBytes') ?? numberAt(meta, 'fileSize')
      );
    },
  };
}

export interface LogAddress {
  workspaceId: string;
  lakehouseId: string;
  batchId: string;
}

function logsOf(client: BearerClient, address: LogAddress, application: string): string {
  const { workspaceId, lakehouseId, batchId } = address;
  const session = `${client.origin}/v1/workspaces/${workspaceId}/lakehouses/${lakehouseId}/livySessions/${encodeURIComponent(batchId)}`;
  return `${session}/applications/${encodeURIComponent(application)}/logs`;
}

/** A stream of the driver log of the last attempt. Source: Fabric monitoring API, "Driver log". */
export function driverLog(
  client: BearerClient,
  address: LogAddress,
  applicationId: string,
  stream: StreamName,
): LogSource {
  return logSource(
    client,
    logsOf(client, address, applicationId),
    `type=driver&fileName=${stream}`,
  );
}

/** spark-submit's own log, which is there before there is an application. Source: "Livy log". */
export function livyLog(client: BearerClient, address: LogAddress): LogSource {
  return logSource(client, logsOf(client, address, 'none'), 'type=livy');
}
