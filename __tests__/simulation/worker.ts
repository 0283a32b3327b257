import './hooks.ts';
import type { Told } from './told.ts';

const { playSeed } = await import('./play.ts');
const { isShort } = await import('./planning.ts');
const { addTrace, emptyTally } = await import('./tally.ts');

/** Failures beyond these are counted, not kept. */
const mostFailures = 200;

const [first = 1, last = 0, step = 1, stopAtFirst = 0, short = 0] = process.argv
  .slice(2)
  .map(Number);
// Each abort makes an error, whose stack nobody reads here; a replay shows stacks.
Error.stackTraceLimit = 0;
const told: Told = { failures: [], tally: emptyTally() };
for (let seed = first; seed <= last; seed += step) {
  if (short === 1 && !isShort(seed)) continue;
  const { trace, violations } = await playSeed(seed);
  if (trace) addTrace(told.tally, trace);
  if (violations.length > 0 && told.failures.length < mostFailures)
    told.failures.push({ seed, violations });
  if (violations.length > 0 && stopAtFirst === 1) break;
  // Between schedules the event loop turns, so that what Node clears up by then goes.
  await new Promise((resolve) => setImmediate(resolve));
}
process.stdout.write(JSON.stringify(told), () => process.exit(0));
