import { isGitFolder, type Checkout } from '../inputs/checkout.ts';
import type { CheckoutLine } from '../report/facts.ts';
import type { FailedCase } from '../report/junit.ts';
import { ofOthers, same } from '../report/root-cause/mapping.ts';
import { tracedLines, type TracedLine } from '../report/root-cause/traced-line.ts';
import { linesOf } from './cause-place.ts';

/** A checkout of more is not searched: that only one file fits could not be told. */
const mostFiles = 20_000;
/** Lines from the one that a result names on which the name of its test may stand, below its decorators. */
const decorated = 20;

/**
 * Finds failed tests in the checkout. The driver has its files elsewhere, so a file is known by the end of its
 * path. Where the traceback shows the source, the line must read the same, in one file only; else the whole
 * path must fit: of Python all of the file's path in the checkout, of Java and Scala all of the package.
 * Nothing is taken for a file of a package that is installed. No place is better than a wrong one. Nothing
 * outside the checkout is read (rule 8).
 */
export class TestPlaces {
  readonly #checkout: Checkout;
  readonly #onlyByText: boolean;
  readonly #sources = new Map<string, readonly string[]>();
  #files: readonly string[] | undefined;

  /** `onlyByText`: what runs may not be what is checked out, so that a path alone proves nothing. */
  constructor(checkout: Checkout, { onlyByText }: { onlyByText: boolean }) {
    this.#checkout = checkout;
    this.#onlyByText = onlyByText;
  }

  /** Where a test failed, else where it stands; `undefined` when neither is certain. */
  placeOf(failed: FailedCase): CheckoutLine | undefined {
    const lines = tracedLines(failed.lines);
    const refuted = new Set<string>();
    for (const traced of lines)
      if (traced.source !== undefined && !this.#byText(traced)) refuted.add(traced.path);
    for (const traced of lines) {
      if (refuted.has(traced.path)) continue;
      const place = traced.source === undefined ? this.#byPath(traced) : this.#byText(traced);
      if (place) return place;
    }
    return this.#named(failed);
  }

  /** The one file with the longest end of the path in which the line reads as the traceback shows it. */
  #byText({ path, line, source }: TracedLine): CheckoutLine | undefined {
    if (source === undefined) return undefined;
    const files = this.#fitting(path);
    return theOnly(
      files.filter((file) => same(this.#source(file)[line - 1], source)),
      line,
    );
  }

  /** The one file whose whole path fits. A name alone, such as `__init__.py`, says too little. */
  #byPath({ path, line, inPackage }: TracedLine): CheckoutLine | undefined {
    if (this.#onlyByText) return undefined;
    const whole = namesOf(path).join('/');
    const fits = (file: string): boolean =>
      inPackage ? whole.includes('/') && endsWith(file, whole) : isWholeEnd(whole, file);
    const files = this.#fitting(path).filter(fits);
    return theOnly(
      files.filter((file) => (this.#source(file)[line - 1] ?? '').trim() !== ''),
      line,
    );
  }

  /**
   * By the attributes `file` and `line`, which name the test itself; from 0 or from 1, so its name is looked
   * for. The path may begin above the checkout or below it, as the folder that pytest runs in.
   */
  #named({ at, name }: FailedCase): CheckoutLine | undefined {
    if (at?.line === undefined || this.#onlyByText) return undefined;
    const path = at.file.replaceAll('\\', '/');
    const whole = namesOf(path).join('/');
    const first = Math.max(at.line, 1);
    const word = nameOf(name);
    const fits = (file: string): boolean => isWholeEnd(whole, file) || isWholeEnd(file, whole);
    const places = this.#fitting(path)
      .filter(fits)
      .flatMap((file) => {
        const lines = this.#source(file).slice(first - 1, first + decorated);
        const found = lines.findIndex((line) => word.test(line));
        return found === -1 ? [] : [{ file, line: first + found }];
      });
    const [only, another] = places;
    return another === undefined ? only : undefined;
  }

  /** The files of the checkout that end as the path does, as far as any does. */
  #fitting(path: string): readonly string[] {
    if (ofOthers.test(`/${path}`)) return [];
    const names = namesOf(path);
    this.#files ??= this.#list();
    const last = names.at(-1);
    let files = this.#files.filter((file) => last !== undefined && endsWith(file, last));
    let end = last ?? '';
    for (const name of names.slice(0, -1).reverse()) {
      end = `${name}/${end}`;
      const longer = files.filter((file) => endsWith(file, end));
      if (longer.length === 0) break;
      files = longer;
    }
    return files;
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
    const found = this.#checkout.file(file);
    const lines = 'problem' in found ? [] : (linesOf(found.value.realPath) ?? []);
    this.#sources.set(file, lines);
    return lines;
  }
}

function theOnly(files: readonly string[], line: number): CheckoutLine | undefined {
  const [file, another] = files;
  return file === undefined || another !== undefined ? undefined : { file, line };
}

function namesOf(path: string): string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.');
}

function endsWith(file: string, end: string): boolean {
  return file === end || file.endsWith(`/${end}`);
}

/** `end` is all of the path, or an end of it with a folder. */
function isWholeEnd(path: string, end: string): boolean {
  return path === end || (end.includes('/') && path.endsWith(`/${end}`));
}

/** The name of a test without its parameters, as a word. */
function nameOf(name: string): RegExp {
  const plain = name.replace(/[[(].*$/s, '').trim();
  if (plain === '') return /(?!)/;
  const escaped = plain.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
  return new RegExp(`(?<!\\w)${escaped}(?!\\w)`);
}
