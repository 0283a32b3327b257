import {
  batchEvents,
  type BatchEvent,
  type BatchEventKind,
  type ProcessEvent,
  type RequestFault,
  type SettingEvent,
} from './plan.ts';
import type { Random } from './random.ts';

/** Some requests are seldom made: what leads to them happens too. */
export function bringAbout(
  fault: RequestFault,
  random: Random,
  into: { requests: RequestFault[]; processes: ProcessEvent[]; batches: BatchEvent[] },
): void {
  const { target, leg, part } = fault;
  if (target === 'livy-log')
    into.batches.push({ ...batchEvent(leg, random), kind: 'expired', batch: 0 });
  if (target === 'list' && part === 'main' && random.chance(0.6))
    into.requests.push({
      ...fault,
      target: 'submit',
      kind: 'reset-after',
      skip: 0,
      times: 1,
    });
  if (target === 'cancel' || part === 'post')
    into.processes.push({
      kind: target === 'cancel' && part === 'main' ? 'signal' : random.pick(['signal', 'kill']),
      leg,
      at: { target: 'status', nth: random.int(1, 4), delay: random.spread(1, 3_000) },
    });
}

/** What is of interest together, and chance seldom brings about. */
export function combined(
  random: Random,
  into: { requests: RequestFault[]; processes: ProcessEvent[]; settings: SettingEvent[] },
): void {
  const base = { leg: 0, part: 'main' as const, skip: 0, times: 1, seconds: random.spread(1, 90) };
  const always = { window: [0, 200 * 3_600_000] as const };
  const { requests, processes, settings } = into;
  switch (
    random.weighted([
      ['twin', 5],
      ['stream', 3],
      ['signal at the end', 3],
    ])
  ) {
    case 'twin':
      // Main does not live to see which of the two is its own.
      requests.push({
        ...base,
        kind: random.pick(['twin', 'reset-after', 'silent-after']),
        target: 'submit',
      });
      if (random.chance(0.6)) settings.push({ kind: 'list-lag', amount: random.spread(5, 60) });
      if (random.chance(0.7))
        processes.push({
          kind: random.pick(['kill', 'signal']),
          leg: 0,
          at: { target: 'submit', nth: 1, delay: random.spread(200, 60_000) },
        });
      break;
    case 'stream':
      // One of the streams is not served, from the start or from some time on.
      requests.push({
        ...base,
        ...(random.chance(0.5) ? always : { skip: random.spread(1, 12), times: 10_000 }),
        kind: random.pick(['404', '5xx-before', 'silent']),
        target: 'log',
        stream: random.pick(['stdout', 'stderr']),
      });
      break;
    case 'signal at the end':
      processes.push({
        kind: 'signal',
        leg: 0,
        at: { target: 'length', nth: random.int(1, 3), delay: random.spread(1, 800) },
      });
  }
}

/** Something that happens to a batch of a leg. */
export function batchEvent(leg: number, random: Random): BatchEvent {
  const [first, ...rest] = batchEvents;
  const kind: BatchEventKind = random.pick([first, ...rest]);
  return {
    kind,
    leg,
    batch: random.chance(0.85) ? 0 : 1,
    share: random.next() * 0.95,
    stream: random.pick(['stdout', 'stderr']),
  };
}
