import type { Checks } from './checks.ts';
import { logOf } from './orders.ts';
import { processesNaming } from './processes.ts';
import { until, type Stage } from './stage.ts';

interface Cancel {
  what: string;
  file: string;
  signal: NodeJS.Signals;
  /** Whether act lives to run the post step. */
  post: boolean;
}

/**
 * act ends main by SIGKILL, whatever it is told, so that the post step does it all; when act itself
 * is killed main gets SIGHUP, and does it all.
 */
const cancels: readonly Cancel[] = [
  { what: 'Ctrl-C, with Spark', file: 'jobs/endless_spark.py', signal: 'SIGINT', post: true },
  { what: 'act is told to end', file: 'jobs/endless.py', signal: 'SIGTERM', post: true },
  { what: 'act is killed', file: 'jobs/endless.py', signal: 'SIGKILL', post: false },
];

export async function cancelled(stage: Stage, checks: Checks): Promise<void> {
  for (const cancel of cancels) await one(cancel, stage, checks);
}

async function one(cancel: Cancel, stage: Stage, checks: Checks): Promise<void> {
  const { fabric } = stage;
  const before = fabric.batches.length;
  console.log(`  ${cancel.what}:`);
  const inputs = { file: cancel.file };
  const run = stage.onFabric({ event: 'workflow_dispatch', workflow: 'endless.yml', inputs });
  const batch = await until('the batch runs', () => {
    run.checkRunning();
    const [latest] = fabric.batches.slice(0, fabric.batches.length - before);
    return latest?.snapshot().phase === 'running' && latest;
  }).catch((thrown: unknown) => {
    console.log(logOf(run));
    throw thrown;
  });
  run.signal(cancel.signal);
  await run.ended;
  if (cancel.post) {
    checks.equal('the job is red', run.results.get('endless'), 'failure');
    checks.contains('the post step says so', run.textOf('endless', 'Post'), ': stopped ');
  }
  // Where act is gone, the action's process is on its own, and needs a moment.
  await until('the batch has ended', () => !batch.active, 15_000).catch(() => undefined);
  checks.equal('the batch was cancelled', batch.snapshot().phase, 'killed');
  checks.equal('nothing runs on local Fabric any more', stage.active, 0);
  const left = (): string[] => processesNaming(stage.folder);
  await until('its processes are gone', () => left().length === 0, 15_000).catch(() => undefined);
  checks.equal('no process is left', left(), []);
}
