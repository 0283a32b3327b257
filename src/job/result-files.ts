import { posix } from 'node:path';
import { within } from '../clock.ts';
import { StepError } from '../errors.ts';
import { parseLakehousePath } from '../inputs/lakehouse-path.ts';
import { listedFolder } from '../inputs/results.ts';
import { duration } from '../report/duration.ts';
import type { FollowedBatch } from './batch.ts';
import type { Place } from './place.ts';
import { Interrupted, type Step } from './step.ts';
import { filledPath, staleness } from './written.ts';

/** Of one file of `results`, in bytes: the parser holds it in memory. */
const mostBytes = 16 * 1024 * 1024;
const mostFiles = 200;
const mostListed = 50_000;
/** Until all of them are read, in milliseconds. */
const longestReading = 5 * 60_000;

/** What came of looking for the files of `results`. */
export interface ResultFiles {
  /** Those that count, each once, in the order of the input and then of their names. */
  fresh: { path: string; text: string }[];
  /** Why a line of the input found nothing that counts, one sentence each. */
  missing: string[];
  /** Fresh files that cannot be read whole, one sentence each. */
  broken: string[];
}

/**
 * Reads the files of `results`, of which each line has to find one that this batch wrote. Throws
 * `StepError`: what OneLake refused, SERVICE_UNREACHABLE when it takes longer than 5 minutes, NO_TESTS
 * for placeholders that the batch does not tell; `Interrupted`.
 */
export async function readResultFiles(
  step: Step,
  place: Place,
  batch: FollowedBatch,
  globs: readonly string[],
): Promise<ResultFiles> {
  const { interrupt, world } = step;
  const found = await within(
    world.clock,
    longestReading,
    async (signal) => {
      const search = new Search(step, place, batch, signal);
      for (const glob of globs) await search.take(filledPath('results', 'NO_TESTS', glob, batch));
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

class Search {
  readonly found: ResultFiles = { fresh: [], missing: [], broken: [] };
  readonly #step: Step;
  readonly #place: Place;
  readonly #batch: FollowedBatch;
  readonly #signal: AbortSignal;
  /** Paths that were read, or that are stale. */
  readonly #seen = new Map<string, 'counts' | 'stale'>();
  #listed = 0;

  constructor(step: Step, place: Place, batch: FollowedBatch, signal: AbortSignal) {
    this.#step = step;
    this.#place = place;
    this.#batch = batch;
    this.#signal = signal;
  }

  /** One line of the input. */
  async take(glob: string): Promise<void> {
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
    const paths: string[] = [];
    for await (const page of this.#place.lake.files(folder, recursive, this.#signal)) {
      this.#listed += page.length;
      if (this.#listed > mostListed)
        throw tooMany(`more than ${mostListed.toLocaleString('en')} files to look through`, glob);
      for (const { path, ageMs } of page) {
        // A name from the service leads nowhere but below its folder (rule 8).
        const inside = 'value' in parseLakehousePath(path) && path.startsWith(`${folder}/`);
        if (!inside || !posix.matchesGlob(path, glob)) continue;
        // One whose age the list does not tell is read: its own answer may.
        const why = ageMs === undefined ? undefined : this.#staleness(path, ageMs);
        if (why === undefined) paths.push(path);
        else stale.push(why);
      }
    }
    return paths.sort();
  }

  /** Why the file does not count, where it does not. */
  async #read(path: string): Promise<string | undefined> {
    if (this.#seen.size >= mostFiles) throw tooMany(`more than ${mostFiles} files`, path);
    const read = await this.#place.lake.read(path, mostBytes, this.#signal);
    const why = read.kind === 'found' ? this.#staleness(path, read.ageMs) : undefined;
    const gone = read.kind === 'missing' ? `The job wrote no ${path}, which results names.` : why;
    this.#seen.set(path, gone === undefined ? 'counts' : 'stale');
    if (read.kind === 'too-large')
      this.found.broken.push(`${path} has more than ${mostBytes / 1024 / 1024} MiB.`);
    if (read.kind === 'found' && gone === undefined)
      this.found.fresh.push({ path, text: read.text });
    return gone;
  }

  #staleness(path: string, ageMs: number | undefined): string | undefined {
    return staleness(this.#step, this.#batch, path, ageMs);
  }
}

function tooMany(what: string, where: string): StepError {
  return new StepError('RESULTS_INVALID', `results has ${what} (${where}).`, {
    advice: 'Let each run write into a folder of its own, with {submission} in its path.',
  });
}
