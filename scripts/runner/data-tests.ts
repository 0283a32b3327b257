import { appendFileSync, cpSync } from 'node:fs';
import { join } from 'node:path';
import type { ActRun } from './act.ts';
import type { Checks } from './checks.ts';
import { logOf } from './orders.ts';
import { processesNaming } from './processes.ts';
import { until, type Stage } from './stage.ts';

const badRow = '1999,,FR,2025-06-01,-5.00,USD\n';
const job = 'data-tests';

/** The example as it stands: local Fabric as a step, no secret; `uses:` of the action is a local folder. */
export async function dataTests(stage: Stage, checks: Checks): Promise<void> {
  const start = (checkout = stage.checkout): ActRun =>
    stage.run({
      checkout,
      event: 'pull_request',
      workflow: 'pull-request-data-tests.yml',
      payload: {
        number: 7,
        pull_request: { number: 7, head: { ref: 'change' }, base: { ref: 'main' } },
      },
      repositories: { 'fabric-spark-batch/fabric-spark-batch@v1': stage.release },
    });

  const bad = join(stage.folder, 'bad-checkout');
  cpSync(stage.checkout, bad, { recursive: true });
  appendFileSync(join(bad, 'tests', 'data', 'orders.csv'), badRow);
  // Side by side: each has a local Fabric of its own, on ports of its own.
  const [green, red] = [start(), start(bad)];
  console.log('  with good data:');
  checks.equal('the workflow is green', await green.ended, 0);
  if (green.results.get(job) !== 'success') console.log(logOf(green));
  checks.contains('the job ran on the seeded files', green.textOf(job), '4 rules hold on ');
  checks.contains('local Fabric shows its log', green.textOf(job, 'Post'), 'Log of local Fabric');
  console.log('  with a bad row:');
  checks.equal('the workflow is red', await red.ended, 1);
  checks.contains('and says why', red.errorsOf(job).join('\n'), 'rules do not hold');
  await nothingLeft(stage, checks);

  const [cut, killed] = [start(), start()];
  const spark = (run: ActRun): boolean => {
    run.checkRunning();
    return processesNaming(run.folder).some(isSpark);
  };
  console.log('  cancelled, and with its runner killed, while Spark runs:');
  await until('Spark runs', () => spark(cut) && spark(killed));
  cut.signal('SIGINT');
  killed.signal('SIGKILL');
  await Promise.all([cut.ended, killed.ended]);
  checks.contains('local Fabric was stopped', cut.textOf(job, 'Post'), 'Local Fabric was stopped');
  await nothingLeft(stage, checks);
}

function isSpark(command: string): boolean {
  return command.includes('org.apache.spark.deploy.SparkSubmit');
}

async function nothingLeft(stage: Stage, checks: Checks): Promise<void> {
  const left = (): string[] => processesNaming(stage.folder);
  await until('all processes are gone', () => left().length === 0, 20_000).catch(() => undefined);
  checks.equal('no process is left', left(), []);
}
