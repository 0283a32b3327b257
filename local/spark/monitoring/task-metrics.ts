import { isObject, numberAt, type JsonObject } from '../../../src/http/json.ts';

/**
 * The sums of a stage over its tasks: the field of the REST API, and where the event log has it in
 * `Task Metrics`. Source: Spark 3.5, LiveEntity.scala (LiveStage) and JsonProtocol.scala.
 */
const fields: Readonly<Record<string, readonly string[]>> = {
  executorDeserializeTime: ['Executor Deserialize Time'],
  executorDeserializeCpuTime: ['Executor Deserialize CPU Time'],
  executorRunTime: ['Executor Run Time'],
  executorCpuTime: ['Executor CPU Time'],
  resultSize: ['Result Size'],
  jvmGcTime: ['JVM GC Time'],
  resultSerializationTime: ['Result Serialization Time'],
  memoryBytesSpilled: ['Memory Bytes Spilled'],
  diskBytesSpilled: ['Disk Bytes Spilled'],
  peakExecutionMemory: ['Peak Execution Memory'],
  inputBytes: ['Input Metrics', 'Bytes Read'],
  inputRecords: ['Input Metrics', 'Records Read'],
  outputBytes: ['Output Metrics', 'Bytes Written'],
  outputRecords: ['Output Metrics', 'Records Written'],
  shuffleRemoteBlocksFetched: ['Shuffle Read Metrics', 'Remote Blocks Fetched'],
  shuffleLocalBlocksFetched: ['Shuffle Read Metrics', 'Local Blocks Fetched'],
  shuffleFetchWaitTime: ['Shuffle Read Metrics', 'Fetch Wait Time'],
  shuffleRemoteBytesRead: ['Shuffle Read Metrics', 'Remote Bytes Read'],
  shuffleRemoteBytesReadToDisk: ['Shuffle Read Metrics', 'Remote Bytes Read To Disk'],
  shuffleLocalBytesRead: ['Shuffle Read Metrics', 'Local Bytes Read'],
  shuffleReadRecords: ['Shuffle Read Metrics', 'Total Records Read'],
  shuffleWriteBytes: ['Shuffle Write Metrics', 'Shuffle Bytes Written'],
  shuffleWriteTime: ['Shuffle Write Metrics', 'Shuffle Write Time'],
  shuffleWriteRecords: ['Shuffle Write Metrics', 'Shuffle Records Written'],
};

export type TaskSums = Record<string, number>;

export function noTasks(): TaskSums {
  const sums = Object.fromEntries(Object.keys(fields).map((field) => [field, 0]));
  return { ...sums, shuffleReadBytes: 0 };
}

/** Adds what one task did; `metrics` is its `Task Metrics`, which a task that never ran has not. */
export function addTask(sums: TaskSums, metrics: JsonObject | undefined): void {
  for (const [field, path] of Object.entries(fields))
    sums[field] = (sums[field] ?? 0) + at(metrics, path);
  sums['shuffleReadBytes'] =
    (sums['shuffleRemoteBytesRead'] ?? 0) + (sums['shuffleLocalBytesRead'] ?? 0);
}

function at(metrics: JsonObject | undefined, path: readonly string[]): number {
  const last = path.at(-1) ?? '';
  let inner: unknown = metrics;
  for (const name of path.slice(0, -1)) inner = isObject(inner) ? inner[name] : undefined;
  return numberAt(inner, last) ?? 0;
}
