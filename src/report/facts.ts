/** What happened in a step, as far as it is known: all that outputs, summary and annotation say. */
export interface RunFacts {
  result: string;
  errorCode?: string | undefined;
  /** What failed and why, without the advice. */
  message?: string | undefined;
  advice?: string | undefined;
  requestId?: string | undefined;
  /** What the link to the run leads to. */
  service?: string;
  batchName?: string | undefined;
  batchId?: string | undefined;
  applicationId?: string | undefined;
  workspace: { name: string; id?: string | undefined };
  lakehouse: { name: string; id?: string | undefined };
  file: string;
  fileUri?: string | undefined;
  state?: string | undefined;
  submission: 'submitted' | 'adopted' | 'attached' | 'followed' | 'unconfirmed' | 'none';
  runUrl?: string | undefined;
  logPath?: string | undefined;
  /** Milliseconds since the epoch on the action's clock: acceptance, first `starting`, application's start, end. */
  acceptedAt?: number | undefined;
  startingAt?: number | undefined;
  runningAt?: number | undefined;
  endedAt?: number | undefined;
  /** The JSON object that the job wrote to `output-file`, as it stands there. */
  jobOutput?: string | undefined;
  /** What a step without a batch did or found, one sentence each. */
  notes?: readonly string[] | undefined;
  rootCause?: RootCause | undefined;
  /** What the job's tests gave, where `results` was asked for and read. */
  tests?: TestResults | undefined;
  /** Spark's stages as last read, in the order of their ids. */
  stages?: readonly SparkStage[] | undefined;
  /** What the service's record of the session says beside the batch. */
  session?: SessionRecord | undefined;
  /** Names of the settings that were sent, each of which can cost the warm starter pool. */
  settings?: readonly string[] | undefined;
  /** Where the files of the checkout can be looked at: the URL before a file's path, which ends with `/`. */
  sourceUrl?: string | undefined;
  /** True where the files that are checked out may be of another commit than the run's: no line may be annotated. */
  otherCommit?: boolean | undefined;
  requests: number;
}

/** A line of a file in the checkout. */
export interface CheckoutLine {
  /** Relative to the checkout, with `/` between folders. */
  file: string;
  /** From 1. */
  line: number;
}

/** Why a job failed, from its log. */
export interface RootCause {
  /** The exception in one line. */
  title: string;
  /** The exception with the lines that its message goes on for. */
  message: readonly string[];
  /** The traceback or the chain of causes, bounded. */
  lines: readonly string[];
  /** Where it was raised, in a file that this step uploaded; absent rather than wrong. */
  place?: CheckoutLine | undefined;
}

/** The JUnit results of a job, all files together. */
export interface TestResults {
  /** Lakehouse paths of the files that count. */
  files: readonly string[];
  total: number;
  /** Failures and errors. */
  failed: number;
  skipped: number;
  /** As the files say, where they do. */
  seconds?: number | undefined;
  /** In the order of the files, bounded; `failed` counts them all. */
  failures: readonly TestFailure[];
}

export interface TestFailure {
  name: string;
  /** The class, module or suite that holds it; empty where none is named. */
  suite: string;
  kind: 'failure' | 'error';
  /** One line. */
  message: string;
  /** What stands in the file beside the message, bounded. */
  lines: readonly string[];
  place?: CheckoutLine | undefined;
}

/** A stage of the application, as Spark's monitoring API tells it. */
export interface SparkStage {
  id: number;
  attempt: number;
  name: string;
  status: 'active' | 'pending' | 'complete' | 'failed' | 'skipped';
  /** Milliseconds since the epoch on the service's clock. */
  submittedAt?: number | undefined;
  completedAt?: number | undefined;
  tasks: number;
  tasksDone: number;
  tasksFailed: number;
  inputRows: number;
  inputBytes: number;
  outputRows: number;
  outputBytes: number;
  shuffleReadBytes: number;
  shuffleWriteBytes: number;
  failure?: string | undefined;
}

/** From the session's record in the monitoring API; each absent where it is not served. */
export interface SessionRecord {
  vCoreHours?: number | undefined;
  /** How `vCoreHours` came about, in a few words. */
  reckoned?: string | undefined;
}
