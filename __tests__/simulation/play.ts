import { messageOf } from '../../src/errors.ts';
import { clearFiles } from './files.ts';
import { judge, type Violation } from './oracle/all.ts';
import { scheduleOf } from './planning.ts';
import type { Schedule } from './plan.ts';
import { Stage, type Trace } from './stage.ts';

/** What a schedule came to. */
export interface Played {
  trace: Trace | undefined;
  violations: Violation[];
}

/** Plays a schedule and holds every promise against it. Never throws: a simulator that breaks is red too. */
export async function play(schedule: Schedule): Promise<Played> {
  clearFiles();
  try {
    const trace = await new Stage(schedule).play();
    return { trace, violations: judge(trace) };
  } catch (thrown) {
    const what = thrown instanceof Error ? (thrown.stack ?? thrown.message) : messageOf(thrown);
    return { trace: undefined, violations: [{ check: 'ends', leg: 0, what }] };
  }
}

export async function playSeed(seed: number): Promise<Played & { schedule: Schedule }> {
  const schedule = scheduleOf(seed);
  return { schedule, ...(await play(schedule)) };
}
