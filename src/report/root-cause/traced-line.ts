/** A line of source that a traceback names. */
export interface TracedLine {
  /** On the machine that ran it, with `/` between folders; of Java and Scala as the package tells it. */
  path: string;
  /** From 1. */
  line: number;
  /** What stands there, where the traceback shows it; without outer white space. */
  source?: string | undefined;
  /** The path is that of a package, whatever folder of sources it lies in. */
  inPackage?: true;
}

/**
 * The lines of source that the text of a failed test names, the innermost first: pytest's `path:line: …`
 * (the source stands before it after `>`, or after it where it goes on with `in`), Python's own
 * `File "path", line N`, and the frames of Java and Scala.
 */
export function tracedLines(lines: readonly string[]): TracedLine[] {
  const [python, jvm]: [TracedLine[], TracedLine[]] = [[], []];
  let marked: string | undefined;
  for (const [index, line] of lines.entries()) {
    const next = lines[index + 1];
    const indented = next !== undefined && /^\s+\S/.test(next) ? next.trim() : undefined;
    marked = /^>\s+(\S.*)$/.exec(line)?.[1]?.trim() ?? marked;
    const [, path, number, rest] =
      /^((?:[A-Za-z]:)?[^:"]{1,400}\.\w{1,8}):(\d{1,7}):(?: (.*))?$/.exec(line) ?? [];
    if (path !== undefined) {
      const source = rest?.startsWith('in ') ? indented : marked;
      python.unshift({ path: slashed(path), line: Number(number), source });
      marked = undefined;
    }
    const [, file, at] = /^\s*File "([^"]{1,400})", line (\d{1,7})/.exec(line) ?? [];
    if (file !== undefined)
      python.unshift({
        path: slashed(file),
        line: Number(at),
        source: indented?.startsWith('File "') ? undefined : indented,
      });
    const [, owner, unit, row] =
      /^\s*at (?:[\w.@-]*\/{1,2})?([\w.$]{1,400})\.[\w$<>]+\(([\w$-]+\.\w+):(\d{1,7})\)/.exec(
        line,
      ) ?? [];
    if (owner !== undefined && unit !== undefined)
      jvm.push({ path: inPackage(owner, unit), line: Number(row), inPackage: true });
  }
  return [...python, ...jvm];
}

function slashed(path: string): string {
  return path.replaceAll('\\', '/');
}

/** `com.example.OrdersTest` in `OrdersTest.java` is `com/example/OrdersTest.java`. */
function inPackage(owner: string, unit: string): string {
  return [...owner.split('.').slice(0, -1), unit].join('/');
}
