import { numberAt, textAt } from '../http/json.ts';
import type { SparkStage } from './facts.ts';

/** The newest are kept, as many as Spark itself keeps by default (spark.ui.retainedStages). */
const mostStages = 1_000;
const longest = { name: 160, failure: 2_000 };

const statuses: ReadonlyMap<string, SparkStage['status']> = new Map([
  ['active', 'active'],
  ['pending', 'pending'],
  ['complete', 'complete'],
  ['failed', 'failed'],
  ['skipped', 'skipped'],
]);

/**
 * The list of stages of Spark's REST API, in the order of ids and attempts; `undefined` when it is none.
 * Entries without an id are left out; a word that is not known reads as `pending`, of which nothing is
 * told. `hide` takes out of texts what must not show. Source: Spark, status/api/v1/api.scala, StageData.
 */
export function sparkStages(
  list: unknown,
  hide: (text: string) => string = (text) => text,
): SparkStage[] | undefined {
  if (!Array.isArray(list)) return undefined;
  const items: readonly unknown[] = list;
  return items
    .flatMap((item) => stageOf(item, hide) ?? [])
    .sort((one, other) => one.id - other.id || one.attempt - other.attempt)
    .slice(-mostStages);
}

function stageOf(item: unknown, hide: (text: string) => string): SparkStage | undefined {
  const id = numberAt(item, 'stageId');
  if (id === undefined) return undefined;
  const count = (key: string): number => Math.max(0, numberAt(item, key) ?? 0);
  const text = (key: string, most: number): string =>
    shortened(hide(printable(textAt(item, key) ?? '')), most);
  // What the job itself calls it says more than where in Spark it was called.
  const name = text('description', longest.name) || withoutFolders(text('name', 10_000));
  return {
    id,
    attempt: count('attemptId'),
    name: shortened(name, longest.name),
    status: statuses.get((textAt(item, 'status') ?? '').toLowerCase()) ?? 'pending',
    submittedAt: sparkTime(textAt(item, 'submissionTime')),
    completedAt: sparkTime(textAt(item, 'completionTime')),
    tasks: count('numTasks'),
    tasksDone: count('numCompleteTasks'),
    tasksFailed: count('numFailedTasks'),
    inputRows: count('inputRecords'),
    inputBytes: count('inputBytes'),
    outputRows: count('outputRecords'),
    outputBytes: count('outputBytes'),
    shuffleReadBytes: count('shuffleReadBytes'),
    shuffleWriteBytes: count('shuffleWriteBytes'),
    failure: text('failureReason', longest.failure) || undefined,
  };
}

/** `2026-01-01T00:00:00.000GMT` is no time that JavaScript reads. */
function sparkTime(text: string | undefined): number | undefined {
  const time = Date.parse((text ?? '').replace(/(\d)GMT$/, '$1Z'));
  return Number.isNaN(time) ? undefined : time;
}

/** Without control characters, those that turn text around, and odd ends of lines. */
function printable(text: string): string {
  return text
    .replace(/\r\n?|[\u0085\u2028\u2029]/g, '\n')
    .replace(/(?!\n)\p{Cc}|[\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, ' ')
    .trim();
}

/** `count at /tmp/spark-1/job.py:12`: where the service put the file helps nobody. */
function withoutFolders(name: string): string {
  return name.replace(/ at (?:[^\s/\\]*[/\\])+(?=[^\s/\\])/, ' at ');
}

function shortened(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most).trimEnd()}…` : text;
}
