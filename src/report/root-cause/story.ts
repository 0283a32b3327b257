import type { Episode, Part } from './episode.ts';
import { chainIn, headlineOf, javaFrame, logLine, unwrapped, type JavaException } from './java.ts';
import { javaTitle, pythonTitle } from './titles.ts';
import type { Frame, Traceback } from './traceback.ts';

/** An episode as it is told. */
export interface Story {
  title: string;
  /** The class that Python names, with its modules. */
  exception: string;
  /** The title, then the further lines of the message and the exception before it in the chain. */
  message: readonly string[];
  /** Of the last exception: those of a worker first, each innermost first. */
  frames: readonly Frame[];
  proofs: readonly Frame[];
  /** The tracebacks of the last exception, the driver's first. */
  tracebacks: readonly Traceback[];
  /** What Java says beneath, outermost first. */
  java: readonly JavaException[];
}

const mostLines = 20;
const ends =
  /^(?:JVM stacktrace|During handling of|The above exception was|Exception in thread |== SQL|\s*$)/;

/**
 * The headline is the exception that was raised last: it is what ended the job, and its author chose its
 * words; what it came from follows. Where it only carries one of a worker, or of Java, that one is it.
 */
export function storyOf(lines: readonly string[], { parts }: Episode): Story {
  const part = parts.at(-1);
  if (!part) throw new Error('An episode has a part.');
  const before = parts.at(-2);
  const told = headline(lines, part);
  const chain =
    part.link === undefined || before === undefined
      ? []
      : [
          `${part.link === 'cause' ? 'Caused by' : 'While handling'}: ${headline(lines, before).title}`,
        ];
  const inner = part.nested.at(-1);
  const tracebacks = [part.outer, inner].filter((one) => one !== undefined);
  return {
    title: told.title,
    exception: part.outer?.exception ?? inner?.exception ?? '',
    message: [told.title, ...told.more, ...chain],
    frames: [inner, part.outer].flatMap((one) => one?.frames.toReversed() ?? []),
    proofs: parts.flatMap(({ outer, nested }) =>
      [...nested, outer].flatMap((one) => one?.frames ?? []),
    ),
    tracebacks,
    java: told.java,
  };
}

interface Told {
  title: string;
  more: readonly string[];
  java: readonly JavaException[];
}

function headline(lines: readonly string[], { outer, nested, end }: Part): Told {
  const one = nested.at(-1) ?? outer;
  if (!one) return { title: '', more: [], java: [] };
  if (nested.length === 0 && /Py4J(?:Java)?Error$/.test(one.exception)) {
    const java = chainIn(lines, one.thrown + 1, end);
    const inner = headlineOf(java);
    if (inner) {
      const { name, said } = unwrapped(inner);
      return { title: javaTitle(name, said), more: [], java };
    }
  }
  const words = wordsOf(lines, one, end);
  const { name, said } = unwrapped({ name: one.exception, said: words.first });
  const more = nested.length === 0 || one.members.length > 0 ? words.more : [];
  const title = name === one.exception ? pythonTitle(name, said) : javaTitle(name, said);
  return { title, more, java: [] };
}

/** What an exception says: the line beside its name, or the first below it; then the lines that go on. */
function wordsOf(
  lines: readonly string[],
  one: Traceback,
  end: number,
): { first: string; more: readonly string[] } {
  if (one.members.length > 0)
    return { first: one.said, more: one.members.map((member) => `- ${member}`) };
  if (one.prefixed) return { first: one.said, more: [] };
  const from = one.thrown + 1;
  const below = lines.slice(from, Math.min(end, from + mostLines));
  // The message begins on the next line.
  if (one.said.trim() === '' && /:\s*$/.test(lines[one.thrown] ?? '')) {
    const at = below.findIndex((line) => line.trim() !== '');
    return { first: below[at]?.trim() ?? '', more: messageLines(below.slice(at + 1)) };
  }
  const plan = /;\s*$/.test(one.said) && isCarried(one.exception);
  return { first: one.said, more: plan ? [] : messageLines(below) };
}

/** PySpark's own classes begin some messages on the next line. */
function isCarried(exception: string): boolean {
  return /^pyspark\./.test(exception);
}

function messageLines(below: readonly string[]): readonly string[] {
  const stop = below.findIndex(
    (line) => ends.test(line) || logLine.test(line) || javaFrame.test(line),
  );
  return stop === -1 ? below : below.slice(0, stop);
}
