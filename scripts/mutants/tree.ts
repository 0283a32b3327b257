import { execFile, execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Mutant } from '../../mutants/mutant.ts';
import { killLeftovers } from './leftovers.ts';

const run = promisify(execFile);

/** The project that this script stands in. */
export const project = join(import.meta.dirname, '..', '..');

/** How often a mutant's text occurs in its file; it must be once. */
export function occurrences(mutant: Mutant, root = project): number {
  const path = join(root, 'src', mutant.file);
  return existsSync(path) ? readFileSync(path, 'utf8').split(mutant.find).length - 1 : 0;
}

/** A throw-away copy of the tree in which one mutant at a time is applied. */
export class Tree {
  readonly #top: string;
  readonly root: string;
  #undo: (() => void) | undefined;
  /** What `dist/` was built from: the id of a mutant, '' for none; `undefined` when it is stale. */
  #built: string | undefined;
  #now = '';

  constructor() {
    // The real path: a test may compare it with what the system says.
    this.#top = realpathSync(mkdtempSync(join(tmpdir(), 'mutants-')));
    this.root = join(this.#top, 'tree');
    for (const name of ['tree', 'cache', 'tmp']) mkdirSync(join(this.#top, name));
    const list = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], {
      cwd: project,
      encoding: 'utf8',
    });
    for (const path of list.split('\0').filter((name) => existsSync(join(project, name)))) {
      if (path === '' || /^(node_modules|coverage)\//.test(path)) continue;
      mkdirSync(dirname(join(this.root, path)), { recursive: true });
      cpSync(join(project, path), join(this.root, path), { verbatimSymlinks: true });
    }
    this.#allowUnusedNames();
    symlinkSync(join(project, 'node_modules'), join(this.root, 'node_modules'));
  }

  /** A mutant may leave a name without a use, which must not keep the bundle from being built. */
  #allowUnusedNames(): void {
    const path = join(this.root, 'tsconfig.json');
    const settings = readFileSync(path, 'utf8');
    writeFileSync(path, settings.replace(/("noUnused\w+": )true/g, '$1false'));
  }

  get cache(): string {
    return join(this.#top, 'cache');
  }

  /** The environment of everything that runs here: this Node, and a folder of its own for what tests leave. */
  get env(): NodeJS.ProcessEnv {
    const path = [join(project, 'node_modules', '.bin'), process.env['PATH'] ?? ''].join(delimiter);
    return { ...process.env, PATH: path, TMPDIR: join(this.#top, 'tmp'), CI: 'true' };
  }

  /** Throws when the text does not occur exactly once. */
  apply(mutant: Mutant): void {
    this.restore();
    if (occurrences(mutant, this.root) !== 1) throw new Error(`${mutant.id} does not fit`);
    const path = join(this.root, 'src', mutant.file);
    const before = readFileSync(path, 'utf8');
    const at = before.indexOf(mutant.find);
    const after = before.slice(0, at) + mutant.replace + before.slice(at + mutant.find.length);
    writeFileSync(path, after);
    this.#now = mutant.id;
    this.#undo = () => writeFileSync(path, before);
  }

  restore(): void {
    this.#undo?.();
    this.#undo = undefined;
    this.#now = '';
  }

  /** Brings `dist/` up to date with `src/`. Throws what the build says. */
  async build(): Promise<void> {
    if (this.#built === this.#now) return;
    this.#built = undefined;
    await run(process.execPath, ['scripts/build.ts'], { cwd: this.root, env: this.env });
    this.#built = this.#now;
  }

  /** Ends what tests left running here. */
  killLeftovers(): void {
    killLeftovers(this.#top);
  }

  remove(): void {
    this.killLeftovers();
    rmSync(this.#top, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}
