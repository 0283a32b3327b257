import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isObject, parseJson } from '../src/http/json.ts';
import type { LocalFabric } from './fabric.ts';
import { defaultIds } from './settings.ts';

/** What a step needs to run on a local Fabric of another process. */
export type Connection = Pick<LocalFabric, 'env' | 'inputs' | 'clientSecret' | 'folderOf'>;

const fileName = 'connection.json';

/** Writes how a local Fabric is reached into its state folder, for its user alone; gives what takes it away. */
export function writeConnection(
  fabric: Connection & Pick<LocalFabric, 'stateFolder'>,
  pid = process.pid,
): () => void {
  const { env, inputs, clientSecret } = fabric;
  const lakehouse = fabric.folderOf(defaultIds.lakehouse);
  const path = join(fabric.stateFolder, fileName);
  const remove = (): void => rmSync(path, { force: true });
  // The mode counts only for a file that is made.
  remove();
  writeFileSync(path, JSON.stringify({ pid, env, inputs, clientSecret, lakehouse }), {
    mode: 0o600,
  });
  return remove;
}

/** Reads how the local Fabric of a state folder is reached. Throws `Error` when none runs there. */
export function readConnection(stateFolder: string): Connection {
  const value = parseJson(textOf(join(stateFolder, fileName)));
  const { pid, env, inputs, clientSecret, lakehouse } = isObject(value) ? value : {};
  if (
    typeof pid !== 'number' ||
    !isAlive(pid) ||
    !isTexts(env) ||
    !isTexts(inputs) ||
    typeof clientSecret !== 'string' ||
    typeof lakehouse !== 'string'
  )
    throw new Error(`No local Fabric runs with its state in ${stateFolder}: npm run fabric`);
  return { env, inputs, clientSecret, folderOf: () => lakehouse };
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function isTexts(value: unknown): value is Record<string, string> {
  return isObject(value) && Object.values(value).every((text) => typeof text === 'string');
}
