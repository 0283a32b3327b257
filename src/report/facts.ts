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
  requests: number;
}

/** Why a job failed, from its log. */
export interface RootCause {
  /** The exception in one line. */
  title: string;
  /** The exception with the lines that its message goes on for. */
  message: readonly string[];
  /** The traceback or the chain of causes, bounded. */
  lines: readonly string[];
}
