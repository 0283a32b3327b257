import { work } from '../../__tests__/simulation/told.ts';
import type { Mutant } from '../../mutants/mutant.ts';
import { messageOf } from '../../src/errors.ts';
import type { Tree } from './tree.ts';

/** A mutant that keeps a schedule from its end is caught by that; milliseconds. */
const patience = 120_000;

/**
 * Does the simulation turn red? Gives the promise that breaks, or how else it showed; `undefined`
 * when all schedules pass.
 */
export async function simulationRed(
  tree: Tree,
  mutant: Mutant,
  runs: number,
): Promise<string | undefined> {
  tree.apply(mutant);
  try {
    // Of two seeds about one counts.
    const seeds = { first: 1, last: 2 * runs, step: 1, stopAtFirst: true, short: true };
    const { failures } = await work(seeds, { root: tree.root, patience });
    const [first] = failures;
    const [violation] = first?.violations ?? [];
    return first && violation ? `${violation.check}, seed ${first.seed}` : undefined;
  } catch (thrown) {
    return messageOf(thrown).split('\n')[0]?.slice(0, 120);
  } finally {
    tree.restore();
  }
}

/** One line of the table beside the tests. */
export interface SimulatedRow {
  mutant: Mutant;
  /** The named test turns red. */
  test: boolean;
  simulation: string | undefined;
  seconds: number;
}

function caughtBy({ test, simulation }: SimulatedRow): string {
  if (test && simulation !== undefined) return 'both';
  if (test) return 'test';
  return simulation === undefined ? 'NONE' : 'simulation';
}

/** `id | breaks | caught by | promise that broke | seconds`. */
export function simulatedRow(row: SimulatedRow): string {
  const { mutant, simulation, seconds } = row;
  return [mutant.id, mutant.breaks, caughtBy(row), simulation ?? '', seconds.toFixed(1)].join(
    ' | ',
  );
}

export function simulatedTable(rows: readonly SimulatedRow[]): string {
  const counts = ['both', 'test', 'simulation', 'NONE'].map(
    (word) => `${rows.filter((row) => caughtBy(row) === word).length} ${word}`,
  );
  return [
    'id | breaks | caught by | promise that broke | seconds',
    ...rows.map(simulatedRow),
    counts.join(', '),
  ].join('\n');
}
