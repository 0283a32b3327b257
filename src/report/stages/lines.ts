import { duration } from '../duration.ts';
import type { SparkStage } from '../facts.ts';
import { size } from '../quantity.ts';

/** Stages that ended since the last look are told one by one up to so many, else in one line. */
const mostLines = { ended: 3, failed: 3, active: 3 };

/** `1,204,331` */
export function grouped(count: number): string {
  return Math.round(count).toLocaleString('en');
}

function some(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}

/**
 * Stages that ended since the last look, for the log: what failed by itself, the rest one by one while
 * they are few. A job may end hundreds between two looks: these become one line, with their sums and
 * the one that took longest.
 */
export function endedLines(stages: readonly SparkStage[]): string[] {
  const failed = stages.filter(({ status }) => status === 'failed');
  const ended = stages.filter(({ status }) => status === 'complete');
  return [
    ...(ended.length > mostLines.ended ? [manyEnded(ended)] : ended.map(oneEnded)),
    ...failed.slice(0, mostLines.failed).map(oneFailed),
    ...(failed.length > mostLines.failed
      ? [`${some(failed.length - mostLines.failed, 'more stage')} failed.`]
      : []),
  ];
}

/** `stage 7: 412 of 800 tasks`, of up to three stages at work; empty when none is. */
export function activeLine(stages: readonly SparkStage[]): string {
  const active = stages.filter(({ status }) => status === 'active');
  const shown = active
    .slice(0, mostLines.active)
    .map((stage) => `stage ${numberOf(stage)}: ${done(stage)} of ${some(stage.tasks, 'task')}`);
  const more = active.length - shown.length;
  return [...shown, ...(more > 0 ? [`${more} more`] : [])].join(', ');
}

function oneEnded(stage: SparkStage): string {
  const took = length(stage);
  const tasks = `${some(stage.tasks, 'task')}${took === undefined ? '' : ` in ${duration(took)}`}`;
  return `Stage ${numberOf(stage)} ended: ${[tasks, ...traffic([stage])].join(', ')}${called(stage)}`;
}

function oneFailed(stage: SparkStage): string {
  const took = length(stage);
  const after = took === undefined ? '' : ` after ${duration(took)}`;
  return `Stage ${numberOf(stage)} failed${after}: ${done(stage)} of ${some(stage.tasks, 'task')} done, ${grouped(stage.tasksFailed)} failed${called(stage)}`;
}

function manyEnded(stages: readonly SparkStage[]): string {
  const ids = stages.map(({ id }) => id);
  const tasks = some(
    stages.reduce((sum, stage) => sum + stage.tasks, 0),
    'task',
  );
  const [longest] = stages.toSorted((one, other) => (length(other) ?? 0) - (length(one) ?? 0));
  const took = longest && length(longest);
  const told =
    longest === undefined || took === undefined
      ? ''
      : `; the longest, stage ${numberOf(longest)}, took ${duration(took)}${called(longest)}`;
  return `${grouped(stages.length)} stages ended (${Math.min(...ids)} to ${Math.max(...ids)}): ${[tasks, ...traffic(stages)].join(', ')}${told}`;
}

/** What was read, written and shuffled; what is 0 is left out. */
function traffic(stages: readonly SparkStage[]): string[] {
  const sum = (of: (stage: SparkStage) => number): number =>
    stages.reduce((total, stage) => total + of(stage), 0);
  const rowsRead = sum(({ inputRows }) => inputRows);
  const bytesRead = sum(({ inputBytes }) => inputBytes);
  const rowsWritten = sum(({ outputRows }) => outputRows);
  const bytesWritten = sum(({ outputBytes }) => outputBytes);
  const shuffled = sum(({ shuffleWriteBytes }) => shuffleWriteBytes);
  const moved = (rows: number, bytes: number, how: string): string[] => {
    if (rows === 0 && bytes === 0) return [];
    const both = rows > 0 && bytes > 0;
    return [
      both
        ? `${some(rows, 'row')} (${size(bytes)}) ${how}`
        : `${rows > 0 ? some(rows, 'row') : size(bytes)} ${how}`,
    ];
  };
  return [
    ...moved(rowsRead, bytesRead, 'read'),
    ...moved(rowsWritten, bytesWritten, 'written'),
    ...(shuffled > 0 ? [`${size(shuffled)} shuffled`] : []),
  ];
}

function numberOf({ id, attempt }: SparkStage): string {
  return attempt === 0 ? String(id) : `${id} (attempt ${attempt + 1})`;
}

/** Tasks that are done; a task that was tried twice for speed counts once. */
function done({ tasks, tasksDone }: SparkStage): string {
  return grouped(Math.min(tasks, tasksDone));
}

function length({ submittedAt, completedAt }: SparkStage): number | undefined {
  return submittedAt === undefined || completedAt === undefined
    ? undefined
    : completedAt - submittedAt;
}

function called({ name }: SparkStage): string {
  return name === '' ? '' : ` · ${name.replace(/\s+/g, ' ')}`;
}
