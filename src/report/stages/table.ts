import { preciseDuration } from '../duration.ts';
import type { RunFacts, SparkStage } from '../facts.ts';
import { inline, span } from '../markdown.ts';
import { amount, size } from '../quantity.ts';
import { lengthOf, stageBars, stageName } from './bars.ts';

const mostRows = 8;
const mostReasons = 3;

/** The stages that took longest as a table, how many there were, and why stages failed; '' without stages. */
export function stageSection(facts: RunFacts): string {
  const stages = facts.stages ?? [];
  if (stages.length === 0) return '';
  const rows = slowest(stages, facts.endedAt);
  const parts = [
    rows.length > 0 && rows.length < stages.length ? '### Slowest stages' : '### Stages',
    counts(stages),
    rows.length === 0 ? '' : table(rows),
    ...reasons(stages),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

/** What goes on in the application, where stages were active when it was last read; else ''. */
export function unfinished(stages: readonly SparkStage[]): string {
  const active = stages.filter(({ status }) => status === 'active');
  if (active.length === 0) return '';
  const told = active
    .slice(0, 3)
    .map((stage) => `stage ${stage.id} ${inline(stageName(stage))} (${tasks(stage)} tasks done)`);
  const rest = active.length > 3 ? ` and ${active.length - 3} more` : '';
  return `Last seen at work: ${told.join(', ')}${rest}.`;
}

interface Row {
  stage: SparkStage;
  /** Milliseconds. */
  length: number;
}

/** Stages that failed or go on come first. */
function slowest(stages: readonly SparkStage[], end: number | undefined): Row[] {
  const rank = ({ status }: SparkStage): number => (status === 'complete' ? 0 : 1);
  return stageBars(stages, end)
    .map((bar) => ({ stage: bar.stage, length: lengthOf(bar) }))
    .sort((a, b) => rank(b.stage) - rank(a.stage) || b.length - a.length)
    .slice(0, mostRows);
}

const nothing = '–';

/** A column in which no stage has anything is left out. */
function table(rows: readonly Row[]): string {
  const columns = [
    {
      head: 'Stage',
      cell: ({ stage }: Row) => `${mark(stage)}${stage.id} ${span(stageName(stage))}`,
    },
    { head: 'Time', cell: ({ length }: Row) => together(preciseDuration(length)) },
    { head: 'Tasks', cell: ({ stage }: Row) => taskCell(stage) },
    { head: 'Input', cell: ({ stage }: Row) => data(stage.inputRows, stage.inputBytes) },
    { head: 'Output', cell: ({ stage }: Row) => data(stage.outputRows, stage.outputBytes) },
    { head: 'Shuffle', cell: ({ stage }: Row) => shuffle(stage) },
  ]
    .map(({ head, cell }) => ({ head, cells: rows.map(cell) }))
    .filter(({ cells }) => cells.some((text) => text !== nothing));
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    line(columns.map(({ head }) => head)),
    line(columns.map((_, at) => (at === 0 ? ':--' : '--:'))),
    ...rows.map((_, at) => line(columns.map(({ cells }) => cells[at] ?? ''))),
  ].join('\n');
}

/** A figure and its unit on one line of the cell. */
function together(text: string): string {
  return text.replaceAll(' ', '\u00a0');
}

function listed(parts: readonly string[]): string {
  const told = parts.filter((part) => part !== '').map(together);
  return told.length === 0 ? nothing : told.join(', ');
}

function mark({ status }: SparkStage): string {
  return status === 'failed' ? '❌ ' : status === 'active' ? '⏳ ' : '';
}

function tasks({ tasks: all, tasksDone }: SparkStage): string {
  return tasksDone === all ? amount(all) : `${amount(tasksDone)} of ${amount(all)}`;
}

function taskCell(stage: SparkStage): string {
  const { tasksFailed } = stage;
  return listed([tasks(stage), tasksFailed > 0 ? `${amount(tasksFailed)} failed` : '']);
}

function data(rows: number, bytes: number): string {
  return listed([
    rows > 0 ? `${amount(rows)} row${rows === 1 ? '' : 's'}` : '',
    bytes > 0 ? size(bytes) : '',
  ]);
}

function shuffle({ shuffleReadBytes, shuffleWriteBytes }: SparkStage): string {
  return listed([
    shuffleReadBytes > 0 ? `${size(shuffleReadBytes)} read` : '',
    shuffleWriteBytes > 0 ? `${size(shuffleWriteBytes)} written` : '',
  ]);
}

const words: Readonly<Record<SparkStage['status'], string>> = {
  complete: 'complete',
  failed: 'failed',
  active: 'still running',
  pending: 'waiting',
  skipped: 'skipped (their result was there already)',
};

function counts(stages: readonly SparkStage[]): string {
  const all = `${amount(stages.length)} stage${stages.length === 1 ? '' : 's'}`;
  const kinds = (['complete', 'failed', 'active', 'pending', 'skipped'] as const).flatMap(
    (status) => {
      const count = stages.filter((stage) => stage.status === status).length;
      return count === 0 ? [] : [`${amount(count)} ${words[status]}`];
    },
  );
  return `${all}: ${kinds.join(' · ')}`;
}

function reasons(stages: readonly SparkStage[]): string[] {
  return stages
    .flatMap(({ id, attempt, failure }) =>
      failure === undefined || failure.trim() === ''
        ? []
        : [
            `Stage ${id}${attempt > 0 ? `, attempt ${attempt}` : ''}, failed: ${inline(failure.trim().split('\n')[0] ?? '')}`,
          ],
    )
    .slice(-mostReasons);
}
