import { readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { messageOf } from '../errors.ts';

/**
 * The stack of a fault, with places in the source where a map beside the code tells them. The map is read
 * here and nowhere else: a hook that reads it for every stack would read it in each run, since Node itself
 * asks for the stack of an error that ends a connection (60 MB and a third of a second).
 */
export function stackOf(thrown: unknown): string {
  if (!(thrown instanceof Error) || !thrown.stack) return messageOf(thrown);
  const maps = new Map<string, SourceMap | undefined>();
  return thrown.stack.replace(
    /(file:\/\/\/(?!\/)[^\s()]+):(\d+):(\d+)/g,
    (place: string, url: string, line: string, column: string) => {
      if (!maps.has(url)) maps.set(url, mapOf(url));
      return placeIn(maps.get(url), Number(line), Number(column)) ?? place;
    },
  );
}

/** Line and column from 1 on. */
function placeIn(map: SourceMap | undefined, line: number, column: number): string | undefined {
  const entry = map?.findEntry(line - 1, column - 1);
  if (!entry || !('originalSource' in entry)) return undefined;
  const { originalSource, originalLine, originalColumn } = entry;
  return `${originalSource}:${originalLine + 1}:${originalColumn + 1}`;
}

function mapOf(url: string): SourceMap | undefined {
  try {
    const map: unknown = JSON.parse(readFileSync(new URL(`${url}.map`), 'utf8'));
    return isSourceMap(map) ? new SourceMap(map) : undefined;
  } catch {
    return undefined;
  }
}

function isSourceMap(value: unknown): value is SourceMapPayload {
  return typeof value === 'object' && value !== null && 'sources' in value && 'mappings' in value;
}
