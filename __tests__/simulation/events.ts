import {
  requestFaults,
  settingKinds,
  type BatchEvent,
  type Instant,
  type ProcessEvent,
  type RequestFault,
  type RequestFaultKind,
  type Schedule,
  type SettingEvent,
  type SettingKind,
  type Target,
} from './plan.ts';
import type { Random } from './random.ts';
import { batchEvent, bringAbout, combined } from './together.ts';

/** What can happen to which requests. */
const ofSubmitAlone: readonly RequestFaultKind[] = ['430', '430-retry-after', '430-until', 'twin'];
const ofChanges: readonly RequestFaultKind[] = [
  'reset-after',
  'silent-after',
  '408-after',
  '5xx-after',
];
const ofStatus: readonly RequestFaultKind[] = ['unknown-word', 'missing-fields'];
const ofPauses = ['503-retry-after', '429-retry-after', '429-until'] as const;
const ofIssuer: readonly RequestFaultKind[] = ['silent', 'slow', '403', '5xx-before'];

const targets: readonly (readonly [Target, number])[] = [
  ['submit', 30],
  ['status', 30],
  ['log', 20],
  ['list', 10],
  ['cancel', 20],
  ['token', 9],
  ['length', 6],
  ['files', 6],
  ['session', 5],
  ['stages', 8],
  ['livy-log', 6],
  ['names', 8],
  ['oidc', 5],
];

/** The kinds that a request of this target can meet. */
export function faultsOf(target: Target): RequestFaultKind[] {
  if (target === 'oidc') return [...ofIssuer];
  return requestFaults.filter((kind) => {
    if (ofSubmitAlone.includes(kind)) return target === 'submit';
    if (ofChanges.includes(kind)) return ['submit', 'cancel', 'token'].includes(target);
    if (ofStatus.includes(kind))
      return target === 'status' || (target === 'submit' && kind === 'missing-fields');
    if (target === 'token') return !['403', '404', '401', 'html'].includes(kind);
    return kind !== 'html' || target !== 'log';
  });
}

type Events = Pick<Schedule, 'requests' | 'processes' | 'batches' | 'settings'>;

/** What happens in a schedule: nothing in some, one thing in many, several at once in the rest. */
export function planEvents(schedule: Schedule, random: Random): Events {
  const [requests, processes]: [RequestFault[], ProcessEvent[]] = [[], []];
  const [batches, settings]: [BatchEvent[], SettingEvent[]] = [[], []];
  const legs = schedule.legs.length;
  const long = schedule.kind === 'hours' || schedule.kind === 'thirty-hours';
  const count = random.weighted([
    ['0', 12],
    ['1', 34],
    ['2', 28],
    ['3', 14],
    ['5', 12],
  ]);
  for (let left = Number(count) * (legs > 2 ? 3 : 1); left > 0; left -= 1) {
    const leg = random.int(0, legs - 1);
    const what = random.weighted([
      ['request', 58],
      ['process', legs > 2 ? 2 : 13],
      ['batch', 17],
      ['setting', 12],
    ]);
    if (what === 'request') {
      const fault = requestFault(leg, random);
      requests.push(fault);
      bringAbout(fault, random, { requests, processes, batches });
    } else if (what === 'process') processes.push(processEvent(leg, random));
    else if (what === 'batch') batches.push(batchEvent(leg, random));
    else {
      const setting = settingEvent(random);
      const follows = schedule.legs.some(({ kind }) => kind === 'follow');
      // A full capacity would hold no batch that could be followed.
      if (setting.kind !== 'capacity-full' || !follows) settings.push(setting);
    }
  }
  if (legs === 1 && random.chance(0.08)) combined(random, { requests, processes, settings });
  // A second attempt is of interest after a first that was killed.
  if (schedule.kind === 'rerun' && random.chance(0.8))
    processes.push({ kind: 'kill', leg: 0, at: instant(random, 1) });
  if (long && random.chance(0.5)) settings.push({ kind: 'oidc-ends', amount: 1 });
  return { requests, processes, batches, settings };
}

function requestFault(leg: number, random: Random): RequestFault {
  const target = random.weighted(targets);
  const [first = 'slow', ...rest] = faultsOf(target);
  // Stages may ask for hours, and nothing else may wait for them.
  const pauses = target === 'stages' && random.chance(0.4);
  const kind = random.pick(pauses ? ofPauses : [first, ...rest]);
  const few = target === 'submit' || target === 'names' || target === 'token';
  const lasting = !few && random.chance(0.2);
  const from = random.spread(1, 200) * 1_000;
  return {
    kind,
    target,
    leg,
    part: random.chance(['cancel', 'list', 'status'].includes(target) ? 0.3 : 0.08)
      ? 'post'
      : 'main',
    skip:
      few || target === 'cancel' || target === 'stages'
        ? random.chance(0.8)
          ? 0
          : 1
        : random.spread(1, 12) - 1,
    times:
      random.weighted([
        ['1', 60],
        ['2', 20],
        ['5', 12],
        ['200', 8],
      ]) === '1'
        ? 1
        : random.spread(2, 200),
    ...(lasting ? { window: [from, from + random.spread(10, 2_400) * 1_000] as const } : {}),
    seconds: pauses ? random.int(60, 7_200) : random.spread(1, 90),
    ...(target === 'log' && random.chance(0.3)
      ? { stream: random.pick(['stdout', 'stderr']) }
      : {}),
  };
}

function instant(random: Random, atLeast = 0): Instant {
  if (random.chance(0.3)) return { after: random.spread(1, 300) * 1_000 };
  const target = random.pick<Target>([
    'token',
    'submit',
    'submit',
    'status',
    'status',
    'log',
    'list',
    'length',
    'cancel',
    'livy-log',
    'session',
    'stages',
  ]);
  return {
    target: atLeast > 0 && target === 'token' ? 'submit' : target,
    nth: target === 'submit' ? 1 : random.spread(1, 10),
    delay: random.chance(0.3) ? 0 : random.spread(1, 20_000),
  };
}

function processEvent(leg: number, random: Random): ProcessEvent {
  const kind = random.weighted<ProcessEvent['kind']>([
    ['signal', 60],
    ['kill', 35],
    ['disk-full', 5],
  ]);
  return { kind, leg, at: instant(random) };
}

const amounts: Readonly<Record<SettingKind, (random: Random) => number>> = {
  'list-lag': (random) => random.spread(5, 300),
  'read-lag': (random) => random.spread(2, 90),
  'no-tags': () => 1,
  'offset-cap': (random) => random.spread(50, 5_000),
  'offsets-not-served': () => 1,
  'offsets-go-on': () => 1,
  'size-ignored': () => 1,
  'active-name': () => 1,
  'rolling-not-served': () => 1,
  'capacity-full': () => 0,
  quota: (random) => random.spread(6, 100),
  'small-pages': (random) => random.int(1, 3),
  'oidc-ends': () => 1,
};

function settingEvent(random: Random): SettingEvent {
  const [first, ...rest] = settingKinds;
  const kind = random.pick([first, ...rest]);
  return { kind, amount: amounts[kind](random) };
}
