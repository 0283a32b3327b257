/** An exception of Java as a log shows it. */
export interface JavaException {
  /** With its package. */
  name: string;
  /** The first line of what it says; may be empty. */
  said: string;
  /** Index of its line. */
  at: number;
}

/** log4j's layout in Spark, and Python's logging with a date in front. */
export const logLine = /^\d{2,4}[/-]\d{2}[/-]\d{2} \d{2}:\d{2}:\d{2}/;
export const javaFrame = /^\s+(?:at [\w$.<>/]+|\.\.\. \d+ (?:more|common frames))/;

const thrown =
  /^(?:Exception in thread "[^"]{0,200}" |Caused by: |: )?(?!pyspark\.)((?:[a-z_][\w$]*\.){1,20}[A-Z][\w$]*(?:Exception|Error|Throwable|Failure))\b(?::\s?(.*))?$/;
const classLike = /(?:Exception|Error|Throwable|Failure)/;

export function javaException(line: string, at: number): JavaException | undefined {
  if (!classLike.test(line)) return undefined;
  const [, name, said = ''] = thrown.exec(line) ?? [];
  return name === undefined ? undefined : { name, said, at };
}

/** Exceptions that only carry another one, and one that a socket gives when a worker is gone. */
const carriers =
  /(?:InvocationTargetException|UndeclaredThrowableException|ExecutionException|java\.io\.EOFException|SparkUserAppException)$/;

/**
 * The exception and its `Caused by` chain that the lines `[from, to)` hold, outermost first; empty where
 * they hold none.
 */
export function chainIn(lines: readonly string[], from: number, to: number): JavaException[] {
  const chain: JavaException[] = [];
  for (let at = from; at < to; at += 1) {
    const one = javaException(lines[at] ?? '', at);
    if (!one) continue;
    if (chain.length > 0 && !/^Caused by: /.test(lines[at] ?? '')) break;
    chain.push(one);
  }
  return chain;
}

/** Spark's sentences about a job or a task that was given up, whatever for. */
const givenUp =
  /^(?:Job aborted|Job \d+ cancelled|Task failed|\[TASK_WRITE_FAILED\]|Exception thrown in)/;

/**
 * Who in a chain says what went wrong: the deepest cause that does not only carry another. Where that is an
 * exception of Spark's inner parts, without an error class, the one by which Spark explains it. Of a record
 * that a parser did not like, Spark's sentence about the record: the parser's own words are of its insides.
 */
export function headlineOf(chain: readonly JavaException[]): JavaException | undefined {
  const record = chain.findIndex(({ name }) => name.endsWith('.BadRecordException'));
  const aboutRecord = chain[record - 1];
  if (aboutRecord !== undefined && /^\[/.test(unwrapped(aboutRecord).said)) return aboutRecord;
  const at = chain.findLastIndex(({ name }) => !carriers.test(name));
  const [deepest, above] = [chain[at] ?? chain.at(-1), chain[at - 1]];
  const isInner =
    deepest !== undefined &&
    /^org\.apache\.spark\./.test(deepest.name) &&
    !/^\[/.test(deepest.said);
  const explains =
    above?.name === 'org.apache.spark.SparkException' &&
    above.said !== '' &&
    !givenUp.test(above.said);
  return isInner && explains ? above : deepest;
}

/** What failed in a task, out of Spark's sentence about the job that was given up for it. */
const lostTask = /most recent failure: Lost task .{0,200}?\(TID \d+\) \(.{0,300}?\): (.+)$/;
const inside = /^((?:[a-z_][\w$]*\.){1,20}[A-Z][\w$]*(?:Exception|Error))(?:: (.*))?$/;

/** The name and words of an exception without Spark's frame around them. */
export function unwrapped({ name, said }: Pick<JavaException, 'name' | 'said'>): {
  name: string;
  said: string;
} {
  const task = lostTask.exec(said)?.[1];
  if (task === undefined) return { name, said };
  const [, inner, words = ''] = inside.exec(task) ?? [];
  return inner === undefined ? { name, said: task } : { name: inner, said: words };
}

/** The last exception that ended the driver's main thread, with its chain; failing that the last of all. */
export function lastChain(lines: readonly string[]): JavaException[] {
  let main: number | undefined;
  let any: number | undefined;
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    if (/^Caused by: /.test(line)) continue;
    const one = javaException(line, at);
    if (!one || carriers.test(one.name)) continue;
    any = at;
    if (line.startsWith('Exception in thread "main"')) main = at;
  }
  const start = main ?? any;
  return start === undefined ? [] : chainIn(lines, start, lines.length);
}
