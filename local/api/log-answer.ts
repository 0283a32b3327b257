import type { EngineLog } from '../engine/engine.ts';
import { isTerminal } from '../engine/scripted.ts';
import type { DriverLogSettings } from '../settings.ts';
import { invalidInput } from './api-error.ts';
import type { Batch } from './batch.ts';
import type { DriverFile } from './driver-files.ts';
import { flag, wholeNumber } from './query.ts';

const defaultSize = 1_048_576;
const chunkSize = 256 * 1024;

/** Bytes of a log; both count from the beginning of the file that was asked for. */
export interface LogRange {
  offset: number;
  size: number;
}

/**
 * The part of a file that a request asks for; absent: the whole file. `offset` and `size` count
 * only beside `isDownload` and `isPartial`. Source: "Driver log".
 */
export function logRange(
  query: URLSearchParams,
  settings: DriverLogSettings,
): LogRange | undefined {
  const offset = wholeNumber(query, 'offset') ?? 0;
  const size = wholeNumber(query, 'size') ?? defaultSize;
  if (settings.largestOffset !== undefined && offset > settings.largestOffset)
    throw invalidInput(`offset must be 0 to ${settings.largestOffset}.`);
  const partial = flag(query, 'isPartial');
  const download = flag(query, 'isDownload');
  if (partial && !download) throw invalidInput('isPartial is allowed only with isDownload=true.');
  return partial ? { offset, size } : undefined;
}

/** A file to be sent: bytes `[from, to)` of a log. */
export interface LogPart {
  log: EngineLog;
  from: number;
  to: number;
}

/** The file, or the range of it that the settings let count. */
export function servedPart(
  batch: Batch,
  file: LogPart,
  range: LogRange | undefined,
  settings: DriverLogSettings,
): LogPart {
  const { log } = file;
  const { from, to } =
    range !== undefined && rangeCounts(batch, settings) ? within(file, range, settings) : file;
  return { log, from, to };
}

function rangeCounts(batch: Batch, settings: DriverLogSettings): boolean {
  if (!settings.offsetsServed) return false;
  return !(settings.offsetsEndWithApplication && isTerminal(batch.snapshot().phase));
}

function within(
  { from, to }: LogPart,
  { offset, size }: LogRange,
  { sizeIgnored }: DriverLogSettings,
): { from: number; to: number } {
  const start = Math.min(from + offset, to);
  return { from: start, to: sizeIgnored ? to : Math.min(start + size, to) };
}

/** The bytes of a part, piece by piece. */
export function* chunks(batch: Batch, { log, from, to }: LogPart): Iterable<Buffer> {
  for (let at = from; at < to; at += chunkSize)
    yield batch.read(log, at, Math.min(at + chunkSize, to));
}

/** Metadata of one file. Source: "Driver log", FileMeta. */
export function fileMeta(
  file: Pick<DriverFile, 'name' | 'from' | 'to' | 'begunAt' | 'closedAt'>,
  batch: Batch,
  now: number,
): Record<string, unknown> {
  const { startingAt, endedAt } = batch.snapshot();
  return {
    fileName: file.name,
    length: file.to - file.from,
    lastModified: stamp(file.closedAt ?? endedAt ?? now),
    creationTime: stamp(file.begunAt ?? startingAt ?? now),
    metaData: {},
  };
}

/** A time as this API writes it: `2025-03-05T12:31:31.000GMT`. */
function stamp(time: number): string {
  return new Date(time).toISOString().replace('Z', 'GMT');
}

/** One file's metadata, or that of several, with the driver's container around it. */
export function inContainer(containerLogMeta: unknown): Record<string, unknown> {
  return { containerId: 'container_1', nodeId: 'localhost', containerLogMeta };
}
