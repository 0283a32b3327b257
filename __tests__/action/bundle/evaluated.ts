import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isObject, listAt, numberAt, parseJson, textAt } from '../../../src/http/json.ts';
import { segments, type Segment } from './source-map.ts';

interface Range {
  from: number;
  to: number;
  count: number;
}

/**
 * The sources of a bundle of which anything ran in a process, by the coverage that the process left
 * (NODE_V8_COVERAGE). `bundle`: the folder of an entry and its chunks. Throws `Error` when no process ran it.
 */
export function evaluatedSources(bundle: string, coverage: string): Set<string> {
  const scripts = readdirSync(coverage).flatMap((name) =>
    listAt(parseJson(readFileSync(join(coverage, name), 'utf8')), 'result'),
  );
  const found = filesOf(bundle).flatMap((file) => {
    const ranges = scripts
      .filter((script) => textAt(script, 'url') === pathToFileURL(file).href)
      .flatMap((script) => listAt(script, 'functions'))
      .flatMap((one) => listAt(one, 'ranges'))
      .map(rangeOf);
    return ran(segments(readFileSync(file, 'utf8'), mapOf(file)), ranges);
  });
  if (found.length === 0) throw new Error(`No process ran ${bundle}.`);
  return new Set(found.map(({ source }) => source));
}

/** All sources of an entry and its chunks. */
export function sourcesOf(bundle: string): string[] {
  return filesOf(bundle).flatMap((file) => listAt(mapOf(file), 'sources').map(String));
}

/** The package that a source is of: `ours`, or `node` for what stands for a module of Node. */
export function packageOf(source: string): string {
  const found = source.split('/node_modules/').at(-1) ?? source;
  if (found !== source) return /^(@[^/]+\/)?[^/]+/.exec(found)?.[0] ?? found;
  return source.includes('/src/') ? 'ours' : 'node';
}

function filesOf(bundle: string): string[] {
  const names = readdirSync(bundle).filter((name) => name.endsWith('.js.map'));
  return names.map((name) => join(bundle, name.slice(0, -'.map'.length)));
}

function mapOf(file: string): unknown {
  return parseJson(readFileSync(`${file}.map`, 'utf8'));
}

/** The places whose innermost range was run. */
function ran(places: readonly Segment[], ranges: Range[]): Segment[] {
  // Ranges are nested: an outer one comes before those inside it.
  ranges.sort((one, other) => one.from - other.from || other.to - one.to);
  const open: Range[] = [];
  let next = 0;
  return places.filter(({ at }) => {
    for (let range = ranges[next]; range && range.from <= at; range = ranges[(next += 1)])
      open.push(range);
    while (open.length > 0 && (open.at(-1)?.to ?? 0) <= at) open.pop();
    return (open.at(-1)?.count ?? 0) > 0;
  });
}

function rangeOf(value: unknown): Range {
  const [from, to, count] = ['startOffset', 'endOffset', 'count'].map((key) =>
    numberAt(value, key),
  );
  if (!isObject(value) || from === undefined || to === undefined || count === undefined)
    throw new Error('A range of the coverage has another form.');
  return { from, to, count };
}
