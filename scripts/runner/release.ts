import type { ActRun } from './act.ts';
import type { Checks } from './checks.ts';
import { logOf } from './orders.ts';
import type { Stage } from './stage.ts';

const tag = 'v1.4.0';

/** The example as it stands, then once more as a second attempt: nothing is run twice. */
export async function release(stage: Stage, checks: Checks): Promise<void> {
  const { fabric } = stage;
  const start = (attempt: number): ActRun =>
    stage.onFabric({
      event: 'release',
      workflow: 'release.yml',
      payload: { action: 'published', release: { tag_name: tag } },
      env: { GITHUB_RUN_ATTEMPT: String(attempt) },
    });
  const before = fabric.batches.length;
  const first = start(1);
  checks.equal('the workflow is green', await first.ended, 0);
  if (first.results.get('publish') !== 'success') console.log(logOf(first));
  checks.contains(
    'the snapshot is named after the release',
    first.textOf('snapshot'),
    'orders_v1_4_0',
  );
  checks.contains('just that table is checked', first.textOf('check'), 'rows of orders_v1_4_0');
  checks.contains(
    'and published',
    first.textOf('publish'),
    'rows of orders_v1_4_0 as orders_published',
  );
  checks.equal('by three batches', fabric.batches.length - before, 3);

  const second = start(2);
  console.log('  run again, all jobs:');
  checks.equal('the workflow is green', await second.ended, 0);
  checks.equal('no batch was submitted', fabric.batches.length - before, 3);
  checks.contains('the report is read again', second.textOf('publish'), 'orders_v1_4_0');
  checks.equal('nothing runs on local Fabric any more', stage.active, 0);
}
