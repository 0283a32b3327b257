/**
 * A process of its own, since the simulator has stand-ins for MSAL and for files that the stage of the service
 * tests must not have. Sends what it found.
 */
import '../../__tests__/simulation/hooks.ts';
import type { LegPlan, Schedule } from '../../__tests__/simulation/plan.ts';
import type { Point } from './measure.ts';

const { clearFiles } = await import('../../__tests__/simulation/files.ts');
const { Stage } = await import('../../__tests__/simulation/stage.ts');

const { requests, cpu } = await hours([1, 2, 4, 8, 16]);
process.send?.({ requests, cpu, matrix: await matrix([4, 8, 16, 32, 64]) });

/** Requests and CPU (milliseconds) of a quiet run of so many hours; the services' own CPU counts, too. */
async function hours(sizes: readonly number[]): Promise<{ requests: Point[]; cpu: Point[] }> {
  const [requests, cpu]: [Point[], Point[]] = [[], []];
  // The first one warms the code up.
  for (const [index, work] of [sizes[0] ?? 1, ...sizes].entries()) {
    const begin = process.cpuUsage();
    const cost = await played([leg(work * 3_600, {})]);
    const { user, system } = process.cpuUsage(begin);
    if (index === 0) continue;
    requests.push({ work, cost });
    cpu.push({ work, cost: (user + system) / 1_000 });
  }
  return { requests, cpu };
}

/** Requests of all legs of a matrix that start at once, each run 10 minutes long, under one budget. */
async function matrix(sizes: readonly number[]): Promise<Point[]> {
  const points: Point[] = [];
  for (const work of sizes) {
    const legs = Array.from({ length: work }, () => leg(600, { 'job-total': String(work) }));
    points.push({ work, cost: await played(legs) });
  }
  return points;
}

function leg(running: number, inputs: Readonly<Record<string, string>>): LegPlan {
  return {
    kind: 'run',
    inputs,
    identity: 'secret',
    attempt: 1,
    post: true,
    startAt: 0,
    batches: [{ seed: 7, queue: 5, starting: 10, running, prints: 10, bytes: 200, end: 'success' }],
  };
}

async function played(legs: readonly LegPlan[]): Promise<number> {
  clearFiles();
  const schedule: Schedule = {
    seed: 11,
    kind: 'growth',
    legs,
    requests: [],
    processes: [],
    batches: [],
    settings: [],
  };
  const stage = new Stage(schedule);
  const trace = await stage.play();
  if (trace.legs.some(({ green }) => !green)) throw new Error('A leg is red.');
  return stage.network.journal.length;
}
