/**
 * 1,000 runs of one service principal within an hour, against a quota of requests a minute: the real
 * action (rule 7) beside a client that polls every 5 s. On the simulator of `__tests__/simulation/`, so
 * that hours take seconds and the figures repeat; nothing here is timed by the machine.
 */
import '../__tests__/simulation/hooks.ts';
import type { LegPlan, Schedule } from '../__tests__/simulation/plan.ts';
import type { Stage } from '../__tests__/simulation/stage.ts';

const { Random } = await import('../__tests__/simulation/random.ts');
const { Stage: SimulatedStage } = await import('../__tests__/simulation/stage.ts');
const { clearFiles } = await import('../__tests__/simulation/files.ts');
const { flatPoll } = await import('./fleet/flat-poll.ts');
const { report } = await import('./measure/claims.ts');

const runs = 1_000;
const quotas = [undefined, 6_000, 3_000];
Error.stackTraceLimit = 0;

interface Measured {
  right: number;
  requests: number;
  refused: number;
  startDelays: number[];
  endDelays: number[];
}

function schedule(quota: number | undefined): Schedule {
  const random = new Random(2026);
  const legs = Array.from({ length: runs }, (): LegPlan => ({
    kind: 'run',
    inputs: {},
    identity: 'secret',
    attempt: 1,
    post: true,
    startAt: random.int(0, 3_600_000),
    batches: [
      {
        seed: random.seed(),
        queue: random.int(0, 60),
        starting: random.int(5, 30),
        running: random.spread(60, 1_800),
        prints: 10,
        bytes: 200,
        end: random.chance(0.95) ? 'success' : 'dead',
      },
    ],
  }));
  const settings = quota === undefined ? [] : [{ kind: 'quota' as const, amount: quota }];
  return { seed: 2026, kind: 'fleet', legs, requests: [], processes: [], batches: [], settings };
}

/** What the services and the engine know of a fleet that has ended; `right`: legs that ended as their batch. */
function measure(stage: Stage, right: (leg: number) => boolean): Measured {
  const measured: Measured = { right: 0, requests: 0, refused: 0, startDelays: [], endDelays: [] };
  const { journal } = stage.network;
  const readings = new Map<string, { at: number; endedAt: number }[]>();
  for (const { target, outcome, batch, at, endedAt, url } of journal) {
    if (url.includes('/oauth2/')) continue;
    measured.requests += 1;
    if (outcome === 429) measured.refused += 1;
    if (target !== 'status' || outcome !== 200 || batch === undefined) continue;
    const list = readings.get(batch) ?? [];
    list.push({ at, endedAt: endedAt ?? at });
    readings.set(batch, list);
  }
  for (const batch of stage.fabric.every) {
    const leg = stage.legOf(batch);
    if (leg === undefined) continue;
    if (right(leg)) measured.right += 1;
    const { runningAt, endedAt } = batch.snapshot();
    const seen = (truth: number | undefined): number | undefined => {
      const reading = readings.get(batch.id)?.find(({ at }) => at >= (truth ?? Infinity));
      return reading && truth !== undefined ? (reading.endedAt - truth) / 1_000 : undefined;
    };
    const [start, end] = [seen(runningAt), seen(endedAt)];
    if (start !== undefined) measured.startDelays.push(start);
    if (end !== undefined) measured.endDelays.push(end);
  }
  return measured;
}

async function fleet(quota: number | undefined, flat: boolean): Promise<Measured> {
  clearFiles();
  const plan = schedule(quota);
  const stage = new SimulatedStage(plan);
  if (flat) {
    const ends = await stage.clock.drive(
      Promise.all(plan.legs.map((leg, index) => flatPoll(stage, index, leg.startAt))),
    );
    return measure(stage, (leg) => ends[leg] === plan.legs[leg]?.batches[0]?.end);
  }
  const { legs } = await stage.play();
  return measure(stage, (leg) => {
    const expected = plan.legs[leg]?.batches[0]?.end === 'success' ? 'Succeeded' : 'Failed';
    return (
      legs[leg]?.main.outputs['result'] === expected &&
      (expected === 'Succeeded') === legs[leg].green
    );
  });
}

function spread(delays: number[]): string {
  const sorted = delays.sort((one, other) => one - other);
  const at = (share: number): string =>
    (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN).toFixed(1);
  return `${at(0.5)} / ${at(0.95)} / ${at(1)}`;
}

const table = [
  '| Quota a minute | Client | Ended right | Requests | 429 | Start seen after, s (p50 / p95 / max) | End seen after, s |',
  '| --- | --- | --- | --- | --- | --- | --- |',
];
const refusals: number[] = [];
for (const quota of quotas) {
  for (const flat of [false, true]) {
    const { right, requests, refused, startDelays, endDelays } = await fleet(quota, flat);
    const cells = [
      quota ?? 'none',
      flat ? 'every 5 s' : 'rule 7',
      right,
      requests,
      refused,
      spread(startDelays),
      spread(endDelays),
    ];
    const row = `| ${cells.join(' | ')} |`;
    console.log(row);
    table.push(row);
    refusals.push(refused);
    if (right !== runs) throw new Error(`${runs - right} runs ended wrong.`);
  }
}
const [ours, flat] = refusals.slice(-2);
report({
  claims: [
    {
      claim: `Refusals (429) of ${runs.toLocaleString('en-US')} runs an hour under a tight quota, of rule 7 and of a poll every 5 s`,
      contract: 'fewer',
      measured: `${ours?.toLocaleString('en-US') ?? '?'} and ${flat?.toLocaleString('en-US') ?? '?'}`,
      met: (ours ?? Infinity) < (flat ?? 0),
    },
  ],
  detail: table.join('\n'),
});
