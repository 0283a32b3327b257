import { randomUUID } from 'node:crypto';
import { appendFileSync, existsSync } from 'node:fs';

/**
 * A workflow command as the runner reads it: `::name key=value,key=value::message`, on one line. Properties
 * that are not given are left out. Source: actions/toolkit, packages/core/src/command.ts; actions/runner,
 * ActionCommand.cs.
 */
export function command(
  name: string,
  properties: Readonly<Record<string, string | number | undefined>>,
  message: string,
): string {
  const given = Object.entries(properties).flatMap(([key, value]) =>
    value === undefined || value === '' ? [] : [`${key}=${escapedProperty(String(value))}`],
  );
  const shown = given.length === 0 ? '' : ` ${given.join(',')}`;
  return `::${name}${shown}::${escaped(message)}\n`;
}

/**
 * Sets a name to a value in a file of the runner, between delimiters that nobody can guess. Throws
 * `Error` as `addToFile`. Source: actions/toolkit, packages/core/src/file-command.ts.
 */
export function setInFile(path: string, name: string, value: string): void {
  const delimiter = `ghadelimiter_${randomUUID()}`;
  addToFile(path, `${name}<<${delimiter}\n${value}\n${delimiter}\n`);
}

/** Adds to a file that the runner has made. Throws `Error` where it has not, or where it cannot be written. */
export function addToFile(path: string, text: string): void {
  if (!existsSync(path)) throw new Error(`Missing file at path: ${path}`);
  appendFileSync(path, text);
}

function escaped(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapedProperty(text: string): string {
  return escaped(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
