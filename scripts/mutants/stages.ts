import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { promisify } from 'node:util';
import type { Mutant } from '../../mutants/mutant.ts';
import { where } from '../../mutants/where.ts';
import type { Tree } from './tree.ts';

const run = promisify(execFile);

/** Test files that are searched together; `bundle`: they run what is built in `dist/`. */
export interface Stage {
  files: readonly string[];
  bundle: boolean;
}

const tests = '__tests__';

/** Real Spark takes minutes, and what it shows the double shows too. */
function isSpark(file: string): boolean {
  return /\/spark[./]/.test(file);
}

/** True for tests that run the bundle as a runner runs it. */
export function needsBundle(file: string): boolean {
  return file.startsWith(`${tests}/action/`);
}

function testsUnder(tree: Tree, folder: string): string[] {
  return readdirSync(`${tree.root}/${tests}/${folder}`, { recursive: true, encoding: 'utf8' })
    .map((path) => `${tests}/${folder}/${path}`)
    .filter((path) => path.endsWith('.test.ts') && !isSpark(path))
    .sort();
}

/** Everything that is searched at all, in one kind. */
export function allStages(tree: Tree, bundle: boolean): Stage[] {
  const folders = bundle ? ['action'] : ['unit', 'service'];
  return folders.map((folder) => ({ files: testsUnder(tree, folder), bundle }));
}

/** The tests of the rule that a mutant breaks: those of the sources first, then those of the bundle. */
export function nearStages(tree: Tree, mutant: Mutant): Stage[] {
  const [, parts = []] =
    Object.entries(where).find(([prefix]) => mutant.id.startsWith(prefix)) ?? [];
  const entry = mutant.file === 'main.ts' || mutant.file === 'post.ts';
  return ['unit', 'service', 'action'].flatMap((folder) => {
    const files = testsUnder(tree, folder).filter((path) =>
      parts.some((part) => path.startsWith(`${tests}/${part}`) && !path.includes('orphans')),
    );
    const bundle = folder === 'action';
    return files.length === 0 || bundle !== entry ? [] : [{ files, bundle }];
  });
}

const related = new Map<string, Promise<ReadonlySet<string>>>();

/** The test files that import a source file, directly or not. */
async function relatedTo(tree: Tree, file: string): Promise<ReadonlySet<string>> {
  const options = ['--listTests', '--watchman=false', `--cacheDirectory=${tree.cache}`];
  const { stdout } = await run(
    process.execPath,
    ['node_modules/jest/bin/jest.js', ...options, '--findRelatedTests', `src/${file}`],
    { cwd: tree.root, env: tree.env },
  );
  const paths = stdout.split('\n').filter((path) => path !== '');
  return new Set(paths.map((path) => path.slice(tree.root.length + 1)));
}

type Durations = ReadonlyMap<string, number>;

function quickestFirst(files: readonly string[], seconds: Durations): string[] {
  const took = (file: string): number => seconds.get(file) ?? Infinity;
  return [...files].sort((a, b) => took(a) - took(b));
}

/**
 * Where a mutant of a source file is looked for: its own test, the units that touch it, the services;
 * the quickest first.
 */
export async function directStages(tree: Tree, file: string, seconds: Durations): Promise<Stage[]> {
  const known = related.get(file) ?? relatedTo(tree, file);
  related.set(file, known);
  const touched = await known;
  const own = `${tests}/unit/${file.replace(/\.ts$/, '.test.ts')}`;
  const all = allStages(tree, false).map(({ files }) => files.filter((path) => touched.has(path)));
  const first = all.flat().filter((path) => path === own);
  const rest = all.map((files) => files.filter((path) => path !== own));
  return [first, ...rest].map((files) => ({ files: quickestFirst(files, seconds), bundle: false }));
}

/** Where it is looked for then: the tests of the bundle, one file at a time, the quickest first. */
export function bundleStages(tree: Tree, seconds: Durations): Stage[] {
  const files = allStages(tree, true).flatMap((stage) => stage.files);
  return quickestFirst(files, seconds).map((file) => ({ files: [file], bundle: true }));
}
