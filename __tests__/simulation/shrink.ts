import { play } from './play.ts';
import type { Schedule } from './plan.ts';

/** The lists whose entries may be taken away. */
const lists = ['requests', 'processes', 'batches', 'settings'] as const;

function without(schedule: Schedule, list: (typeof lists)[number], index: number): Schedule {
  return { ...schedule, [list]: schedule[list].filter((_, at) => at !== index) };
}

/** How many events a schedule has. */
export function eventsOf(schedule: Schedule): number {
  return lists.reduce((sum, list) => sum + schedule[list].length, 0);
}

/** The fewest events with which the same promise still breaks: each is taken away, for good if it still does. */
export async function shrunk(schedule: Schedule, check: string): Promise<Schedule> {
  let least = schedule;
  for (let smaller = true; smaller;) {
    smaller = false;
    for (const list of lists) {
      for (let index = least[list].length - 1; index >= 0; index -= 1) {
        const candidate = without(least, list, index);
        const { violations } = await play(candidate);
        if (!violations.some((violation) => violation.check === check)) continue;
        least = candidate;
        smaller = true;
      }
    }
  }
  return least;
}
