import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { actionsBot } from '../../local/github/access.ts';
import type { GithubContext } from '../../local/runner/environment.ts';
import type { StepResult } from '../../local/runner/step.ts';
import { Bench, failedAtOnce, overAtOnce } from './bench.ts';

jest.setTimeout(120_000);

const readOnly = 'ghs_of_a_fork_0123456789';
let bench: Bench;
beforeAll(async () => {
  bench = await Bench.start({
    github: {
      pullRequests: [7],
      identities: { [readOnly]: { ...actionsBot, pullRequests: 'read' } },
    },
  });
});
afterAll(() => bench.close());

const countries = ['ch', 'de', 'se'];

/** A pull request's run, as the runner tells it to a step. */
function aboutPullRequest(run: string, sha: string, from = 'octo-org/orders'): GithubContext {
  const { env, githubToken } = bench.fabric;
  return {
    event_name: 'pull_request',
    event: { pull_request: { number: 7, head: { sha, repo: { full_name: from } } } },
    api_url: env['GITHUB_API_URL'] ?? '',
    graphql_url: env['GITHUB_GRAPHQL_URL'] ?? '',
    repository: 'octo-org/orders',
    workflow: 'orders',
    workflow_ref: 'octo-org/orders/.github/workflows/orders.yml@refs/pull/7/merge',
    job: 'check',
    run_id: run,
    token: githubToken,
  };
}

/** The three legs of a matrix, at once. */
function push(run: string, sha: string): Promise<StepResult[]> {
  return Promise.all(
    countries.map(
      (country, index) =>
        bench.start({
          inputs: { comment: 'on-failure' },
          github: aboutPullRequest(run, sha),
          matrix: { country },
          strategy: { 'fail-fast': false, 'job-index': index, 'job-total': 3, 'max-parallel': 3 },
        }).step.done,
    ),
  );
}

function comments(): string[] {
  return bench.fabric.comments.of(7).map(({ body }) => body);
}

test('three legs, two pushes: one comment with one row a leg, then one green line', async () => {
  bench.script = failedAtOnce('', 'ValueError: a bad row\n');
  const red = await push('9000000001', 'a'.repeat(40));
  expect(red.map(({ conclusion }) => conclusion)).toEqual(['failure', 'failure', 'failure']);
  expect(comments()).toHaveLength(1);
  expect(comments()[0]).toContain('3 of 3 not green');
  for (const country of countries) expect(comments()[0]).toContain(`\`check (${country})\``);

  bench.script = overAtOnce('fine\n');
  const green = await push('9000000002', 'b'.repeat(40));
  expect(green.map(({ conclusion }) => conclusion)).toEqual(['success', 'success', 'success']);
  expect(comments()).toHaveLength(1);
  expect(comments()[0]).toContain('✅ Spark batches pass again (commit bbbbbbb): 3 calls reported');
  for (const { annotations } of green) expect(annotations).toEqual([]);
});

test('the token of a fork: a notice, and the step is as green as its batch', async () => {
  bench.script = overAtOnce('fine\n');
  const before = comments();
  const { conclusion, annotations } = await bench.start({
    inputs: { comment: 'always' },
    github: {
      ...aboutPullRequest('9000000003', 'c'.repeat(40), 'mallory/orders'),
      token: readOnly,
    },
  }).step.done;
  expect(conclusion).toBe('success');
  expect(annotations).toEqual([
    { level: 'notice', message: expect.stringMatching(/pull request #7: it comes from a fork/) },
  ]);
  expect(comments()).toEqual(before);
});
