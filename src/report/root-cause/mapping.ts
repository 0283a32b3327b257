import type { CheckoutLine } from '../facts.ts';
import type { Frame } from './traceback.ts';

/** A Python file that was uploaded from the checkout. */
export interface Source {
  /** Relative to the checkout, with `/` between folders. */
  file: string;
  /** Its last name as the job sees it; its path in the zip where it lies in one. */
  seen: string;
  /** Last name of the zip. */
  zip?: string | undefined;
}

/** Lines of a source as they stand in the checkout; `undefined` where they cannot be read. */
export type ReadSource = (source: Source) => readonly string[] | undefined;

/** Code that comes with Python, with Spark or with packages, whatever it is called. */
export const ofOthers =
  /\/(?:site-packages|dist-packages|pyspark|py4j)\/|\/pyspark\.zip\/|\/lib\/python\d/;
/** So many frames are looked at: the way out of a deep recursion leads through the same ones. */
const mostFrames = 400;

/**
 * The line of the checkout that a failure came from: of the frames (innermost first) the first one that is
 * proven to lie in an uploaded file; `undefined` rather than a wrong one. A frame is proven by the text that
 * the traceback shows under it, when it is the text of that line in the one uploaded file that fits by name.
 * Without a text it counts where its path leads into a zip of ours, or is one that `proofs` prove.
 */
export function placeOf(
  frames: readonly Frame[],
  proofs: readonly Frame[],
  sources: readonly Source[],
  read: ReadSource,
): CheckoutLine | undefined {
  const texts = new Map<Source, readonly string[] | undefined>();
  const lineOf = (source: Source, line: number): string | undefined => {
    if (!texts.has(source)) texts.set(source, read(source));
    return texts.get(source)?.[line - 1];
  };
  const says = ({ line, source: text }: Frame, source: Source): boolean =>
    text !== undefined && same(lineOf(source, line), text);
  const known = new Map<string, Source | undefined>();
  const sourceOf = (path: string): Source | undefined => {
    if (!known.has(path)) known.set(path, fitting(path, sources));
    return known.get(path);
  };
  const provenPaths = new Set<string>();
  const refuted = new Set<string>();
  for (const frame of bothEnds(proofs)) {
    const source = sourceOf(frame.path);
    if (source === undefined || frame.source === undefined) continue;
    (says(frame, source) ? provenPaths : refuted).add(frame.path);
  }
  for (const frame of bothEnds(frames)) {
    const source = sourceOf(frame.path);
    if (source === undefined || refuted.has(frame.path)) continue;
    const isCode = (lineOf(source, frame.line)?.trim() ?? '') !== '';
    const proven =
      frame.source === undefined
        ? isCode && (provenPaths.has(frame.path) || isInZip(frame.path, source))
        : says(frame, source);
    if (proven) return { file: source.file, line: frame.line };
  }
  return undefined;
}

function bothEnds(frames: readonly Frame[]): readonly Frame[] {
  if (frames.length <= mostFrames) return frames;
  return [...frames.slice(0, mostFrames / 2), ...frames.slice(-mostFrames / 2)];
}

/** The one source that a path can be; `undefined` when none fits, or more than one. */
function fitting(path: string, sources: readonly Source[]): Source | undefined {
  const slashed = path.replaceAll('\\', '/');
  if (ofOthers.test(slashed)) return undefined;
  const all = sources.filter((source) => fits(slashed, source));
  return all.length === 1 ? all[0] : undefined;
}

function fits(path: string, source: Source): boolean {
  if (isInZip(path, source)) return true;
  const inOtherZip = /\.(?:zip|egg|whl|jar)\//i.test(path);
  // A zip may have been unpacked; a name alone would say too little then.
  if (source.zip !== undefined)
    return !inOtherZip && source.seen.includes('/') && path.endsWith(`/${source.seen}`);
  return !inOtherZip && (path === source.seen || path.endsWith(`/${source.seen}`));
}

function isInZip(path: string, { zip, seen }: Source): boolean {
  return zip !== undefined && path.replaceAll('\\', '/').endsWith(`/${zip}/${seen}`);
}

/** The log may have lost control characters, and a traceback shows no indentation. */
export function same(line: string | undefined, shown: string): boolean {
  return line !== undefined && plain(line) === plain(shown) && plain(line) !== '';
}

function plain(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}
