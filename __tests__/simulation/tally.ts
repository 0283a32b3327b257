import { faultsOf } from './events.ts';
import { batchEvents, settingKinds, type Target } from './plan.ts';
import type { Trace } from './stage.ts';

/** Counts by name; worker processes hand theirs over as JSON. */
export type Counts = Record<string, number>;

export interface Tally {
  schedules: number;
  legs: number;
  requests: number;
  virtualHours: number;
  results: Counts;
  codes: Counts;
  /** `fault @ phase`. */
  faults: Counts;
  kinds: Counts;
}

export function emptyTally(): Tally {
  return {
    schedules: 0,
    legs: 0,
    requests: 0,
    virtualHours: 0,
    results: {},
    codes: {},
    faults: {},
    kinds: {},
  };
}

function count(counts: Counts, name: string, by = 1): void {
  counts[name] = (counts[name] ?? 0) + by;
}

/** Counts what a schedule met. */
export function addTrace(tally: Tally, { schedule, stage, legs }: Trace): void {
  tally.schedules += 1;
  tally.requests += stage.network.journal.length;
  tally.virtualHours += (stage.clock.now() - stage.clock.start) / 3_600_000;
  count(tally.kinds, schedule.kind);
  for (const leg of legs) {
    tally.legs += 1;
    const { result = '', 'error-code': code } = leg.main.outputs;
    count(tally.results, leg.end === 'killed' ? 'killed' : result);
    if (leg.end !== 'killed') count(tally.codes, `${result} ${code ?? ''}`.trim());
    if (leg.signalPhase !== undefined) count(tally.faults, `signal @ ${leg.signalPhase}`);
    if (leg.killPhase !== undefined) count(tally.faults, `kill @ ${leg.killPhase}`);
  }
  for (const { fault, phase, target } of stage.network.journal) {
    if (fault === undefined) continue;
    count(tally.faults, `${fault} @ ${phase}`);
    count(tally.faults, `${fault} of ${target}`);
  }
  for (const { kind } of [...schedule.batches, ...schedule.settings]) count(tally.faults, kind);
  for (const { kind } of schedule.processes) if (kind === 'disk-full') count(tally.faults, kind);
}

/** Adds the counts of another process. */
export function merge(into: Tally, other: Tally): void {
  for (const key of ['schedules', 'legs', 'requests', 'virtualHours'] as const)
    into[key] += other[key];
  for (const key of ['results', 'codes', 'faults', 'kinds'] as const)
    for (const [name, by] of Object.entries(other[key])) count(into[key], name, by);
}

/** In which phases the requests of a target are made. */
const phasesOf: Readonly<Partial<Record<Target, readonly string[]>>> = {
  token: ['start'],
  oidc: ['start'],
  names: ['start'],
  submit: ['submit'],
  status: ['queued', 'running', 'ending', 'post'],
  list: ['search'],
  cancel: ['cancelling', 'post'],
  log: ['running', 'ending'],
};

/** Every fault, in each phase in which its requests are made; what the counts must hold at least once. */
export function expectedFaults(): string[] {
  const expected = new Set<string>([...batchEvents, ...settingKinds, 'disk-full']);
  for (const phase of ['start', 'submit', 'search', 'queued', 'running', 'ending', 'cancelling'])
    for (const kind of ['signal', 'kill']) expected.add(`${kind} @ ${phase}`);
  for (const target of [
    'token',
    'oidc',
    'names',
    'submit',
    'status',
    'list',
    'cancel',
    'log',
    'length',
    'files',
    'session',
    'stages',
    'livy-log',
  ] as const)
    for (const kind of faultsOf(target)) {
      expected.add(`${kind} of ${target}`);
      for (const phase of phasesOf[target] ?? [])
        if (target !== 'submit') expected.add(`${kind} @ ${phase}`);
    }
  return [...expected];
}

const results = [
  'Succeeded',
  'Failed',
  'Cancelled',
  'TimedOut',
  'Unknown',
  'NotStarted',
  'Submitted',
  'Checked',
];
const floors = { result: 0.01, green: 0.3, schedules: 5_000 };

/** What keeps a run from meaning anything: a fault that met nothing, a result that hardly came. */
export function hollow(tally: Tally): string[] {
  if (tally.schedules < floors.schedules) return [];
  const wrong = expectedFaults()
    .filter((name) => (tally.faults[name] ?? 0) === 0)
    .map((name) => `never met: ${name}`);
  for (const result of results) {
    const share = (tally.results[result] ?? 0) / tally.legs;
    if (share < floors.result)
      wrong.push(`${result} in ${(100 * share).toFixed(2)} % of the steps`);
  }
  const green = (tally.results['Succeeded'] ?? 0) / tally.legs;
  if (green < floors.green) wrong.push(`green in ${(100 * green).toFixed(1)} % of the steps`);
  return wrong;
}

/** The counts as a table for people. */
export function report(tally: Tally): string {
  const { schedules, legs, requests, virtualHours } = tally;
  const share = (number: number): string => `${((100 * number) / legs).toFixed(1)} %`;
  const rows = (counts: Counts): string[] =>
    Object.entries(counts)
      .sort(([, one], [, other]) => other - one)
      .map(
        ([name, number]) =>
          `  ${name.padEnd(34)} ${String(number).padStart(7)} ${share(number).padStart(7)}`,
      );
  const phases = ['start', 'submit', 'search', 'queued', 'running', 'ending', 'cancelling', 'post'];
  const kinds = [
    ...new Set(
      Object.keys(tally.faults).flatMap((name) =>
        name.split(' @ ').length === 2 ? [name.split(' @ ')[0] ?? ''] : [],
      ),
    ),
  ].sort();
  const table = kinds.map(
    (kind) =>
      `  ${kind.padEnd(18)}${phases.map((phase) => String(tally.faults[`${kind} @ ${phase}`] ?? 0).padStart(11)).join('')}`,
  );
  const rest = Object.entries(tally.faults).filter(
    ([name]) => !name.includes(' @ ') && !name.includes(' of '),
  );
  return [
    `${schedules} schedules, ${legs} steps, ${requests} requests, ${Math.round(virtualHours)} hours of their time`,
    'Results:',
    ...rows(tally.codes),
    `Faults by phase: ${''.padEnd(1)}${phases
      .map((phase) => phase.padStart(11))
      .join('')
      .trimStart()}`,
    ...table,
    'Of batches and of Fabric:',
    ...rest.sort().map(([name, number]) => `  ${name.padEnd(34)} ${String(number).padStart(7)}`),
  ].join('\n');
}
