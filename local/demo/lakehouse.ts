import { cpSync, mkdirSync, readdirSync } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';
import { isGitFolder } from '../../src/inputs/checkout.ts';

/** Where the example orders lie, below the folder of a lakehouse. */
export const exampleOrders = join('Files', 'raw', 'orders.csv');
const mostShown = 20;

/** Copies the files of a folder into `Files/`, links followed, `.git` left out. */
export function seedFiles(seed: string, lakehouse: string): void {
  cpSync(seed, join(lakehouse, 'Files'), {
    recursive: true,
    dereference: true,
    filter: (path) => !isGitFolder(basename(path)),
  });
}

/** Puts the example orders of the action's folder into a lakehouse. */
export function seedExamples(action: string, lakehouse: string): void {
  mkdirSync(join(lakehouse, 'Files', 'raw'), { recursive: true });
  cpSync(join(action, 'examples', 'data', 'orders.csv'), join(lakehouse, exampleOrders));
}

/** What a lakehouse holds, one line each: its tables, then its files, hidden ones left out. */
export function contentsOf(lakehouse: string): string[] {
  const tables = readdirSync(join(lakehouse, 'Tables'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => `Tables/${name}`);
  const files = readdirSync(join(lakehouse, 'Files'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(lakehouse, join(parentPath, name)))
    .map((path) => path.split(sep))
    .filter((names) => names.every((name) => !name.startsWith('.')))
    .map((names) => names.join('/'));
  const all = [...tables.sort(), ...files.sort()];
  const more = all.length - mostShown;
  return more > 0 ? [...all.slice(0, mostShown), `… and ${more} more`] : all;
}
