import { lines, quote, type Parsed } from './forms.ts';
import { badSegment } from './lakehouse-path.ts';
import {
  Checkout,
  isGitFolder,
  localDisk,
  type Disk,
  type FileUnder,
  type LocalFile,
} from './checkout.ts';
import { parseRemoteFile, type LakehouseFile, type UriFile } from './main-file.ts';

/** The inputs that hold one file a line. */
export type ListInput = 'py-files' | 'jars' | 'files' | 'archives';

/** A directory of the checkout with Python code, to be zipped. */
export interface LocalDirectory {
  kind: 'directory';
  /** As the user named it. */
  shown: string;
  /** Of the zip: ends in `.zip`. */
  baseName: string;
  /** By their paths in the zip, in the order of code units. */
  entries: readonly FileUnder[];
  /** Of all its files, in bytes. */
  size: number;
}

/** One item of a list input. `alias` is the name that the job sees (`path#alias`). */
export type ListedFile = (LocalFile | LocalDirectory | LakehouseFile | UriFile) & {
  alias?: string;
};

/** What each input takes, and how that is told. */
const kinds: Readonly<Record<ListInput, { ending: RegExp; told: string; alias: boolean }>> = {
  'py-files': { ending: /\.(py|zip|egg|whl)$/i, told: '.py, .zip or .egg', alias: false },
  jars: { ending: /\.jar$/i, told: '.jar', alias: false },
  files: { ending: /^/, told: 'anything', alias: true },
  archives: {
    ending: /\.(zip|tar\.gz|tgz|tar|jar)$/i,
    told: '.zip, .tar.gz, .tgz, .tar or .jar',
    alias: true,
  },
};

/** Limits of a zip without 64-bit fields; fewer bytes, since what does not shrink grows a little. */
const most = { files: 65_535, bytes: 4_000_000_000 };
const mostProblems = 50;

/**
 * Reads a list input: one item a line, each a path of the lakehouse (`Files/…`), an `abfss:` URI, or a
 * path or a glob of the checkout; in `py-files` also a directory. Local files are regular files whose real
 * path lies in the checkout and not in `.git` (rule 8). A file that two lines name counts once. Directories
 * that a glob matches are passed over. The problem holds all that is wrong, not the first thing only.
 * Source of `#alias` and of the endings: Spark, "Submitting Applications", `--files` and `--archives`.
 */
export function parseListedFiles(
  input: ListInput,
  text: string,
  checkout: string,
  disk: Disk = localDisk,
): Parsed<{ files: ListedFile[]; warnings: string[] }> {
  const listing = new Listing(input, new Checkout(checkout, disk));
  for (const line of lines(text)) listing.add(line.trim());
  const { problems, warnings } = listing;
  if (problems.length === 0) return { value: { files: listing.files, warnings } };
  const more = problems.length - mostProblems;
  return {
    problem: [
      ...problems.slice(0, mostProblems),
      ...(more > 0 ? [`and ${more} more problems`] : []),
    ].join('; '),
  };
}

/** What a zip of Python code does without. */
function isLeftOut(name: string): boolean {
  return isGitFolder(name) || name === '__pycache__' || name.endsWith('.pyc');
}

/** What the lines of one input come to. */
class Listing {
  readonly problems: string[] = [];
  readonly warnings: string[] = [];
  readonly #input: ListInput;
  readonly #checkout: Checkout;
  readonly #files = new Map<string, ListedFile>();

  constructor(input: ListInput, checkout: Checkout) {
    this.#input = input;
    this.#checkout = checkout;
  }

  get files(): ListedFile[] {
    return [...this.#files.values()];
  }

  add(item: string): void {
    const mark = item.indexOf('#');
    const path = mark === -1 ? item : item.slice(0, mark).trimEnd();
    const alias = mark === -1 ? undefined : item.slice(mark + 1);
    const problem = alias === undefined ? undefined : this.#aliasProblem(item, alias);
    if (problem !== undefined) {
      this.problems.push(problem);
      return;
    }
    const remote = parseRemoteFile(path);
    if (remote === undefined) this.#addLocal(path, alias);
    else if ('problem' in remote) this.problems.push(remote.problem);
    else this.#addRemote(remote.value, path, alias);
  }

  #aliasProblem(item: string, alias: string): string | undefined {
    if (!kinds[this.#input].alias) return `takes no #alias (files and archives do): ${quote(item)}`;
    if (!/^[\w.-]+$/.test(alias) || /^\.+$/.test(alias))
      return `must have a name of letters, digits, dots, _ and - after #, not ${quote(item)}`;
    return undefined;
  }

  #addRemote(file: LakehouseFile | UriFile, shown: string, alias: string | undefined): void {
    if (/[*?[\]{}]/.test(shown)) {
      const what = 'holds one of * ? [ ] { }, and patterns are for files of the checkout only';
      this.problems.push(`${what}: ${quote(shown)}`);
    } else if (this.#fits(shown, shown)) {
      this.#keep(file.kind === 'uri' ? file.uri : file.path, file, alias);
    }
  }

  #addLocal(path: string, alias: string | undefined): void {
    const found = this.#checkout.find(path);
    if ('value' in found) {
      if (found.value.kind === 'file') this.#addFile(path, path, alias);
      else this.#addDirectory(path, found.value.realPath);
    } else if (found.missing && /[*?[{]/.test(path)) {
      this.#addMatches(path, alias);
    } else {
      this.problems.push(found.problem);
    }
  }

  #addMatches(pattern: string, alias: string | undefined): void {
    const { disk, root = '' } = this.#checkout;
    // A glob reads both slashes as one, and braces may hold another beginning.
    const elsewhere = /(^|[{,])[\\/]/.test(pattern) || /(^|[\\/{},])\.\.($|[\\/{},])/.test(pattern);
    if (elsewhere || disk.path.isAbsolute(pattern)) {
      this.problems.push(
        `must be a pattern within the checkout, without .., not ${quote(pattern)}`,
      );
      return;
    }
    const matches = this.#glob(pattern, root).filter((match) => {
      const found = this.#checkout.find(match);
      return 'problem' in found || found.value.kind === 'file';
    });
    if (matches.length === 0)
      this.problems.push(`matches no file of the checkout: ${quote(pattern)}`);
    else if (matches.length > 1 && alias !== undefined)
      this.problems.push(`gives one #alias to ${matches.length} files: ${quote(pattern)}`);
    else for (const match of matches) this.#addFile(match, pattern, alias);
  }

  #glob(pattern: string, root: string): string[] {
    try {
      const matches = this.#checkout.disk
        .glob(pattern, root)
        .filter((match) => !match.split(/[\\/]/).some(isGitFolder));
      return [...new Set(matches)].sort(byCodeUnits);
    } catch {
      return [];
    }
  }

  #addFile(path: string, line: string, alias: string | undefined): void {
    const file = this.#checkout.file(path);
    if ('problem' in file) this.problems.push(file.problem);
    else if (this.#fits(path, line) && this.#mayBeSent(file.value.baseName, path))
      this.#keep(`${file.value.realPath}\n${file.value.baseName}`, file.value, alias);
  }

  #addDirectory(path: string, realPath: string): void {
    if (this.#input !== 'py-files') {
      this.problems.push(`is a directory, which only py-files takes: ${quote(path)}`);
      return;
    }
    const name = this.#checkout.baseName(path);
    if (!this.#mayBeSent(name, path)) return;
    const { files, problems, cutShort } = this.#checkout.filesUnder(
      realPath,
      most.files,
      isLeftOut,
    );
    const isPackage = files.some((file) => file.name === '__init__.py');
    const entries = files
      .map((file) => ({ ...file, name: isPackage ? `${name}/${file.name}` : file.name }))
      .sort((a, b) => byCodeUnits(a.name, b.name));
    const size = entries.reduce((sum, entry) => sum + entry.size, 0);
    if (problems.length > 0) this.problems.push(...problems);
    else if (entries.length === 0)
      this.problems.push(`names a directory without any file: ${quote(path)}`);
    else if (cutShort || size > most.bytes)
      this.problems.push(
        `names a directory that is too large for a zip (${most.files} files, 4 GB): ${quote(path)}`,
      );
    else
      this.#keep(
        `${realPath}\n${name}`,
        { kind: 'directory', shown: path, baseName: `${name}.zip`, entries, size },
        undefined,
      );
  }

  #keep(key: string, file: ListedFile, alias: string | undefined): void {
    const known = this.#files.get(key);
    if (known && known.alias !== alias)
      this.problems.push(
        `names one file twice, as ${known.alias ?? 'itself'} and as ${alias ?? 'itself'}: ${quote(shownOf(file))}`,
      );
    else if (!known) this.#files.set(key, alias === undefined ? file : { ...file, alias });
  }

  #fits(path: string, line: string): boolean {
    const { ending, told } = kinds[this.#input];
    if (!ending.test(path)) {
      const from = line === path ? '' : ` (matched by ${quote(line)})`;
      this.problems.push(`must hold files that end in ${told}, not ${quote(path)}${from}`);
      return false;
    }
    if (/\.whl$/i.test(path) && this.#input === 'py-files')
      this.warnings.push(
        `py-files holds the wheel ${quote(path)}: Fabric may not take wheels there; install it in an environment and name that in the input environment.`,
      );
    return true;
  }

  /** Spark splits its lists at commas and reads the names in them as patterns. */
  #mayBeSent(name: string, path: string): boolean {
    const problem =
      badSegment([name]) ??
      (/[*?[\]{},]/.test(name)
        ? 'holds one of * ? [ ] { } or a comma in its name, which Spark does not read as itself'
        : undefined);
    if (problem !== undefined) this.problems.push(`${problem}: ${quote(path)}`);
    return problem === undefined;
  }
}

function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A file as the user named it. */
export function shownOf(file: ListedFile): string {
  if (file.kind === 'uri') return file.uri;
  return file.kind === 'lakehouse' ? file.path : file.shown;
}
