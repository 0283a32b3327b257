import { duration, preciseDuration } from '../duration.ts';
import type { RunFacts, SparkStage } from '../facts.ts';
import { phases } from './phases.ts';
import { lengthOf, stageBars, stageName, type StageBar } from '../stages/bars.ts';

const longestName = 36;
const mostStages = 20;
const longestSpan = 30 * 86_400_000;
/** A bar is at least this share of the whole, so that what took no time can be seen. */
const thinnest = 1 / 150;
/** About this many marks on the axis, so that they stand apart on a telephone as well. */
const mostTicks = 6;

/** Steps of the axis in Mermaid's words, with their lengths in milliseconds. */
const ticks: readonly (readonly [string, number])[] = [
  ...[1, 2, 5, 10, 15, 30].map((n) => [`${n}second`, n * 1_000] as const),
  ...[1, 2, 5, 10, 15, 30].map((n) => [`${n}minute`, n * 60_000] as const),
  ...[1, 2, 3, 6, 12].map((n) => [`${n}hour`, n * 3_600_000] as const),
  ...[1, 2].map((n) => [`${n}day`, n * 86_400_000] as const),
];

export interface Timeline {
  /** A Mermaid diagram without its fence. */
  diagram: string;
  /** Stages that have times and are not in it. */
  left: number;
}

/**
 * Queue, start, run and the longest stages of a batch as a Mermaid gantt, on an axis that counts from
 * its acceptance. `undefined` where there is nothing to compare: fewer than two bars, or no time passed.
 * Source of the syntax: mermaid.js.org/syntax/gantt.html.
 */
export function timeline(facts: RunFacts): Timeline | undefined {
  const spans = phases(facts);
  const origin = Math.min(...spans.map(({ from }) => from));
  const end = Math.max(...spans.map(({ to }) => to));
  const total = end - origin;
  if (!(total > 0) || total > longestSpan) return undefined;
  const bars = fitted(stageBars(facts.stages ?? [], end), origin, end);
  if (spans.length + bars.length < 2) return undefined;
  const shown = longest(bars);
  const line = (text: string, tags: string, from: number, to: number): string =>
    `  ${text} :${tags}${moment(from - origin)}, ${moment(Math.max(to - origin, from - origin + total * thinnest))}`;
  const last = spans.at(-1);
  const lines = [
    'gantt',
    `  title Time since acceptance (${total < 3_600_000 ? 'min:s' : 'h:min'})`,
    '  dateFormat YYYY-MM-DD HH:mm:ss.SSS',
    `  axisFormat ${axisFormat(total)}`,
    `  tickInterval ${tickInterval(total)}`,
    '  todayMarker off',
    '  section Batch',
    ...spans.map((phase) => {
      const late = facts.result === 'TimedOut' && phase === last;
      const name = phase.name.charAt(0).toUpperCase() + phase.name.slice(1);
      return line(
        `${name} · ${duration(phase.to - phase.from)}`,
        late ? 'crit, active, ' : phase.name === 'running' ? '' : 'done, ',
        phase.from,
        phase.to,
      );
    }),
    ...(shown.length === 0 ? [] : ['  section Stages']),
    ...shown.map(({ stage, from, to }) =>
      line(
        `${stage.id} ${safeName(stageName(stage))} · ${preciseDuration(to - from)}`,
        tags(stage),
        from,
        to,
      ),
    ),
  ];
  return { diagram: lines.join('\n'), left: bars.length - shown.length };
}

/**
 * A name from elsewhere as text of a Mermaid task: letters, digits and a few signs that mean nothing
 * to Mermaid. Of a file and its line only the line is told, in words: the table has the whole.
 */
export function safeName(name: string): string {
  const signs = name
    .replace(/ at [^\s:]+:(\d+)$/, ' line $1')
    .replace(/[^\p{L}\p{N}\p{M} ._/()=,+-]/gu, ' ')
    .replace(/-{2,}/g, '-')
    .replace(/\s+/g, ' ')
    .trim();
  const letters = Array.from(signs);
  return letters.length > longestName ? `${letters.slice(0, longestName).join('').trim()}…` : signs;
}

/**
 * Stage times are of the service's clock: where they reach out of the batch's own, all are moved by
 * as much as fits them in, and what is longer than the batch is cut.
 */
function fitted(bars: readonly StageBar[], origin: number, end: number): StageBar[] {
  const early = origin - bars.reduce((first, { from }) => Math.min(first, from), origin);
  const late = bars.reduce((last, { to }) => Math.max(last, to), end) - end;
  const move = early > 0 ? early : late > 0 ? -late : 0;
  const within = (time: number): number => Math.min(Math.max(time + move, origin), end);
  return bars.map(({ stage, from, to }) => ({ stage, from: within(from), to: within(to) }));
}

/** The stages that failed or go on, then the longest, in the order of their start. */
function longest(bars: readonly StageBar[]): StageBar[] {
  const weight = (bar: StageBar): number =>
    lengthOf(bar) + (bar.stage.status === 'complete' ? 0 : longestSpan);
  return [...bars]
    .sort((a, b) => weight(b) - weight(a))
    .slice(0, mostStages)
    .sort((a, b) => a.from - b.from || a.stage.id - b.stage.id);
}

function tags({ status }: SparkStage): string {
  return status === 'failed' ? 'crit, ' : status === 'active' ? 'active, ' : '';
}

/** Mermaid reads and shows local times alike, so that a time of day of an ordinary day counts from 0. */
function moment(elapsed: number): string {
  const day = Date.UTC(2000, 0, 1);
  return new Date(day + Math.round(elapsed)).toISOString().slice(0, 23).replace('T', ' ');
}

function axisFormat(total: number): string {
  if (total < 3_600_000) return '%M:%S';
  return total < 86_400_000 ? '%H:%M' : 'day %-d %H:%M';
}

function tickInterval(total: number): string {
  const fits = ticks.find(([, length]) => total / length <= mostTicks);
  return fits?.[0] ?? '1week';
}
