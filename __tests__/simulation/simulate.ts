/**
 * Proves the rules by trying them: plays schedules of faults against the real job and clean-up.
 *
 *   --runs N         how many schedules (1,000 by default)
 *   --seed S         the first seed (1 by default); the schedules are those of S, S + 1, …
 *   --workers W      processes side by side; by default one a core
 *   --only SEED      replays one schedule with its log
 *   --stop-at-first  ends at the first promise that breaks
 *   --json           prints counts and failures as JSON
 */
import './hooks.ts';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { work } from './told.ts';

const { emptyTally, hollow, merge, report } = await import('./tally.ts');
const { explain, replay } = await import('./replay.ts');

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    workers: { type: 'string', default: String(availableParallelism()) },
    only: { type: 'string' },
    'stop-at-first': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

/** So many failures are shrunk and explained. */
const explained = 5;

process.exitCode = values.only === undefined ? await campaign() : await replay(Number(values.only));

/** Plays all schedules on all cores. Gives the exit code. */
async function campaign(): Promise<number> {
  const start = performance.now();
  const [runs, first, workers] = [values.runs, values.seed, values.workers].map(Number);
  if (!runs || !first || !workers)
    throw new Error('--runs, --seed and --workers are whole numbers');
  const told = await Promise.all(
    Array.from({ length: workers }, (_, worker) =>
      work({
        first: first + worker,
        last: first + runs - 1,
        step: workers,
        stopAtFirst: values['stop-at-first'],
      }),
    ),
  );
  const tally = emptyTally();
  for (const one of told) merge(tally, one.tally);
  const failures = told.flatMap((one) => one.failures).sort((a, b) => a.seed - b.seed);
  const empty = values['stop-at-first'] ? [] : hollow(tally);
  const seconds = (performance.now() - start) / 1_000;
  if (values.json) {
    process.stdout.write(JSON.stringify({ tally, failures, hollow: empty, seconds }));
    return failures.length === 0 ? 0 : 1;
  }
  console.log(report(tally));
  for (const { seed, violations } of failures.slice(0, explained))
    console.log(await explain(seed, violations));
  const more = failures.slice(explained);
  if (more.length > 0) console.log(`Also failed: ${more.map(({ seed }) => seed).join(' ')}`);
  for (const line of empty) console.log(`Hollow: ${line}`);
  console.log(
    `${tally.schedules} schedules in ${seconds.toFixed(1)} s, ${failures.length} failed${failures.length > 0 ? '; replay one with npm run simulate -- --only SEED' : ''}`,
  );
  return failures.length === 0 && empty.length === 0 ? 0 : 1;
}
