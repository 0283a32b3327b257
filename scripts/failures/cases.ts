import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CheckoutLine } from '../../src/report/facts.ts';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Where failures are kept, below the root; a folder that is not there is passed over. */
export const folders = ['__tests__/failures', '__tests__/failures-blind'];

/** The logs of a case, by the names of their files. */
export const logNames = ['stdout.log', 'stderr.log', 'livy.log'] as const;
export type Logs = Partial<Record<(typeof logNames)[number], string>>;

/** A job that fails, and what a person who read it expects to be told (`__tests__/failures/README.md`). */
export interface FailureCase {
  name: string;
  /** Absolute. */
  folder: string;
  what: string;
  file: string;
  inputs: Readonly<Record<string, string>>;
  cause: string;
  /** The title goes on after `cause`, in words that are Spark's. */
  causeStartsWith?: true;
  place: CheckoutLine | null;
  /** Scala source that the main file is made of. */
  scala?: string;
  /** What Fabric says in `errorInfo`, where the case is about that. */
  errorInfo?: unknown;
}

/** All cases, or those named. Throws for a name that is none, and for a case that is not well-formed. */
export function failureCases(names: readonly string[] = []): FailureCase[] {
  const all = folders
    .map((folder) => join(root, folder))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) =>
      readdirSync(folder)
        .filter((name) => existsSync(join(folder, name, 'case.json')))
        .map((name) => readCase(folder, name)),
    );
  const unknown = names.filter((name) => all.every((one) => one.name !== name));
  if (unknown.length > 0) throw new Error(`There is no such case: ${unknown.join(', ')}`);
  return all.filter(({ name }) => names.length === 0 || names.includes(name));
}

function readCase(parent: string, name: string): FailureCase {
  const folder = join(parent, name);
  const body: unknown = JSON.parse(readFileSync(join(folder, 'case.json'), 'utf8'));
  if (!isRecord(body)) throw new Error(`${folder}/case.json holds no object`);
  const text = (key: string): string => {
    const value = body[key];
    if (typeof value !== 'string' || value === '')
      throw new Error(`${folder}/case.json: "${key}" must be a text`);
    return value;
  };
  const given = isRecord(body['inputs']) ? body['inputs'] : {};
  const inputs = Object.fromEntries(
    Object.entries(given).map(([key, value]) => [key, asInput(value)]),
  );
  return {
    ...{ name, folder, what: text('what'), file: text('file'), inputs, cause: text('cause') },
    place: placeOf(body['place'], folder),
    ...(body['causeStartsWith'] === true ? { causeStartsWith: true } : {}),
    ...(body['scala'] === undefined ? {} : { scala: text('scala') }),
    ...(body['errorInfo'] === undefined ? {} : { errorInfo: body['errorInfo'] }),
  };
}

/** An input is a text; a list gives a line each, an object its JSON. */
function asInput(value: unknown): string {
  if (typeof value === 'string') return value;
  return Array.isArray(value) ? value.join('\n') : JSON.stringify(value);
}

function placeOf(value: unknown, folder: string): CheckoutLine | null {
  if (value === null) return null;
  const { file, line } = isRecord(value) ? value : {};
  if (typeof file !== 'string' || typeof line !== 'number')
    throw new Error(`${folder}/case.json: "place" must be null or hold file and line`);
  return { file, line };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** True for what stands in the folder of a case and is no part of its checkout. */
export function isBesideCheckout(name: string): boolean {
  return name === 'case.json' || logNames.some((log) => log === name);
}

export function recordedLogs({ folder }: FailureCase): Logs {
  const logs: Logs = {};
  for (const name of logNames) {
    const path = join(folder, name);
    if (existsSync(path)) logs[name] = readFileSync(path, 'utf8');
  }
  return logs;
}
