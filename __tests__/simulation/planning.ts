import { planEvents } from './events.ts';
import type { BatchPlan, LegPlan, Schedule } from './plan.ts';
import { Random } from './random.ts';

type Kind =
  | 'single'
  | 'detached'
  | 'follow'
  | 'dry-run'
  | 'rerun'
  | 'hours'
  | 'thirty-hours'
  | 'matrix'
  | 'large-log';

/** How often each kind of schedule comes; of 10,000. */
const kinds: readonly (readonly [Kind, number])[] = [
  ['single', 8_265],
  ['detached', 320],
  ['follow', 420],
  ['dry-run', 230],
  ['rerun', 700],
  ['hours', 30],
  ['large-log', 15],
  ['matrix', 16],
  ['thirty-hours', 4],
];

const hour = 3_600;

/** False for seeds whose schedules take long (hours, many steps, large logs), and where nothing happens. */
export function isShort(seed: number): boolean {
  const kind = new Random(seed).weighted(kinds);
  if (['hours', 'thirty-hours', 'matrix', 'large-log'].includes(kind)) return false;
  const { requests, processes, batches, settings } = scheduleOf(seed);
  return requests.length + processes.length + batches.length + settings.length > 1;
}

/** The schedule of a seed. Pure. */
export function scheduleOf(seed: number): Schedule {
  const random = new Random(seed);
  const kind = random.weighted(kinds);
  const legs = legsOf(kind, random);
  const base = { seed, kind, legs, requests: [], processes: [], batches: [], settings: [] };
  return { ...base, ...planEvents(base, random) };
}

function legsOf(kind: Kind, random: Random): LegPlan[] {
  if (kind === 'matrix') {
    const minutes = random.int(2, 6);
    return Array.from({ length: 20 }, (_, index) => ({
      ...legOf('run', random, [{ ...batchOf(random, minutes * 60), end: 'success' as const }]),
      startAt: random.int(0, 5_000),
      inputs: { 'job-total': '20', 'run-key': `leg ${index}`, 'requests-per-minute': '600' },
    }));
  }
  if (kind === 'rerun') {
    const on = random.pick(['attach-if-running', 'attach', 'new']);
    const batches = [batchOf(random, random.spread(20, 900)), batchOf(random, 60)];
    const first = legOf('run', random, batches);
    const second = { ...legOf('run', random, batches), attempt: 2, afterLeg: 0 };
    return [
      { ...first, post: random.chance(0.4) },
      {
        ...second,
        startAt: random.int(1_000, 60_000),
        inputs: { ...second.inputs, 'on-rerun': on },
      },
    ];
  }
  const seconds =
    kind === 'thirty-hours'
      ? 30 * hour
      : kind === 'hours'
        ? random.int(1 * hour, 7 * hour)
        : random.spread(5, 300);
  const batches = Array.from({ length: 3 }, () => batchOf(random, seconds));
  if (kind === 'large-log')
    return [
      legOf('run', random, [
        { ...batchOf(random, 60), prints: 6, bytes: random.spread(50_000, 250_000) },
      ]),
    ];
  const legKind = kind === 'follow' ? 'follow' : kind === 'dry-run' ? 'dry-run' : 'run';
  const leg = legOf(legKind, random, batches);
  if (kind === 'detached') return [{ ...leg, inputs: { ...leg.inputs, wait: 'false' } }];
  if (kind === 'hours' || kind === 'thirty-hours')
    return [{ ...leg, identity: kind === 'hours' && random.chance(0.5) ? 'oidc' : 'secret' }];
  return [leg];
}

function legOf(kind: LegPlan['kind'], random: Random, batches: readonly BatchPlan[]): LegPlan {
  return {
    kind,
    inputs: inputsOf(kind, random, batches),
    identity: random.chance(0.3) ? 'oidc' : 'secret',
    attempt: 1,
    post: true,
    startAt: 0,
    batches,
  };
}

function batchOf(random: Random, running: number): BatchPlan {
  return {
    seed: random.seed(),
    queue: random.chance(0.5) ? random.int(0, 3) : random.spread(1, 120),
    starting: random.spread(1, 30),
    running,
    prints: random.spread(1, 12),
    bytes: random.spread(20, 600),
    end: random.weighted([
      ['success', 76],
      ['dead', 12],
      ['error', 4],
      ['never', 8],
    ]),
  };
}

/** Inputs beside those that every step has. A batch without an end gets a limit. */
function inputsOf(
  kind: LegPlan['kind'],
  random: Random,
  batches: readonly BatchPlan[],
): Record<string, string> {
  const endless = batches.some(({ end }) => end === 'never');
  const sometimes = (share: number, inputs: Record<string, string>): Record<string, string> =>
    random.chance(share) ? inputs : {};
  const names = { workspace: 'analytics', lakehouse: 'orders' };
  const limit = String(random.spread(1, 20));
  return {
    ...sometimes(0.15, names),
    ...(endless || random.chance(0.12) ? { 'timeout-minutes': limit } : {}),
    ...sometimes(0.04, { 'queue-timeout-minutes': '1' }),
    ...sometimes(0.35, { 'outage-minutes': String(random.int(1, 8)) }),
    ...sometimes(kind === 'follow' ? 0.5 : 0.08, {
      'cancel-on': random.pick(['never', 'cancel', 'timeout', 'cancel,timeout,error']),
    }),
    ...sometimes(0.1, { logs: random.pick(['none', 'stdout', 'stderr']) }),
    ...sometimes(0.1, { 'requests-per-minute': String(random.spread(4, 60)) }),
    ...(kind === 'follow'
      ? {}
      : {
          ...sometimes(0.25, { 'on-unconfirmed': 'resubmit' }),
          ...sometimes(0.3, { 'capacity-wait-minutes': String(random.int(1, 4)) }),
        }),
  };
}
