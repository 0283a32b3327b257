import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isObject, textAt } from '../../src/http/json.ts';
import type { TestName } from './jest-run.ts';
import { project } from './tree.ts';

/** The test that turns red by a mutant. `hangs`: it does not end then. */
export interface Killer extends TestName {
  hangs?: boolean;
}

const path = join(project, 'mutants', 'killers.json');

function killerOf(value: unknown): Killer | undefined {
  const [file, test] = [textAt(value, 'file'), textAt(value, 'test')];
  if (file === undefined || test === undefined) return undefined;
  return isObject(value) && value['hangs'] === true ? { file, test, hangs: true } : { file, test };
}

/** The killers that were found before, by the mutant's id. */
export function readKillers(): Map<string, Killer> {
  if (!existsSync(path)) return new Map();
  const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
  const entries = Object.entries(isObject(value) ? value : {}).flatMap(
    ([id, entry]): [string, Killer][] => {
      const killer = killerOf(entry);
      return killer ? [[id, killer]] : [];
    },
  );
  return new Map(entries);
}

export function writeKillers(killers: ReadonlyMap<string, Killer>): void {
  const sorted = [...killers].sort(([a], [b]) => (a < b ? -1 : 1));
  writeFileSync(path, `${JSON.stringify(Object.fromEntries(sorted), null, 2)}\n`);
}
