import { cpSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isGitFolder, type Checkout } from '../../src/inputs/checkout.ts';
import { quote, type Parsed } from '../../src/inputs/forms.ts';

/** A file to copy into the lakehouse. */
export interface SeedFile {
  /** Path from the seed folder on, with `/` between its names. */
  name: string;
  /** Lies in the checkout, whatever links led there. */
  realPath: string;
}

/** A seed is test data: what is larger is a folder that was not meant. */
const mostFiles = 10_000;

/** The files of a folder of the checkout, links followed as long as they stay inside; never `.git`. */
export function planSeed(folder: string, checkout: Checkout): Parsed<SeedFile[]> {
  if (folder.includes('\n')) return { problem: `must be one folder, not ${quote(folder)}` };
  const found = checkout.find(folder);
  if ('problem' in found)
    return {
      problem: found.missing
        ? `names no folder of the checkout: ${quote(folder)} (is there an actions/checkout step before this one?)`
        : found.problem,
    };
  if (found.value.kind !== 'directory')
    return { problem: `must be a folder, and is a file: ${quote(folder)}` };
  const { files, problems, cutShort } = checkout.filesUnder(
    found.value.realPath,
    mostFiles,
    isGitFolder,
  );
  if (cutShort) return { problem: `holds more than ${mostFiles} files: ${quote(folder)}` };
  if (problems[0] !== undefined) return { problem: problems[0] };
  if (files.length === 0) return { problem: `names an empty folder: ${quote(folder)}` };
  return { value: files.map(({ name, realPath }) => ({ name, realPath })) };
}

/** Copies the files below `path` of a lakehouse's folder; missing folders are made. */
export function copySeed(
  seed: { path: string; files: readonly SeedFile[] },
  lakehouseFolder: string,
): void {
  for (const { name, realPath } of seed.files) {
    const target = join(lakehouseFolder, seed.path, name);
    mkdirSync(dirname(target), { recursive: true });
    cpSync(realPath, target, { preserveTimestamps: true });
  }
}
