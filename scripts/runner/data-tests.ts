import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '../../src/http/json.ts';
import type { ActRun } from './act.ts';
import type { Checks } from './checks.ts';
import { logOf } from './orders.ts';
import { processesNaming } from './processes.ts';
import { forkToken, pullRequest, repository, until, type Stage } from './stage.ts';

const workflow = 'pull-request-data-tests.yml';
const localOnly = 'pull-request-local.yml';
const job = 'data-tests';

/** The example as it stands: pushes of the repository's own, and a fork. `uses:` of the action is a local folder. */
export async function dataTests(stage: Stage, checks: Checks): Promise<void> {
  await pushes(stage, checks);
  await forks(stage, checks);
}

/** A change that breaks a rule and a test, then one that mends both, on the workspace for tests. */
async function pushes(stage: Stage, checks: Checks): Promise<void> {
  console.log('  a change that breaks a rule of the data and a test:');
  const broken = changed(stage, 'broken', {
    'check_orders.py': ['"CHF", "EUR"', '"EUR"'],
    'clean_orders.py': ['F.regexp_replace(text, ",", "")', 'text'],
  });
  const red = start(stage, 'own', { checkout: broken, run: '101' });
  checks.equal('the workflow is red', await red.ended, 1);
  const places = red.placesOf(job);
  checks.equal(
    'the rule stands on the line that raised it',
    places[0]?.split(':')[0],
    'jobs/check_orders.py',
  );
  checks.contains('the test on its line', places.join('\n'), 'tests/test_clean_orders.py:');
  checks.equal('no other line is blamed', places.length, 2);
  if (places.length !== 2) console.log(logOf(red));
  const [comment, ...others] = stage.fabric.comments.of(pullRequest);
  checks.equal('there is one comment', others.length, comment ? 0 : 1);
  const said = comment?.body ?? '';
  checks.contains('it names the place of the rule', said, 'jobs/check_orders.py:');
  checks.contains('and the exception', said, ': BadOrders`');
  checks.equal('but no word of the job', said.includes('rules do not hold'), false);
  checks.contains('and counts the tests', said, '8 tests, 1 failed');
  stage.keep('pull-request-comment.md', comment?.body ?? '');
  for (const [at, text] of red.summariesOf(job).entries())
    stage.keep(`pull-request-summary-${at + 1}.md`, text);

  console.log('  the next push mends both:');
  const green = start(stage, 'own', { run: '102' });
  checks.equal('the workflow is green', await green.ended, 0);
  if (green.results.get(job) !== 'success') console.log(logOf(green));
  const after = stage.fabric.comments.of(pullRequest);
  checks.equal('there still is one comment', after.length, 1);
  checks.contains('it says that all pass again', after[0]?.body ?? '', 'Spark batches pass again');
  checks.equal('nothing runs on local Fabric any more', stage.active, 0);
}

/** A fork's runs have a token that may only read, no variable of ours, and a Fabric of their own. */
async function forks(stage: Stage, checks: Checks): Promise<void> {
  const before = stage.fabric.batches.length;
  const [green, cut, killed] = [start(stage, 'fork'), start(stage, 'fork'), start(stage, 'fork')];
  const spark = (run: ActRun): boolean => {
    run.checkRunning();
    return processesNaming(run.folder).some(isSpark);
  };
  console.log('  of forks: cancelled, and with its runner killed, while Spark runs:');
  await until('Spark runs', () => spark(cut) && spark(killed));
  cut.signal('SIGINT');
  killed.signal('SIGKILL');
  await Promise.all([cut.ended, killed.ended]);
  checks.contains('local Fabric was stopped', cut.textOf(job, 'Post'), 'Local Fabric was stopped');

  console.log('  of a fork, with good data:');
  checks.equal('the workflow is green', await green.ended, 0);
  if (green.results.get(job) !== 'success') console.log(logOf(green));
  checks.contains('the job ran on the seeded files', green.textOf(job), '4 rules hold on ');
  checks.contains('the tests ran', green.textOf(job), '8 tests, all passed');
  checks.contains('local Fabric shows its log', green.textOf(job, 'Post'), 'Log of local Fabric');

  console.log(`  ${localOnly}:`);
  const local = start(stage, 'fork', { file: localOnly });
  checks.equal('the workflow is green', await local.ended, 0);
  if (local.results.get(job) !== 'success') console.log(logOf(local));
  checks.contains('the job ran on the seeded files', local.textOf(job), '4 rules hold on ');
  checks.equal('the workspace for tests saw nothing of them', stage.fabric.batches.length, before);
  await nothingLeft(stage, checks);
}

export function start(
  stage: Stage,
  from: 'own' | 'fork',
  {
    checkout = stage.checkout,
    run = '103',
    file = workflow,
  }: { checkout?: string; run?: string; file?: string } = {},
): ActRun {
  const payload: JsonObject = {
    number: pullRequest,
    pull_request: {
      number: pullRequest,
      head: {
        ref: 'change',
        sha: 'c'.repeat(40),
        repo: { full_name: from === 'own' ? repository : 'someone/orders' },
      },
      base: { ref: 'main', repo: { full_name: repository } },
    },
  };
  const options = { checkout, event: 'pull_request', workflow: file, payload };
  const github = {
    GITHUB_REPOSITORY: repository,
    GITHUB_RUN_ID: run,
    GITHUB_API_URL: stage.githubUrl,
    GITHUB_GRAPHQL_URL: `${stage.githubUrl}/graphql`,
  };
  if (from === 'own')
    return stage.onFabric({
      ...options,
      env: github,
      secrets: { GITHUB_TOKEN: stage.fabric.githubToken },
    });
  return stage.run({
    ...options,
    env: github,
    secrets: { GITHUB_TOKEN: forkToken },
    repositories: { 'fabric-spark-batch/fabric-spark-batch@v1': stage.release },
  });
}

/** A checkout in which jobs are changed: by file, what becomes what. */
function changed(
  stage: Stage,
  name: string,
  changes: Readonly<Record<string, readonly [string, string]>>,
): string {
  const checkout = join(stage.folder, name);
  cpSync(stage.checkout, checkout, { recursive: true });
  for (const [file, [from, to]] of Object.entries(changes)) {
    const path = join(checkout, 'jobs', file);
    const text = readFileSync(path, 'utf8');
    if (!text.includes(from)) throw new Error(`${file} does not hold ${from}`);
    writeFileSync(path, text.replace(from, to));
  }
  return checkout;
}

function isSpark(command: string): boolean {
  return command.includes('org.apache.spark.deploy.SparkSubmit');
}

async function nothingLeft(stage: Stage, checks: Checks): Promise<void> {
  const left = (): string[] => processesNaming(stage.folder);
  await until('all processes are gone', () => left().length === 0, 20_000).catch(() => undefined);
  checks.equal('no process is left', left(), []);
}
