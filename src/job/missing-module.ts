import { isGitFolder, type Checkout } from '../inputs/checkout.ts';
import { shownOf, type ListedFile } from '../inputs/job-files.ts';
import type { JobFiles } from '../inputs/job-inputs.ts';

/** CPython's words, with its class; `No module named 'a.b'; 'a' is not a package` begins alike. */
const noModule =
  /^(?:ModuleNotFoundError|ImportError): No module named '?([A-Za-z_]\w{0,99}(?:\.[A-Za-z_]\w{0,99}){0,9})(?![\w./])/;
/** A folder without any Python among its first files is no module that anybody meant. */
const mostLookedAt = 1_000;
const packages =
  'as in "Python packages" of the README: pip install --target and py-files, or environment';

/**
 * What to do where Python finds a module missing; `undefined` for another failure, and where the module was
 * given and something else is wrong. `title`: of the cause. A file or a package is named only where it lies in
 * the checkout, beside the main file or at the root. `job`: `undefined` for a batch that was only followed.
 */
export function missingModuleAdvice(
  title: string,
  job: JobFiles | undefined,
  checkout: Checkout,
): string | undefined {
  const [, name] = noModule.exec(title) ?? [];
  if (name === undefined) return undefined;
  const elsewhere = `Give the job the package that holds ${name}, ${packages}.`;
  if (job === undefined) return elsewhere;
  const module = name.split('.');
  for (const folder of foldersOf(job, checkout)) {
    const found = moduleIn(folder, module, checkout);
    if (found === undefined) continue;
    const given = [job.main, ...job.libraries['py-files']].some((file) => holds(file, found));
    return given ? undefined : `Give ${found.shown} in py-files${found.after}.`;
  }
  const [top = ''] = module;
  const given = job.libraries['py-files'].some((file) => nameOf(file) === top);
  return given ? undefined : elsewhere;
}

interface FoundModule {
  /** As `py-files` takes it. */
  shown: string;
  realPath: string;
  /** What else it needs. */
  after: string;
}

/** Folders of the checkout, relative to it, where a job's own modules lie: that of the main file, the root. */
function foldersOf({ main }: JobFiles, { root, disk }: Checkout): readonly string[] {
  const { path } = disk;
  if (root === undefined) return [];
  const beside = main.kind === 'local' ? path.relative(root, path.dirname(main.realPath)) : '';
  return [...new Set([beside.replaceAll(path.sep, '/'), ''])];
}

/** The file or the package of which a dotted name is a part; `undefined` unless that part is there, too. */
function moduleIn(
  folder: string,
  module: readonly string[],
  checkout: Checkout,
): FoundModule | undefined {
  const [top = '', ...parts] = module;
  const at = (name: string): string => (folder === '' ? name : `${folder}/${name}`);
  const find = (path: string, kind: 'file' | 'directory'): string | undefined => {
    const found = checkout.find(path);
    return 'value' in found && found.value.kind === kind ? found.value.realPath : undefined;
  };
  const file = parts.length === 0 ? find(at(`${top}.py`), 'file') : undefined;
  const directory = find(at(top), 'directory');
  const isPackage = find(at(`${top}/__init__.py`), 'file') !== undefined;
  // Python takes a package before a file of the same name.
  if (file !== undefined && !isPackage)
    return { shown: at(`${top}.py`), realPath: file, after: '' };
  if (directory === undefined) return undefined;
  const part = at([top, ...parts].join('/'));
  const holdsPart =
    parts.length > 0
      ? find(`${part}.py`, 'file') !== undefined || find(part, 'directory') !== undefined
      : isPackage ||
        checkout
          .filesUnder(directory, mostLookedAt, isGitFolder)
          .files.some(({ name }) => name.endsWith('.py'));
  if (!holdsPart) return undefined;
  // A folder without it is zipped by its contents.
  const after = isPackage ? '' : ', with an __init__.py in it';
  return { shown: at(top), realPath: directory, after };
}

/** True for a file that the job was given, as itself or in a folder. */
function holds(file: JobFiles['main'] | ListedFile, found: FoundModule): boolean {
  if (file.kind === 'local') return file.realPath === found.realPath;
  if (file.kind !== 'directory') return false;
  return file.entries.some(
    ({ realPath }) => realPath === found.realPath || /^[\\/]/.test(below(realPath, found.realPath)),
  );
}

/** What is left of a path behind another one; '' where it does not begin with that. */
function below(path: string, folder: string): string {
  return path.startsWith(folder) ? path.slice(folder.length) : '';
}

/** `helpers` of `…/helpers.py` and of `…/helpers.zip`. */
function nameOf(file: ListedFile): string {
  const path = file.kind === 'directory' ? file.baseName : shownOf(file);
  return /([^/\\]*?)\.\w+$/.exec(path)?.[1] ?? '';
}
