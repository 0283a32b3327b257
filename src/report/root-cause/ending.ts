import { javaFrame } from './java.ts';
import { bounded } from './titles.ts';

/** Why a job ended, by what is beside an exception. */
export interface Ending {
  title: string;
  /** The line that says so, as it stands in the log; empty where the title says it all. */
  line: string;
  advice?: string | undefined;
}

const moreMemory =
  'Raise driver-memory, or bring less of the data to the driver (collect, toPandas, large broadcasts).';
const moreExecutorMemory =
  'Raise executor-memory, or spread the data over more partitions (repartition, spark.sql.shuffle.partitions).';

/** What helps where memory ran out; `undefined` for other causes. */
export function memoryAdvice(title: string): string | undefined {
  if (/ExecutorLostFailure|^Container killed by YARN/.test(title)) return moreExecutorMemory;
  if (/OutOfMemoryError|maxResultSize/.test(title)) return moreMemory;
  return undefined;
}

const signals: Readonly<Record<number, Omit<Ending, 'line'>>> = {
  134: { title: "The job's process aborted itself (exit code 134).", advice: undefined },
  137: {
    title: "The job's process was killed (exit code 137).",
    advice: `Most often the system does that when memory runs out. ${moreMemory} If there was memory enough, somebody killed it with SIGKILL.`,
  },
  139: {
    title: "The job's process crashed (exit code 139, a segmentation fault).",
    advice: 'Look for a native library that the job loads, and its version.',
  },
  143: {
    title: "The job's process was told to end by SIGTERM (exit code 143).",
    advice:
      'Somebody cancelled it, or the cluster took its node or its container back: see the run for who did, and raise driver-memory if a limit of memory is named there.',
  },
};

const exits = [
  // PythonRunner, of the process that ran the main file.
  /User application exited with (?:status )?(\d{1,3})\b/,
  // What started spark-submit.
  /spark-submit (?:ended|exited) with (?:exit )?code (\d{1,3})\b/,
  // YARN, of the container that ran the driver.
  /(?:Final app status: FAILED, |AM Container for .{0,200} exited with\s+)exitCode: (\d{1,3})\b/,
];

/** The exit code that the log gives for the job's own process; the last one counts. */
export function exitCode(lines: readonly string[]): number | undefined {
  for (const pattern of exits) {
    const line = lines.findLast((candidate) => pattern.test(candidate));
    const code = line === undefined ? undefined : pattern.exec(line)?.[1];
    if (code !== undefined) return Number(code);
  }
  return undefined;
}

/** An ending by a signal; `undefined` for a code that the job chose. */
export function endedBySignal(code: number | undefined): Ending | undefined {
  const signal = code === undefined ? undefined : signals[code];
  return signal && { ...signal, line: '' };
}

/**
 * The job ended itself: all that is left to say is the code, and what it printed last. `told` stands in where
 * there is no output: spark-submit's log holds both streams, and Spark's own lines between.
 */
export function endedItself(
  code: number,
  output: readonly string[],
  told: readonly string[],
): Ending {
  const said = (line: string): boolean => line.trim() !== '';
  const last =
    output.findLast(said) ??
    told.findLast((line) => said(line) && !notOfJob.test(line) && !javaFrame.test(line)) ??
    '';
  const title = `The job ended with exit code ${code}.`;
  const line = last.trim();
  if (callsItselfError.test(line)) return { title: bounded(line), line };
  return { title: bounded(line === '' ? title : `${title} Its last line: ${line}`), line };
}

/** A line that calls itself an error; argparse puts the name of the script before it. */
const callsItselfError = /^(?:[\w.-]+\.py(?: [\w-]+)?: |\W{1,3})?(?:error|fatal|critical)\b\W+\w/i;
const notOfJob =
  /^(?:\d{2,4}[/-]\d\d[/-]\d\d[T ]\d\d:\d\d|(?:stdout|stderr|YARN Diagnostics): ?$|Setting default log level|To adjust logging level)/;

/** What Python's and Spark's launchers say when they cannot run the job at all, in the order of worth. */
const launchers = [
  /can't open file .{1,500}\[Errno \d+\].*/,
  /^(?:Error|ERROR): (?:Failed to load class|Could not find or load main class|Cannot load main class|Missing application resource).*/,
  /^(?:Unrecognized (?:VM )?option|Invalid (?:maximum|initial) heap size|Conflicting collector combinations|Improperly specified VM option).*/,
  /^The Java thread stack size specified .*/,
  /^Error: Could not create the Java Virtual Machine.*/,
];

/** What spark-submit calls an error, in its own log: any sentence. */
const submitError = /^Error: [A-Z].+/;

/**
 * The launcher's own words; `undefined` where the job was run. `told` is spark-submit's log and stderr, where
 * the job itself says nothing.
 */
export function launchFailure(
  told: readonly string[],
  output: readonly string[],
): Ending | undefined {
  const lines = [...told, ...output];
  for (const pattern of launchers) {
    const line = lines.find((candidate) => pattern.test(candidate))?.trim();
    if (line !== undefined) return { title: bounded(line), line };
  }
  const line = told.find((candidate) => submitError.test(candidate))?.trim();
  return line === undefined ? undefined : { title: bounded(line), line };
}

const containers =
  /(?:Container killed by YARN for exceeding .*|ExecutorLostFailure \(.{0,300}?\) Reason: .*|Container (?:exited with a non-zero exit code|killed on request\. Exit code is) \d+.*)/;

/** What the cluster says of a container that it ended; the last one counts. */
export function containerEnded(lines: readonly string[]): Ending | undefined {
  const line = lines.findLast((candidate) => containers.test(candidate));
  const said = line === undefined ? undefined : containers.exec(line)?.[0];
  if (said === undefined || line === undefined) return undefined;
  const code = /(?:exit code|Exit code is) (\d+)/.exec(said)?.[1];
  const advice = memoryAdvice(said) ?? endedBySignal(Number(code))?.advice;
  return { title: bounded(said), line: line.trim(), advice };
}
