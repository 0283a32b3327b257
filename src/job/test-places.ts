import { readFileSync } from 'node:fs';
import { isGitFolder, type Checkout } from '../inputs/checkout.ts';
import type { CheckoutLine } from '../report/facts.ts';
import type { FailedCase } from '../report/junit.ts';
import { tracedLines, type TracedLine } from '../report/traceback.ts';

/** A checkout of more is not searched: that only one file fits could not be told. */
const mostFiles = 20_000;
const mostBytes = 2_000_000;
/** Lines from the one that a result names on which the name of its test may stand, below its decorators. */
const decorated = 20;

/**
 * Finds failed tests in the checkout. The driver has its files elsewhere, so a file is known by the end
 * of its path, and taken only if no other fits; a line only if it reads as the traceback shows it. No
 * place is better than a wrong one. Nothing outside the checkout is read (rule 8).
 */
export class TestPlaces {
  readonly #checkout: Checkout;
  readonly #sources = new Map<string, readonly string[]>();
  #files: readonly string[] | undefined;

  constructor(checkout: Checkout) {
    this.#checkout = checkout;
  }

  /** Where a test failed, else where it stands; `undefined` when neither is certain. */
  placeOf(failed: FailedCase): CheckoutLine | undefined {
    for (const traced of tracedLines(failed.lines)) {
      const place = this.#traced(traced);
      if (place) return place;
    }
    return this.#named(failed);
  }

  #traced({ path, line, source }: TracedLine): CheckoutLine | undefined {
    const { files, whole } = this.#fitting(path);
    // A name alone, such as __init__.py, is not enough to know a file by.
    if (!whole && source === undefined) return undefined;
    const fitting = files.filter((file) => {
      const there = this.#source(file)[line - 1];
      return there !== undefined && (source === undefined || there.trim() === source);
    });
    const [only, another] = fitting;
    return only === undefined || another !== undefined ? undefined : { file: only, line };
  }

  /** By the attributes `file` and `line`, which name the test itself; from 0 or from 1, so its name is looked for. */
  #named({ at, name }: FailedCase): CheckoutLine | undefined {
    if (at?.line === undefined) return undefined;
    const first = Math.max(at.line, 1);
    const word = nameOf(name);
    const places = this.#fitting(at.file.replaceAll('\\', '/')).files.flatMap((file) => {
      const lines = this.#source(file).slice(first - 1, first + decorated);
      const found = lines.findIndex((line) => word.test(line));
      return found === -1 ? [] : [{ file, line: first + found }];
    });
    const [only, another] = places;
    return another === undefined ? only : undefined;
  }

  /**
   * The files of the checkout that end as the path does, as far as any does. `whole`: in more than the
   * last name, or in all that the path has.
   */
  #fitting(path: string): { files: readonly string[]; whole: boolean } {
    const names = path.split('/').filter((name) => name !== '' && name !== '.');
    this.#files ??= this.#list();
    const last = names.at(-1);
    let files = this.#files.filter((file) => last !== undefined && endsWith(file, last));
    let [end, taken] = [last ?? '', 1];
    for (const name of names.slice(0, -1).reverse()) {
      end = `${name}/${end}`;
      const longer = files.filter((file) => endsWith(file, end));
      if (longer.length === 0) break;
      [files, taken] = [longer, taken + 1];
    }
    return { files, whole: taken > 1 || names.length === 1 };
  }

  #list(): readonly string[] {
    const { root, disk } = this.#checkout;
    if (root === undefined) return [];
    const leftOut = (name: string): boolean => isGitFolder(name) || name === 'node_modules';
    const { files, cutShort } = this.#checkout.filesUnder(root, mostFiles, leftOut);
    if (cutShort) return [];
    const real = files.map(({ realPath }) => disk.path.relative(root, realPath));
    // Links to one file are one.
    return [...new Set(real.map((path) => path.split(disk.path.sep).join('/')))];
  }

  #source(file: string): readonly string[] {
    const known = this.#sources.get(file);
    if (known) return known;
    const lines = this.#read(file);
    this.#sources.set(file, lines);
    return lines;
  }

  #read(file: string): readonly string[] {
    const found = this.#checkout.file(file);
    if ('problem' in found || found.value.size > mostBytes) return [];
    try {
      return readFileSync(found.value.realPath, 'utf8').split(/\r?\n/);
    } catch {
      return [];
    }
  }
}

function endsWith(file: string, end: string): boolean {
  return file === end || file.endsWith(`/${end}`);
}

/** The name of a test without its parameters, as a word. */
function nameOf(name: string): RegExp {
  const plain = name.replace(/[[(].*$/s, '').trim();
  if (plain === '') return /(?!)/;
  const escaped = plain.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
  return new RegExp(`(?<!\\w)${escaped}(?!\\w)`);
}
