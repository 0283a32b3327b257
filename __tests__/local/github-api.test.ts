import { expect, test } from '@jest/globals';
import { enterpriseServer, type WorkflowRun } from '../../local/github/settings.ts';
import { bench, type Bench, type Reply } from './bench.ts';

const agent = { 'user-agent': 'test' };

/** Asks as a job does: below its `GITHUB_API_URL`, with its token. */
function askRun(on: Bench, run: string, repository = 'octo-org/orders'): Promise<Reply> {
  const { pathname } = new URL(on.fabric.env['GITHUB_API_URL'] ?? '');
  const root = pathname === '/' ? '' : pathname;
  return on.call('issuer', 'GET', `${root}/repos/${repository}/actions/runs/${run}`, {
    headers: agent,
    token: on.fabric.githubToken,
  });
}

test('a workflow run, as it stands now', async () => {
  const runs: Record<string, WorkflowRun> = { '9000000002': { status: 'in_progress', attempt: 2 } };
  const on = await bench({ github: { runs } });
  const reply = await askRun(on, '9000000002');
  expect(reply.status).toBe(200);
  expect(reply.json).toMatchObject({
    id: 9_000_000_002,
    status: 'in_progress',
    conclusion: null,
    run_attempt: 2,
    repository: { full_name: 'octo-org/orders' },
  });
  runs['9000000002'] = { status: 'completed', conclusion: 'cancelled' };
  expect((await askRun(on, '9000000002', 'OCTO-ORG/Orders')).json).toMatchObject({
    status: 'completed',
    conclusion: 'cancelled',
    run_attempt: 1,
  });
});

test('a run that is not known, and one of another repository: 404', async () => {
  const on = await bench({ github: { runs: { '1': { status: 'queued' } } } });
  expect((await askRun(on, '1')).status).toBe(200);
  for (const [run, repository] of [
    ['2', 'octo-org/orders'],
    ['constructor', 'octo-org/orders'],
    ['1', 'octo-org/other'],
  ] as const) {
    const reply = await askRun(on, run, repository);
    expect([reply.status, reply.json]).toEqual([
      404,
      expect.objectContaining({ message: 'Not Found' }),
    ]);
  }
});

test('another token than the job’s: 401; no user agent: 403', async () => {
  const on = await bench({ github: { runs: { '1': { status: 'queued' } }, apiToken: 'ours' } });
  expect(on.fabric.githubToken).toBe('ours');
  const path = '/repos/octo-org/orders/actions/runs/1';
  for (const token of ['theirs', null]) {
    const reply = await on.call('issuer', 'GET', path, { headers: agent, token });
    expect([reply.status, reply.json]).toEqual([
      401,
      expect.objectContaining({ message: 'Bad credentials' }),
    ]);
  }
  expect((await on.call('issuer', 'GET', path, { token: 'ours' })).status).toBe(403);
});

test('each local Fabric has a token of its own, in the form of GitHub’s', async () => {
  const [one, other] = [await bench(), await bench()];
  expect(one.fabric.githubToken).toMatch(/^ghs_[\w-]{36}$/);
  expect(one.fabric.githubToken).not.toBe(other.fabric.githubToken);
});

test('GitHub Enterprise Server has its API below a path', async () => {
  const on = await bench({ github: { ...enterpriseServer, runs: { '1': { status: 'queued' } } } });
  expect(on.fabric.env['GITHUB_API_URL']).toBe(`${on.fabric.hosts.issuer}/api/v3`);
  expect((await askRun(on, '1')).status).toBe(200);
});
