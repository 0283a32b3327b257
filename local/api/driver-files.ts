import type { DriverStream } from '../engine/engine.ts';
import type { DriverLogSettings } from '../settings.ts';
import type { Batch } from './batch.ts';

/** A file of the driver's log: a part of a stream. */
export interface DriverFile {
  name: string;
  stream: DriverStream;
  /** From 1 on. */
  attempt: number;
  /** Its bytes are `[from, to)` of the stream. */
  from: number;
  to: number;
  /** Milliseconds since the epoch; absent for the first file of a stream. */
  begunAt?: number;
  /** Milliseconds since the epoch; absent while it is the current file. */
  closedAt?: number;
}

/** Every file of the driver's log so far, those of all attempts, in the order of names. */
export function driverFiles(
  batch: Batch,
  activeName: DriverLogSettings['activeName'],
): DriverFile[] {
  return [...filesOf('stderr', batch, activeName), ...filesOf('stdout', batch, activeName)].sort(
    (one, other) => (one.name < other.name ? -1 : 1),
  );
}

function filesOf(
  stream: DriverStream,
  batch: Batch,
  activeName: DriverLogSettings['activeName'],
): DriverFile[] {
  const files: DriverFile[] = [];
  const current: { attempt: number; from: number; begunAt?: number } = { attempt: 1, from: 0 };
  const namesOfAttempt = (): string[] =>
    files.filter(({ attempt }) => attempt === current.attempt).map(({ name }) => name);
  const currentName = (): string =>
    activeName === 'active' && namesOfAttempt().length > 0 ? `${stream}-active` : stream;
  for (const { kind, at, time } of batch.cuts().filter((cut) => cut.stream === stream)) {
    const name = kind === 'roll' ? rolledName(stream, time, namesOfAttempt()) : currentName();
    files.push({ ...current, name, stream, to: at, closedAt: time });
    Object.assign(current, { from: at, begunAt: time });
    if (kind === 'restart') current.attempt += 1;
  }
  return [...files, { ...current, name: currentName(), stream, to: batch.length(stream) }];
}

/**
 * The stream with the hour (UTC) in which its file was closed, such as `stderr-2024-09-03-06`; a
 * second file of that hour ends with `-2`. Source: "Driver log", the example of its rolling metadata.
 */
function rolledName(stream: DriverStream, time: number, taken: readonly string[]): string {
  const hour = new Date(time).toISOString().slice(0, 13).replace('T', '-');
  const plain = `${stream}-${hour}`;
  let name = plain;
  for (let count = 2; taken.includes(name); count += 1) name = `${plain}-${count}`;
  return name;
}
