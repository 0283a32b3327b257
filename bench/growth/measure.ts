import type { Claim } from '../measure/claims.ts';
import { exponent, median } from '../measure/statistics.ts';

/** A work of one size and what it cost: milliseconds of CPU, or a count. */
export interface Point {
  work: number;
  cost: number;
}

/** The largest exponent that is still taken for linear, where CPU is measured. */
const atMost = 1.1;
const runs = 5;
/** A work is repeated until it took so much CPU: the clock of the system is coarse. Milliseconds. */
const least = 40;

/** CPU of a work of each size, in milliseconds: medians of five, the sizes in turn. */
export async function cpuOf(
  sizes: readonly number[],
  prepare: (size: number) => () => unknown,
): Promise<Point[]> {
  const works = sizes.map((size) => ({
    work: size,
    run: prepare(size),
    costs: new Array<number>(),
  }));
  // The first round warms the code up.
  for (let round = 0; round <= runs; round += 1) {
    for (const { run, costs } of works) {
      const cost = await cpuOfOne(run);
      if (round > 0) costs.push(cost);
    }
  }
  return works.map(({ work, costs }) => ({ work, cost: median(costs) }));
}

async function cpuOfOne(run: () => unknown): Promise<number> {
  const begin = process.cpuUsage();
  for (let times = 1; ; times += 1) {
    await run();
    const { user, system } = process.cpuUsage(begin);
    const cpu = (user + system) / 1_000;
    if (cpu >= least) return cpu / times;
  }
}

/** A claim of CPU: it grows no faster than its work. `unit`: of the work, such as `lines`. */
export function cpuClaim(what: string, unit: string, points: readonly Point[]): Claim {
  const slope = exponent(points);
  const [first, last] = [points[0], points.at(-1)];
  return {
    claim: `CPU of ${what}: exponent over its ${unit}`,
    contract: `at most ${atMost}`,
    measured: `${slope.toFixed(2)} (${count(first?.work)} to ${count(last?.work)}: ${first?.cost.toFixed(1) ?? '?'} to ${last?.cost.toFixed(1) ?? '?'} ms)`,
    met: slope <= atMost,
  };
}

/** A claim of a count: each more of the work costs the same, exactly. */
export function countClaim(what: string, unit: string, points: readonly Point[]): Claim {
  const steps = points.slice(1).map(({ work, cost }, index) => {
    const before = points[index] ?? { work: NaN, cost: NaN };
    return (cost - before.cost) / (work - before.work);
  });
  const [each = NaN] = steps;
  const met = steps.every((step) => step === each);
  const shown = points.map(({ work, cost }) => `${count(work)}: ${count(cost)}`).join(', ');
  return {
    claim: `${what} over ${unit}`,
    contract: 'exactly linear',
    measured: `${met ? `${count(each)} each` : 'not linear'} (${shown})`,
    met,
  };
}

/** A claim of a count that grows more slowly than its work, or as fast. */
export function slowClaim(what: string, unit: string, points: readonly Point[]): Claim {
  const slope = exponent(points);
  const shown = points.map(({ work, cost }) => `${count(work)}: ${count(cost)}`).join(', ');
  return {
    claim: `${what} over ${unit}: exponent`,
    contract: 'at most 1',
    measured: `${slope.toFixed(2)} (${shown})`,
    met: slope <= 1,
  };
}

function count(value: number | undefined): string {
  return (value ?? NaN).toLocaleString('en-US');
}
