/** What main is doing when it is told to end. */
export type Phase =
  | 'queued'
  | 'starting'
  | 'running'
  /** The POST is open: the batch exists, and the reply never comes. */
  | 'unanswered'
  /** As before, and the list shows the batch only when main is gone. */
  | 'unlisted'
  /** The POST is open, and there is no batch: it comes, with the reply, two seconds after the signal. */
  | 'late';

/** `cancel`: SIGINT, SIGTERM, SIGKILL. `frozen`: the same, of which main can take the last only. */
export type End = 'cancel' | 'frozen' | 'kill' | 'timeout';

/** One way in which a step with a batch of its own may end too early. */
export interface Row {
  name: string;
  phase: Phase;
  end: End;
  /** How long after the signal a DELETE reaches Fabric at the earliest; milliseconds. */
  delay: number;
}

const row = (end: End, phase: Phase, delay = 0): Row => ({
  name: `${end}, ${phase}${delay === 0 ? '' : `, DELETE ${delay / 1_000} s late`}`,
  phase,
  end,
  delay,
});

const phases = ['running', 'unanswered', 'late', 'starting', 'queued'] as const;

/** The longest first, so that none of them stands alone at the end. */
export const rows: readonly Row[] = [
  row('timeout', 'running'),
  row('cancel', 'unlisted'),
  row('frozen', 'running'),
  row('kill', 'running'),
  ...phases.flatMap((phase) => [12_000, 6_500, 0].map((delay) => row('cancel', phase, delay))),
];

/** Of a timeout: long enough for Spark to run before it. */
export const timeoutMinutes = 0.3;
/** Long enough for all DELETEs of a batch to have come before Spark would. */
export const queueSeconds = 30;

/** A Spark job with a session, a driver in Python and Python workers that have work for ten minutes. */
export const job = `
import time
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
print("ready", flush=True)
spark.sparkContext.parallelize(range(2), 2).foreach(lambda _: time.sleep(600))
`;
