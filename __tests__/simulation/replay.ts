import type { Violation } from './oracle/all.ts';
import { play, playSeed } from './play.ts';
import { scheduleOf } from './planning.ts';
import { eventsOf, shrunk } from './shrink.ts';
import type { Trace } from './stage.ts';

/** A failure in words, with the fewest events that bring it about. */
export async function explain(seed: number, violations: readonly Violation[]): Promise<string> {
  const [first] = violations;
  const schedule = scheduleOf(seed);
  const least = await shrunk(schedule, first?.check ?? '');
  const { legs, requests, processes, batches, settings } = least;
  const events = [...requests, ...processes, ...batches, ...settings].map(
    (event) => `    ${JSON.stringify(event)}`,
  );
  return [
    `Seed ${seed} (${schedule.kind}):`,
    ...violations.map(({ check, leg, what }) => `  ${check}, leg ${leg}: ${what}`),
    `  with ${eventsOf(least)} of ${eventsOf(schedule)} events:`,
    ...events,
    ...(legs.length > 2 ? [] : legs.map((leg) => `    ${JSON.stringify(leg)}`)),
  ].join('\n');
}

/** Plays the schedule of a seed and prints its log. Gives the exit code. */
export async function replay(seed: number): Promise<number> {
  const { schedule, trace, violations } = await playSeed(seed);
  console.log(await explain(seed, violations));
  if (trace) console.log(storyOf(trace));
  const again = await play(schedule);
  if (JSON.stringify(again.violations) !== JSON.stringify(violations))
    console.log('The second playing came out otherwise: the simulator is not deterministic.');
  return violations.length === 0 ? 0 : 1;
}

/** Every request and every line of a schedule. */
export function storyOf({ stage, legs }: Trace): string {
  const since = (at: number | undefined): string =>
    at === undefined ? '-' : ((at - stage.clock.start) / 1_000).toFixed(3);
  const requests = stage.network.journal.map(
    ({ at, endedAt, leg, part, target, batch, fault, outcome }) =>
      `${since(at).padStart(10)} ${since(endedAt).padStart(10)} ${leg} ${part} ${target} ${batch?.slice(0, 8) ?? ''} ${outcome ?? '?'} ${fault ?? ''}`,
  );
  const truth = stage.fabric.every.map((batch) => {
    const { phase, runningAt, endedAt } = batch.snapshot();
    return `batch ${batch.id} of leg ${stage.legOf(batch) ?? 'nobody'}: accepted ${since(batch.acceptedAt)}, listed ${since(batch.listedAt)}, running ${since(runningAt)}, ${phase} ${since(endedAt)}`;
  });
  const logs = legs.flatMap((leg) => [
    `--- leg ${leg.index}, main: ${leg.end}, ${leg.green ? 'green' : 'red'}, ${since(leg.startedAt)} to ${since(leg.endedAt)}, signal ${since(leg.signalAt)}`,
    leg.main.written,
    JSON.stringify(leg.main.outputs),
    `--- leg ${leg.index}, post: ${since(leg.postStartedAt)} to ${since(leg.postEndedAt)}`,
    leg.post?.written ?? '',
  ]);
  return [...requests, ...truth, ...logs].join('\n');
}
