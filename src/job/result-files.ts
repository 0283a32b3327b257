import { posix } from 'node:path';
import { within } from '../clock.ts';
import { StepError } from '../errors.ts';
import { parseLakehousePath } from '../inputs/lakehouse-path.ts';
import { listedFolder } from '../inputs/results.ts';
import type { Written } from '../fabric/onelake-reading.ts';
import { duration } from '../report/duration.ts';
import type { FollowedBatch } from './batch.ts';
import type { Place } from './place.ts';
import { Interrupted, type Step } from './step.ts';
import { filledPath, staleness } from './written.ts';

/** Of one file of `results`, in bytes: the parser holds it in memory. And of all that count. */
const mostBytes = 16 * 1024 * 1024;
const mostTogether = 64 * 1024 * 1024;
const mostFiles = 200;
const mostListed = 50_000;
/** Until all of them are read and parsed, in milliseconds. */
const longestReading = 5 * 60_000;

/** What came of looking for the files of `results`. */
export interface ResultFiles {
  /** Why a line of the input found nothing that counts, one sentence each. */
  missing: string[];
  /** Files that count and cannot be taken, one sentence each. */
  broken: string[];
}

/**
 * Takes a file that counts, before the next one is read, so that no text is kept. Gives why it cannot, such
 * as `is no JUnit XML`. Once the signal is aborted nobody waits for it.
 */
export type TakeFile = (
  path: string,
  text: string,
  signal: AbortSignal,
) => Promise<string | undefined>;

/**
 * Reads the files of `results`, of which each line has to find one that this batch wrote, and gives each to
 * `take`, once, in the order of the input and then of their names. Throws `StepError`: what OneLake refused,
 * SERVICE_UNREACHABLE when it takes longer than 5 minutes, NO_TESTS for placeholders that the batch does not
 * tell, RESULTS_INVALID for more than is read; `Interrupted`.
 */
export async function readResultFiles(
  step: Step,
  place: Place,
  batch: FollowedBatch,
  globs: readonly string[],
  take: TakeFile,
): Promise<ResultFiles> {
  const { interrupt, world } = step;
  const found = await within(
    world.clock,
    longestReading,
    async (signal) => {
      const search = new Search({ step, place, batch, take, signal });
      for (const glob of globs) await search.look(filledPath('results', 'NO_TESTS', glob, batch));
      return search.found;
    },
    interrupt.signal,
  );
  if (interrupt.raised) throw new Interrupted();
  if (found) return found;
  throw new StepError(
    'SERVICE_UNREACHABLE',
    `The test results were not read within ${duration(longestReading)}.`,
    { advice: 'Name fewer files, or a folder with fewer files, in results.' },
  );
}

interface SearchParts {
  step: Step;
  place: Place;
  batch: FollowedBatch;
  take: TakeFile;
  signal: AbortSignal;
}

class Search {
  readonly found: ResultFiles = { missing: [], broken: [] };
  readonly #parts: SearchParts;
  /** Paths that were read, or that are stale. */
  readonly #seen = new Map<string, 'counts' | 'stale'>();
  #listed = 0;
  #bytes = 0;

  constructor(parts: SearchParts) {
    this.#parts = parts;
  }

  /** One line of the input. */
  async look(glob: string): Promise<void> {
    const listed = listedFolder(glob);
    const stale: string[] = [];
    const paths = listed ? await this.#matching(glob, listed, stale) : [glob];
    let counts = false;
    for (const path of paths) {
      const known = this.#seen.get(path);
      const why = known === undefined ? await this.#read(path) : undefined;
      if (why !== undefined) stale.push(why);
      counts ||= this.#seen.get(path) === 'counts';
    }
    if (counts) return;
    const shown = stale.slice(0, 5);
    const more =
      stale.length > shown.length ? [`${stale.length - shown.length} more are as old.`] : [];
    this.found.missing.push(
      stale.length === 0
        ? `No file of the lakehouse matches ${glob}, which results names.`
        : [...shown, ...more].join(' '),
    );
  }

  /** Paths of files that match and may be fresh; why others are stale is noted. */
  async #matching(
    glob: string,
    { folder, recursive }: { folder: string; recursive: boolean },
    stale: string[],
  ): Promise<string[]> {
    const { place, signal } = this.#parts;
    const paths: string[] = [];
    for await (const page of place.lake.files(folder, recursive, signal)) {
      this.#listed += page.length;
      if (this.#listed > mostListed)
        throw tooMany(`more than ${mostListed.toLocaleString('en')} files to look through`, glob);
      for (const { path, written } of page) {
        // A name from the service leads nowhere but below its folder (rule 8).
        const inside = 'value' in parseLakehousePath(path) && path.startsWith(`${folder}/`);
        if (!inside || !posix.matchesGlob(path, glob)) continue;
        // One whose age the list does not tell is read: its own answer may.
        const why = written === undefined ? undefined : this.#staleness(path, written);
        if (why === undefined) paths.push(path);
        else stale.push(why);
      }
    }
    return paths.sort();
  }

  /** Why the file does not count, where it does not. */
  async #read(path: string): Promise<string | undefined> {
    const { place, take, signal } = this.#parts;
    if (this.#seen.size >= mostFiles) throw tooMany(`more than ${mostFiles} files`, path);
    const read = await place.lake.read(path, mostBytes, signal);
    const why = read.kind === 'found' ? this.#staleness(path, read.written) : undefined;
    const gone = read.kind === 'missing' ? `The job wrote no ${path}, which results names.` : why;
    this.#seen.set(path, gone === undefined ? 'counts' : 'stale');
    if (read.kind === 'too-large')
      this.found.broken.push(`${path} has more than ${mostBytes / 1024 / 1024} MiB.`);
    if (read.kind !== 'found' || gone !== undefined) return gone;
    this.#bytes += Buffer.byteLength(read.text);
    if (this.#bytes > mostTogether)
      throw tooMany(`more than ${mostTogether / 1024 / 1024} MiB in all`, path);
    const refused = await take(path, read.text, signal);
    if (refused !== undefined) this.found.broken.push(`${path} ${refused}.`);
    return undefined;
  }

  #staleness(path: string, written: Written | undefined): string | undefined {
    return staleness(this.#parts.batch, path, written);
  }
}

function tooMany(what: string, where: string): StepError {
  return new StepError('RESULTS_INVALID', `results has ${what} (${where}).`, {
    advice: 'Let each run write into a folder of its own, with {submission} in its path.',
  });
}
