/**
 * `npm run lint:licences`: everything that goes into dist/ has a licence of the allow list. That is the
 * production dependencies of package-lock.json, and what ncc bundled: dist/local/ holds packages that are
 * development dependencies elsewhere. Reads files only. docs/licences.md says which licences and why.
 */
import { globSync, readFileSync } from 'node:fs';

/** SPDX ids that ask for no more than a copy of their text, which dist/<bundle>/licenses.txt is. */
export const permissive: ReadonlySet<string> = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'ISC',
  'MIT',
  'Unlicense',
]);

/** A package as package-lock.json has it. */
export interface Locked {
  name: string;
  version: string;
  /** As the package itself says it; none if it does not. */
  licence: string | undefined;
  /** Not needed for running, only for building and testing. */
  development: boolean;
}

/** Is one of the licences that an SPDX expression offers allowed, and all that it asks for at once? */
export function isPermissive(expression: string | undefined): boolean {
  const inner = expression?.replace(/^\((.*)\)$/, '$1') ?? '';
  if (/[()]/.test(inner)) return false;
  return inner
    .split(/ OR /)
    .some((choice) => choice.split(/ AND /).every((id) => permissive.has(id.trim())));
}

/** The packages of a package-lock.json (version 3). Throws where it is none. */
export function lockedPackages(lock: string): Locked[] {
  const parsed: unknown = JSON.parse(lock);
  const packages = field(parsed, 'packages');
  if (typeof packages !== 'object' || packages === null)
    throw new Error('package-lock.json has no packages.');
  return Object.entries(packages)
    .filter(([path]) => path !== '')
    .map(([path, entry]: [string, unknown]) => ({
      name: path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length),
      version: textOf(entry, 'version') ?? '',
      licence: textOf(entry, 'license'),
      development: field(entry, 'dev') === true,
    }));
}

/** Names of packages in a licenses.txt of ncc: a line that names one, the first or after an empty line. */
export function bundledNames(licences: string, known: ReadonlySet<string>): string[] {
  const lines = licences.split('\n');
  return lines.filter((line, at) => known.has(line) && (lines[at - 1] ?? '') === '');
}

/** The packages whose licence is not allowed, among those that run or are bundled. */
export function refused(locked: readonly Locked[], bundled: ReadonlySet<string>): Locked[] {
  return locked.filter(
    ({ name, licence, development }) =>
      (!development || bundled.has(name)) && !isPermissive(licence),
  );
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.getOwnPropertyDescriptor(value, name)?.value
    : undefined;
}

function textOf(value: unknown, name: string): string | undefined {
  const text = field(value, name);
  return typeof text === 'string' ? text : undefined;
}

if (import.meta.main) {
  const root = new URL('../', import.meta.url);
  const locked = lockedPackages(readFileSync(new URL('package-lock.json', root), 'utf8'));
  const known = new Set(locked.map(({ name }) => name));
  const files = globSync('dist/*/licenses.txt', { cwd: root });
  const bundled = new Set(
    files.flatMap((file) => bundledNames(readFileSync(new URL(file, root), 'utf8'), known)),
  );
  const bad = refused(locked, bundled);
  const looked = locked.filter(({ name, development }) => !development || bundled.has(name));
  for (const { name, version, licence } of bad)
    console.error(
      `${name} ${version}: ${licence ?? 'no licence'}. It goes into dist/, and that licence is not in scripts/lint-licences.ts.`,
    );
  if (bundled.size === 0) console.error('dist/ has no licenses.txt: run "npm run build".');
  if (bad.length === 0 && bundled.size > 0)
    console.log(`The licences of all ${looked.length} packages in dist/ are permissive.`);
  process.exitCode = bad.length === 0 && bundled.size > 0 ? 0 : 1;
}
