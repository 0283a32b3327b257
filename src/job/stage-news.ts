import type { SparkStage } from '../report/facts.ts';
import { activeLine, endedLines } from '../report/stages/lines.ts';

/** What a reading that is older says of tasks is not told any more; milliseconds. */
const stale = 150_000;

/** What the readings of the stages of one application bring that was not told before. Times are milliseconds since the epoch. */
export class StageNews {
  #readAt = 0;
  #stages: readonly SparkStage[] = [];
  /** The stages of the last reading that had ended, each by id, attempt and start. */
  #ended: ReadonlySet<string> = new Set();
  #activeTold = '';

  /** A reading: what is at work is that of its stages. */
  read(stages: readonly SparkStage[], now: number): void {
    this.#readAt = now;
    this.#stages = stages;
  }

  /** Lines about those that had not ended at the last telling. An empty list tells nothing. */
  ended(stages: readonly SparkStage[]): string[] {
    if (stages.length === 0) return [];
    const ended = stages.filter(({ status }) => status === 'complete' || status === 'failed');
    const before = this.#ended;
    const lines = endedLines(ended.filter((stage) => !before.has(keyOf(stage))));
    this.#ended = new Set(ended.map(keyOf));
    return lines;
  }

  /** `stage 7: 412 of 800 tasks`; empty when nothing is known that is new. */
  active(now: number): string {
    if (now - this.#readAt > stale) return '';
    const line = activeLine(this.#stages);
    if (`${this.#readAt} ${line}` === this.#activeTold) return '';
    this.#activeTold = `${this.#readAt} ${line}`;
    return line;
  }
}

function keyOf({ id, attempt, submittedAt }: SparkStage): string {
  return `${id}.${attempt}.${submittedAt ?? ''}`;
}
