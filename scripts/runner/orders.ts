import { join } from 'node:path';
import { inEventLog } from '../../local/demo/proof.ts';
import type { ActRun } from './act.ts';
import type { Checks } from './checks.ts';
import type { Stage } from './stage.ts';

/** A green job and a red one with Spark, a matrix, a hand-over, and outputs by `needs`. */
export async function orders(stage: Stage, checks: Checks): Promise<void> {
  const run = stage.onFabric({ event: 'push', workflow: 'orders.yml' });
  const exitCode = await run.ended;
  const { fabric } = stage;
  const batchesOf = (file: string): (typeof fabric.batches)[number][] =>
    fabric.batches.filter(({ request }) => request.file.endsWith(`/${file}`));

  checks.equal('the workflow is red, since one job is', exitCode, 1);
  checks.equal('each job has the result it should have', Object.fromEntries(run.results), {
    green: 'success',
    red: 'failure',
    leg: 'success',
    submit: 'success',
    follow: 'success',
  });
  if (run.results.size !== 5) console.log(logOf(run));

  const [green] = batchesOf('clean_orders.py');
  const application = green?.snapshot().applicationId ?? '';
  checks.that(
    "Spark's own event log knows the application of the green job",
    application !== '' && inEventLog(join(fabric.stateFolder, 'spark-events'), application),
  );
  const follow = run.textOf('follow');
  checks.contains('its outputs reach another job', follow, `green: Succeeded ${application}`);

  checks.contains('the red job says why', run.errorsOf('red').join('\n'), 'rules do not hold');
  checks.equal('with one error annotation', run.errorsOf('red').length, 1);
  checks.contains(
    'a step after it sees outcome and outputs',
    run.textOf('red'),
    'outcome failure, result Failed, code BATCH_FAILED',
  );

  const legs = batchesOf('scripted.py').filter(({ request }) => request.args?.[0]?.length === 2);
  checks.equal(
    'the matrix submits one batch a leg',
    legs.map(({ request }) => request.args).sort(),
    [['CH'], ['DE'], ['FR']],
  );
  const lineages = legs.map(({ request }) => request.tags?.['lineage']);
  checks.equal('each with a lineage of its own', new Set(lineages).size, 3);

  const [handed] = batchesOf('scripted.py').filter(({ request }) =>
    request.args?.[0]?.startsWith('report-'),
  );
  const id = handed?.id ?? 'none';
  checks.contains('wait: false ends as submitted', follow, `submit: Submitted ${id}`);
  checks.contains('batch-id follows that batch', follow, `follow: Succeeded ${id} followed`);
  checks.that(
    'placeholders are replaced',
    /^report-[0-9a-f]{32}\.json$/.test(handed?.request.args?.[0] ?? ''),
    handed?.request.args?.[0],
  );

  checks.equal('what a batch prints is no command', run.errorsOf('leg'), []);
  const shown = run.lines.map(({ text }) => text).join('\n');
  const secrets = [fabric.clientSecret, fabric.env['ACTIONS_ID_TOKEN_REQUEST_TOKEN'] ?? ''];
  checks.equal(
    'no secret is shown',
    secrets.filter((secret) => shown.includes(secret)).length +
      (shown.match(/\beyJ/g)?.length ?? 0),
    0,
  );
  checks.equal('every post step is green', postFailures(run), []);
  checks.equal('nothing runs on local Fabric any more', stage.active, 0);
}

function postFailures(run: ActRun): string[] {
  return run.lines
    .filter(({ text }) => text.includes('Failure - Post'))
    .map(({ job, text }) => `${job}: ${text}`);
}

export function logOf(run: ActRun): string {
  return run.lines.map(({ job, text }) => `      [${job}] ${text}`).join('\n');
}
