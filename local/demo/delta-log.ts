import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The data files of a Delta table's newest version, as its log tells: those that were added and not
 * removed since, relative to the table's folder.
 * @throws Error for a table that this small reader does not understand: one with a checkpoint,
 *   partitions or deletion vectors.
 * Source: the Delta protocol, "Action Reconciliation".
 */
export function dataFiles(folder: string): string[] {
  const log = join(folder, '_delta_log');
  if (!existsSync(log)) throw new Error(`${folder} is no Delta table: it has no _delta_log.`);
  const names = readdirSync(log);
  if (names.some((name) => name.includes('.checkpoint')))
    throw new Error(`The log of ${folder} has a checkpoint, which this reader does not read.`);
  const files = new Set<string>();
  for (const name of names.filter((one) => /^\d{20}\.json$/.test(one)).sort()) {
    for (const line of readFileSync(join(log, name), 'utf8').split('\n')) {
      if (line === '') continue;
      const action: unknown = JSON.parse(line);
      const removed = pathOf(fieldOf(action, 'remove'));
      if (removed !== undefined) files.delete(removed);
      const add = fieldOf(action, 'add');
      const added = pathOf(add);
      if (added === undefined) continue;
      const partitions = fieldOf(add, 'partitionValues');
      const partitioned = typeof partitions === 'object' && partitions !== null;
      if (fieldOf(add, 'deletionVector') || (partitioned && Object.keys(partitions).length > 0))
        throw new Error(`${added} has partitions or deletions, which this reader does not read.`);
      files.add(added);
    }
  }
  return [...files];
}

function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return new Map<string, unknown>(Object.entries(value)).get(name);
}

/** Paths in the log are encoded as in a URI. */
function pathOf(action: unknown): string | undefined {
  const path = fieldOf(action, 'path');
  return typeof path === 'string' ? decodeURIComponent(path) : undefined;
}
