import { isObject, listAt } from '../../../src/http/json.ts';

/** A place in a bundle that comes from a source. */
export interface Segment {
  /** Characters from the start of the bundle. */
  at: number;
  source: string;
}

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/**
 * Every place of a bundle that its source map tells the source of, in their order.
 * Source: ECMA-426, "Mappings structure".
 */
export function segments(bundle: string, map: unknown): Segment[] {
  const sources = listAt(map, 'sources').map(String);
  const mappings = isObject(map) ? map['mappings'] : undefined;
  if (typeof mappings !== 'string') throw new Error('This is no source map.');
  const starts = lineStarts(bundle);
  const found: Segment[] = [];
  let source = 0;
  for (const [line, text] of mappings.split(';').entries()) {
    let column = 0;
    for (const segment of text.split(',')) {
      const [columns = 0, files] = decoded(segment);
      column += columns;
      if (files === undefined) continue;
      source += files;
      found.push({ at: (starts[line] ?? 0) + column, source: sources[source] ?? '' });
    }
  }
  return found;
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** The numbers of one segment: base 64, five bits a digit, the last bit of all is the sign. */
function decoded(segment: string): number[] {
  const numbers: number[] = [];
  let [value, shift] = [0, 0];
  for (const letter of segment) {
    const digit = digits.indexOf(letter);
    value += (digit & 31) << shift;
    shift += 5;
    if (digit & 32) continue;
    numbers.push(value & 1 ? -(value >> 1) : value >> 1);
    [value, shift] = [0, 0];
  }
  return numbers;
}
