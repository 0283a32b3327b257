import { readFileSync } from 'node:fs';
import { parseJson } from '../http/json.ts';

/**
 * What set off the run: the JSON of the file that `GITHUB_EVENT_PATH` names; `undefined` where it cannot
 * be read. Source: GitHub Docs, "Variables".
 */
export function eventPayload(path: string): unknown {
  try {
    return parseJson(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
