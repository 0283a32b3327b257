/**
 * How late news come, and what they cost. `node bench/news.ts`: runs of half a minute on local Fabric's Spark,
 * in real time; runs of 10 minutes and of 5 hours on the stage of the service tests, whose clock moves only
 * while nothing is at work (each request is on its way for 100 ms); an hour with both logs moving.
 */
import './stage/without-jest.ts';
import type { News } from './news/run.ts';
import { report, type Claim } from './measure/claims.ts';
import { quantile } from './measure/statistics.ts';

const { runNews } = await import('./news/run.ts');
const { sparkNews } = await import('./news/spark.ts');
const { hourClaim } = await import('./news/hour.ts');
const { Random } = await import('../__tests__/simulation/random.ts');

/** Of the first two minutes; seconds. */
const longestDelay = 2.5;
const kinds = [
  { name: 'half a minute, real Spark', runs: 3, run: () => sparkNews() },
  { name: '10 minutes', runs: 24, run: (seed: number) => virtual(600, seed) },
  { name: '5 hours', runs: 3, run: (seed: number) => virtual(18_000, seed) },
];

/** Ends at any moment between two ticks. */
function virtual(seconds: number, seed: number): Promise<News> {
  const random = new Random(seed);
  return runNews(seconds + 30 * random.next(), () => random.next());
}

const claims: Claim[] = [];
for (const { name, runs, run } of kinds) {
  const all: News[] = [];
  for (let seed = 1; seed <= runs; seed += 1) all.push(await run(seed));
  const early = all.flatMap((news) => news.early);
  const late = all.flatMap((news) => news.late);
  const counts = all.map(({ requests }) => requests);
  console.log(
    `${name}, ${runs} runs: a line of the first two minutes is ${spread(early)} s late` +
      `${late.length === 0 ? '' : `, a later one ${spread(late)} s`}; the end is seen ${spread(all.map(({ end }) => end))} s late;` +
      ` ${quantile(counts, 0.5)} requests`,
  );
  const p95 = quantile(early, 0.95);
  claims.push({
    claim: `Log delay in the first two minutes, p95: ${name}`,
    contract: `at most ${longestDelay} s`,
    measured: `${p95.toFixed(2)} s (p50 ${quantile(early, 0.5).toFixed(2)} s, ${early.length} lines)`,
    met: p95 <= longestDelay,
  });
  // The worst of all runs, measured by what its age allows.
  const shares = all.map(({ end, age }) => end / Math.max(3, 0.02 * age));
  const worst = quantile(shares, 1);
  claims.push({
    claim: `The end seen after: ${name}`,
    contract: 'within max(3 s, 2 % of the age)',
    measured: `${spread(all.map(({ end }) => end))} s; at worst ${(100 * worst).toFixed(0)} % of that`,
    met: worst <= 1,
  });
}
claims.push(await hourClaim());
report({ claims });

/** p50 / p95 / the largest. */
function spread(values: readonly number[]): string {
  return [0.5, 0.95, 1].map((share) => quantile(values, share).toFixed(2)).join(' / ');
}
