/**
 * How soon a cancel reaches Fabric. `node bench/cancel.ts`: the built action as a runner runs it, 200 times, each
 * told to end at some moment of its batch (queued or running, between ticks or in one); from the sending of the
 * signal to the arrival of the DELETE, both on the clock of this process, in which local Fabric runs.
 */
import { Bench, endless, queuedForever, until } from '../__tests__/action/bench.ts';
import { Random } from '../__tests__/simulation/random.ts';
import { report } from './measure/claims.ts';
import { quantile } from './measure/statistics.ts';

const runs = 200;
/** Steps side by side: what is measured is the start of a reaction, not how many processes fit. */
const sideBySide = 4;
const signals = ['SIGINT', 'SIGTERM'] as const;
/** Milliseconds, by rule 3. */
const longest = 1_000;
/** After the first status read the signal comes within so many milliseconds: a tick, and a little more. */
const spread = 2_200;

const bench = await Bench.start();
const random = new Random(2026);
const delays: Record<'queued' | 'running', number[]> = { queued: [], running: [] };
try {
  for (const kind of ['queued', 'running'] as const) {
    bench.script = kind === 'queued' ? queuedForever : endless;
    let left = runs / 2;
    const inTurn = async (): Promise<void> => {
      while (left > 0) {
        left -= 1;
        delays[kind].push(await cancelled());
      }
    };
    await Promise.all(Array.from({ length: sideBySide }, inTurn));
    console.log(`${kind}, ${runs / 2} steps: the DELETE arrives ${shown(delays[kind])} ms after`);
  }
} finally {
  await bench.close();
}

const all = [...delays.queued, ...delays.running];
const p99 = quantile(all, 0.99);
report({
  claims: [
    {
      claim: `From a signal to its DELETE at Fabric, p99 of ${runs}`,
      contract: 'within 1 s',
      measured: `${p99.toFixed(0)} ms (p50 ${quantile(all, 0.5).toFixed(0)} ms, longest ${quantile(all, 1).toFixed(0)} ms)`,
      met: p99 <= longest,
    },
  ],
});

/** One step that is told to end; milliseconds until its DELETE. */
async function cancelled(): Promise<number> {
  const name = `leg ${random.hex(12)}`;
  const { step } = bench.start({ signIn: 'secret', post: 'skip', inputs: { name } });
  const batch = await until('a batch is accepted', () =>
    bench.fabric.batches.find(({ request }) => request.name?.startsWith(name) === true),
  );
  const path = `/batches/${batch.id}`;
  const asked = (method: string): number | undefined =>
    bench.fabric.requests.find((entry) => entry.method === method && entry.path.endsWith(path))?.at;
  await until('its status is read', () => asked('GET'));
  await new Promise((resolve) => setTimeout(resolve, random.int(0, spread)));
  const sentAt = Date.now();
  if (!step.signal(random.pick(signals))) throw new Error('The step has ended before.');
  await step.done;
  const arrivedAt = asked('DELETE');
  if (arrivedAt === undefined) throw new Error('There was no DELETE.');
  return arrivedAt - sentAt;
}

function shown(values: readonly number[]): string {
  return `p50 ${quantile(values, 0.5).toFixed(0)}, p99 ${quantile(values, 0.99).toFixed(0)}`;
}
