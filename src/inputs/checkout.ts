import { globSync, readdirSync, realpathSync, statSync, type Stats } from 'node:fs';
import nodePath, { type PlatformPath } from 'node:path';
import { type Parsed, quote } from './forms.ts';

/** A regular file of the checkout. */
export interface LocalFile {
  kind: 'local';
  /** As the user named it. */
  shown: string;
  /** Lies in the checkout, whatever links led there. */
  realPath: string;
  baseName: string;
  /** In bytes, when it was looked at. */
  size: number;
}

/** What is asked of the disk. `path` is the flavour of its paths, which a test may choose. */
export interface Disk {
  readonly path: PlatformPath;
  /** Throws when nothing is there. */
  realpath(path: string): string;
  /** Throws when nothing is there. */
  stat(path: string): Pick<Stats, 'isFile' | 'isDirectory' | 'size'>;
  names(folder: string): string[];
  /** Paths that match, relative to `folder` unless the pattern is absolute. */
  glob(pattern: string, folder: string): string[];
}

/** The machine's own disk. */
export const localDisk: Disk = {
  path: nodePath,
  // The system's own answer: on Windows it also resolves short names, such as GIT~1 for .git.
  realpath: (path) => realpathSync.native(path),
  stat: (path) => statSync(path),
  names: (folder) => readdirSync(folder),
  glob: (pattern, folder) =>
    globSync(pattern, {
      cwd: folder,
      exclude: (path) => nodePath.basename(path).toLowerCase() === '.git',
    }),
};

/** Something of the checkout that may be read. */
export interface Found {
  kind: 'file' | 'directory';
  realPath: string;
  size: number;
}

/** A file below a directory. */
export interface FileUnder {
  /** Path from that directory on, with `/` between its names. */
  name: string;
  realPath: string;
  /** In bytes, when it was looked at. */
  size: number;
}

/** The folder that local paths belong to: nothing outside it is ever given (rule 8). */
export class Checkout {
  readonly disk: Disk;
  /** Its real path; `undefined` when it is not there. */
  readonly root: string | undefined;

  constructor(folder: string, disk: Disk = localDisk) {
    this.disk = disk;
    this.root = this.#real(folder);
  }

  /** A regular file of the checkout, by a path that may be relative to it. */
  file(text: string): Parsed<LocalFile> {
    const found = this.find(text);
    if ('problem' in found) return found;
    const { kind, realPath, size } = found.value;
    if (kind !== 'file') return { problem: `is no regular file: ${quote(text)}` };
    return {
      value: { kind: 'local', shown: text, realPath, baseName: this.baseName(text), size },
    };
  }

  /** A file or a directory of the checkout. `missing`: nothing is there at all. */
  find(text: string): { value: Found } | { problem: string; missing?: true } {
    const { path } = this.disk;
    const { root } = this;
    const realPath = root === undefined ? undefined : this.#real(path.resolve(root, text));
    if (root === undefined || realPath === undefined) {
      return {
        problem: `names no file of the checkout: ${quote(text)} (a path in the lakehouse starts with Files/, one of the checkout needs an actions/checkout step)`,
        missing: true,
      };
    }
    const inside = path.relative(root, realPath);
    const segments = inside.split(path.sep);
    if (path.isAbsolute(inside) || segments[0] === '..')
      return { problem: `leads out of the checkout: ${quote(text)}` };
    if (segments.some(isGitFolder)) return { problem: `must not lie in .git: ${quote(text)}` };
    const stats = unlessThrown(() => this.disk.stat(realPath));
    const kind = stats?.isFile() ? 'file' : stats?.isDirectory() ? 'directory' : undefined;
    return stats && kind
      ? { value: { kind, realPath, size: stats.size } }
      : { problem: `is no regular file: ${quote(text)}` };
  }

  /**
   * All files below a directory, except what `leftOut` says by its name. Links are followed as long as
   * they stay in the checkout; a link to a directory that holds it ends there. `cutShort`: there is more
   * than `most` files and directories.
   */
  filesUnder(
    folder: string,
    most: number,
    leftOut: (name: string) => boolean,
  ): { files: FileUnder[]; problems: string[]; cutShort: boolean } {
    const [files, problems]: [FileUnder[], string[]] = [[], []];
    // Counts visits: links that fork again and again make a tree without end of a few directories.
    let visits = 0;
    const walk = (under: string, prefix: string, above: readonly string[]): void => {
      const names = unlessThrown(() => this.disk.names(under));
      if (!names) problems.push(`names a directory that cannot be read: ${quote(under)}`);
      for (const name of names ?? []) {
        if (leftOut(name)) continue;
        visits += 1;
        if (visits > most) return;
        const found = this.find(this.disk.path.join(under, name));
        if ('problem' in found) {
          problems.push(found.problem);
          continue;
        }
        const { kind, realPath, size } = found.value;
        if (kind === 'file') files.push({ name: prefix + name, realPath, size });
        else if (realPath !== under && !above.includes(realPath))
          walk(realPath, `${prefix}${name}/`, [...above, under]);
      }
    };
    walk(folder, '', []);
    return { files, problems, cutShort: visits > most };
  }

  /** The last name of a path, links not followed; that of the checkout itself for `.`. */
  baseName(text: string): string {
    const { path } = this.disk;
    return path.basename(path.resolve(this.root ?? '', text)) || 'checkout';
  }

  #real(path: string): string | undefined {
    return unlessThrown(() => this.disk.realpath(path));
  }
}

function unlessThrown<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** `.git` in any case: disks of Windows and macOS do not tell the cases apart. */
export function isGitFolder(name: string): boolean {
  return name.toLowerCase() === '.git';
}
