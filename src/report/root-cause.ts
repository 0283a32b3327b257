import type { RootCause } from './facts.ts';
import {
  containerEnded,
  endedBySignal,
  endedItself,
  exitCode,
  launchFailure,
  memoryAdvice,
  type Ending,
} from './root-cause/ending.ts';
import { episodes, type Episode } from './root-cause/episode.ts';
import { headlineOf, javaException, lastChain, unwrapped } from './root-cause/java.ts';
import { howOver } from './root-cause/over.ts';
import { ofSpark, shownChain, shownLines } from './root-cause/shown.ts';
import { storyOf, type Story } from './root-cause/story.ts';
import { bounded, javaTitle } from './root-cause/titles.ts';
import type { Frame } from './root-cause/traceback.ts';

/** A cause, and what else the log tells of it. */
export interface Finding {
  cause: RootCause;
  /** Calls that led to it, the innermost first: the first one in a file of the author's is the place. */
  frames: readonly Frame[];
  /** All calls that stand in the same tracebacks, which prove what file a path is. */
  proofs: readonly Frame[];
  /** What to do, where that is known. */
  advice?: string | undefined;
  /** False where the exit code, if it were known, could tell of another cause. */
  sure: boolean;
}

/** What there is to read a cause from, each line by line and in its order; empty where there is none. */
export interface Evidence {
  /** The ends of the driver's two streams. */
  stdout: readonly string[];
  stderr: readonly string[];
  /** spark-submit's own log. */
  submit?: readonly string[];
  /** What the service says of the failure (Fabric's `errorInfo` and its like). */
  messages?: readonly string[];
}

/** Longer lines say no more, and patterns are tried on them. */
const longestLine = 2_000;

/**
 * Why a job failed: the exception that ended Python; the signal or the words of a launcher, where none did;
 * the exception that ended Java; the exit code with the job's last line; the cluster's words; the service's.
 * `undefined` when nothing names a cause. Never throws; linear in the length of the lines. The order and what
 * becomes of chains is described in docs/root-cause.md.
 */
export function rootCause(evidence: Evidence): Finding | undefined {
  const cut = (lines: readonly string[] = []): string[] =>
    lines.map((line) => line.slice(0, longestLine));
  const [output, errors, submit] = [
    cut(evidence.stdout),
    cut(evidence.stderr),
    cut(evidence.submit),
  ];
  const told = [...submit, ...errors];
  const code = exitCode(told) ?? exitCode(output);
  const signal = endedBySignal(code);
  if (signal) return ofEnding(signal);
  return (
    raised(output, errors, submit, code) ??
    endedBy(launchFailure(told, output)) ??
    thrown(errors, 'main') ??
    thrown(submit, 'main') ??
    thrown(output, 'main') ??
    (code === undefined || code === 0 ? undefined : ofEnding(endedItself(code, output, told))) ??
    endedBy(containerEnded(told)) ??
    thrown(errors, 'any') ??
    thrown(output, 'any') ??
    said(evidence.messages ?? [])
  );
}

/** What Python raised and nobody caught, as far as that can be told. */
function raised(
  output: readonly string[],
  errors: readonly string[],
  submit: readonly string[],
  code: number | undefined,
): Finding | undefined {
  // PythonRunner joins the job's streams; a service may keep them apart, or have them in spark-submit's log.
  const silent = output.every((line) => line.trim() === '');
  for (const lines of [output, errors, submit]) {
    // Beside the job's own stream workers speak, too.
    const own = (one: Episode): boolean =>
      lines === output || (ofDriver(one) && (silent || endsPython(one)));
    const last = lastOf(episodes(lines).filter(own));
    const over = last ? howOver(lines, last, code) : 'not';
    if (last && over !== 'not') return ofStory(storyOf(lines, last), errors, over === 'surely');
  }
  const byWorker = silent ? episodes(errors).at(-1) : undefined;
  if (!byWorker || howOver(errors, byWorker, code) === 'not') return undefined;
  return ofStory(storyOf(errors, byWorker), errors, false);
}

/** The last one, but for the noise that Spark's own code makes when the job has failed already. */
function lastOf(all: readonly Episode[]): Episode | undefined {
  const calls = (one: Episode): readonly Frame[] =>
    one.parts.flatMap(({ outer, nested }) =>
      [outer, ...nested].flatMap((each) => each?.frames ?? []),
    );
  return all.findLast((one) => calls(one).some(({ path }) => !ofSpark.test(path))) ?? all.at(-1);
}

function endsPython({ parts }: Episode): boolean {
  return parts.at(-1)?.outer?.fromModule ?? false;
}

function ofDriver({ parts }: Episode): boolean {
  return parts.some(({ outer }) => outer !== undefined);
}

/** The gateway's own troubles tell that Java went away, and Java tells why. */
const gatewayLost = /Py4JNetworkError|ConnectionRefusedError|ConnectionResetError|Py4JError$/;
const outOfMemory = /java\.lang\.OutOfMemoryError\b.*/;

function ofStory(story: Story, errors: readonly string[], sure: boolean): Finding {
  const { frames, proofs } = story;
  const memory = gatewayLost.test(story.exception)
    ? errors.findLast((line) => outOfMemory.test(line))
    : undefined;
  const title =
    memory === undefined ? story.title : (outOfMemory.exec(memory)?.[0] ?? story.title).trim();
  const message = memory === undefined ? story.message : [title, ...story.message];
  const cause = { title, message, lines: shownLines(story) };
  return { cause, frames, proofs, advice: memoryAdvice(title), sure };
}

/** What ended the driver's Java: the exception of its main thread, or (`any`) the last one in the log. */
function thrown(lines: readonly string[], which: 'main' | 'any'): Finding | undefined {
  const chain = lastChain(lines);
  const [first] = chain;
  const ofMain = first !== undefined && /^Exception in thread "main"/.test(lines[first.at] ?? '');
  const headline = headlineOf(chain);
  if (!headline || ofMain !== (which === 'main')) return undefined;
  const { name, said: words } = unwrapped(headline);
  const title = javaTitle(name, words);
  return {
    cause: { title, message: [title], lines: shownChain(lines, chain) },
    frames: [],
    proofs: [],
    advice: memoryAdvice(title),
    sure: ofMain,
  };
}

function endedBy(ending: Ending | undefined): Finding | undefined {
  return ending && ofEnding(ending);
}

function ofEnding({ title, line, advice }: Ending): Finding {
  const lines = line === '' ? [] : [line];
  return { cause: { title, message: [title], lines }, frames: [], proofs: [], advice, sure: true };
}

/** The service's own words: of Java's exceptions in them the one that counts, else as they are. */
function said(messages: readonly string[]): Finding | undefined {
  const lines = messages
    .flatMap((message) => message.split(/\r?\n/))
    .map((line) => line.slice(0, longestLine))
    .filter((line) => line.trim() !== '');
  if (lines.length === 0) return undefined;
  // All of it is about the end.
  const inner = lastOf(episodes(lines));
  if (inner) return ofStory(storyOf(lines, inner), [], false);
  const chain = lines.flatMap((line, at) => javaException(line, at) ?? []);
  const headline = headlineOf(chain);
  const title = headline
    ? javaTitle(unwrapped(headline).name, unwrapped(headline).said)
    : bounded(lines[0] ?? '');
  const cause = { title, message: [title], lines: lines.slice(0, 20) };
  return { cause, frames: [], proofs: [], advice: memoryAdvice(title), sure: false };
}
