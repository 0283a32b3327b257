/** A workflow command as the runner reads it from a line of output. */
export interface Command {
  /** As written; the runner compares names without case. */
  name: string;
  /** Keys in lower case: the runner compares them without case. */
  properties: ReadonlyMap<string, string>;
  data: string;
}

/** What .NET trims. Unlike JavaScript it takes U+0085 and leaves U+FEFF. */
const whiteSpace = '[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+';
const leadingWhiteSpace = new RegExp(`^${whiteSpace}`);
const outerWhiteSpace = new RegExp(`^${whiteSpace}|${whiteSpace}$`, 'g');

/** In the runner's own order: `%25` last, so that an escaped percent sign is decoded once. */
const dataEscapes = [
  ['%0D', '\r'],
  ['%0A', '\n'],
  ['%25', '%'],
] as const;
const propertyEscapes = [
  ['%0D', '\r'],
  ['%0A', '\n'],
  ['%3A', ':'],
  ['%2C', ','],
  ['%25', '%'],
] as const;
const bracketEscapes = [
  ['%3B', ';'],
  ['%0D', '\r'],
  ['%0A', '\n'],
  ['%5D', ']'],
  ['%25', '%'],
] as const;

type Escapes = readonly (readonly [string, string])[];

function unescape(text: string, escapes: Escapes): string {
  return escapes.reduce((result, [escaped, plain]) => result.replaceAll(escaped, plain), text);
}

/** Names are compared as .NET's `OrdinalIgnoreCase` does, as far as ASCII goes. */
export function lowerCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/**
 * `key=value` pairs. .NET splits each at `=` into two and drops empty parts: a pair without a value
 * does not exist, and `=` signs at the start of a value are lost.
 */
function properties(text: string, separator: string, escapes: Escapes): Map<string, string> {
  const found = new Map<string, string>();
  for (const pair of text.split(separator)) {
    const [, key, value] = /^=*([^=]+)=+([^=].*)$/s.exec(pair) ?? [];
    if (key !== undefined && value !== undefined) {
      found.set(lowerCase(key), unescape(value, escapes));
    }
  }
  return found;
}

function nameAndRest(info: string): [name: string, rest: string] {
  const space = info.indexOf(' ');
  return space < 0 ? [info, ''] : [info.slice(0, space), info.slice(space + 1)];
}

/** `::name key=value,key=value::data` after white space (ActionCommand.cs, TryParseV2). */
function parseColons(line: string, known: (name: string) => boolean): Command | undefined {
  const text = line.replace(leadingWhiteSpace, '');
  if (!text.startsWith('::')) return undefined;
  const end = text.indexOf('::', 2);
  if (end < 0) return undefined;
  const [name, rest] = nameAndRest(text.slice(2, end));
  if (!known(name)) return undefined;
  return {
    name,
    properties: properties(rest.replace(outerWhiteSpace, ''), ',', propertyEscapes),
    data: unescape(text.slice(end + 2), dataEscapes),
  };
}

/** `##[name key=value;key=value]data` anywhere in the line (ActionCommand.cs, TryParse). */
function parseBrackets(line: string, known: (name: string) => boolean): Command | undefined {
  const start = line.indexOf('##[');
  const end = start < 0 ? -1 : line.indexOf(']', start);
  if (end < 0) return undefined;
  const [name, rest] = nameAndRest(line.slice(start + 3, end));
  if (!known(name)) return undefined;
  return {
    name,
    properties: properties(rest, ';', bracketEscapes),
    data: unescape(line.slice(end + 1), bracketEscapes),
  };
}

/**
 * The command that a line is, if it is one: first the form with colons, then the one with brackets,
 * each only with a name that is registered. (actions/runner, ActionCommand.cs and
 * ActionCommandManager.cs, TryProcessCommand)
 */
export function parseCommand(
  line: string,
  registered: (name: string) => boolean,
): Command | undefined {
  return parseColons(line, registered) ?? parseBrackets(line, registered);
}
