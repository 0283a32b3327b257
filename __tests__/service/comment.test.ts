import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import type { BatchScript } from '../../local/engine/scripted.ts';
import type { RequestLine } from '../../local/faults.ts';
import { actionsBot, type Identity } from '../../local/github/access.ts';
import { enterpriseServer, type GitHubSettings } from '../../local/github/settings.ts';
import { readState } from '../../src/report/comment/rows.ts';
import { stage, type Stage } from './stage.ts';
import type { Step, StepOptions } from './step.ts';

jest.setTimeout(30_000);

const good: BatchScript = {
  steps: [
    { at: 5, phase: 'running' },
    { at: 20, phase: 'success' },
  ],
};
/** A batch whose job ends with that exception. */
function raises(exception: string): BatchScript {
  const stderr = `Traceback (most recent call last):\n  File "/x/main.py", line 3, in <module>\n${exception}\n`;
  return {
    steps: [
      { at: 5, phase: 'running', stderr },
      { at: 20, phase: 'dead' },
    ],
  };
}
const bad = raises('ValueError: row 7 | `x` @octo-org --> has no price');
const person: Identity = { login: 'mallory', id: 99, type: 'User', pullRequests: 'write' };
const app: Identity = { login: 'our-app[bot]', id: 1_234, type: 'Bot', pullRequests: 'write' };

interface Scene {
  play: Stage;
  /** What the batches submitted from now on do. */
  script: { now: BatchScript };
  /** A step of a run about the pull request 7; `event`: its payload in place of that. */
  step: (options?: StepOptions & { event?: unknown; sha?: string }) => Step;
  bodies: () => string[];
}

const sha = 'abc1234abc1234abc1234abc1234abc1234abc12';

function pullRequest(from = 'octo-org/orders', head = sha): unknown {
  return { pull_request: { number: 7, head: { sha: head, repo: { full_name: from } } } };
}

async function scene(github: Partial<GitHubSettings> = {}): Promise<Scene> {
  const script = { now: bad };
  const play = await stage({
    script: () => script.now,
    settings: { github: { pullRequests: [7], ...github } },
  });
  let events = 0;
  return {
    play,
    script,
    step: ({ event, sha: head, ...options } = {}) => {
      const path = join(play.folder, `event-${(events += 1)}.json`);
      writeFileSync(path, JSON.stringify(event ?? pullRequest(undefined, head)));
      return play.step({
        ...options,
        inputs: {
          comment: 'on-failure',
          'github-token': play.fabric.githubToken,
          'run-key': 'check/__self/null/0',
          ...options.inputs,
        },
        env: {
          GITHUB_EVENT_NAME: 'pull_request',
          GITHUB_EVENT_PATH: path,
          GITHUB_WORKFLOW_REF: 'octo-org/orders/.github/workflows/orders.yml@refs/pull/7/merge',
          ...options.env,
        },
      });
    },
    bodies: () => play.fabric.comments.of(7).map(({ body }) => body),
  };
}

function asksGitHub({ host, path }: RequestLine): boolean {
  return host === 'issuer' && /\/issues\/|graphql$/.test(path);
}

const writes = (play: Stage): string[] =>
  play.fabric.requests
    .filter((entry) => asksGitHub(entry) && entry.path.includes('/issues/'))
    .map(({ method }) => method)
    .filter((method) => method !== 'GET');

describe('on-failure', () => {
  test('red makes one comment, and green turns it into a short green line', async () => {
    const { script, step, bodies } = await scene();
    const red = step();
    await expect(red.run()).resolves.toBe(false);
    expect(bodies()).toHaveLength(1);
    expect(bodies()[0]).toContain('### ❌ Spark batches of `orders`: 1 of 1 not green');
    expect(bodies()[0]).toContain('`BATCH_FAILED` · `ValueError` |');
    expect(bodies()[0]).toContain('`check` · `Files/jobs/main.py`');
    expect(red.runner.warnings).toEqual([]);
    script.now = good;
    const next = { GITHUB_RUN_ID: '9000000002' };
    await expect(step({ env: next, sha: `f00${sha.slice(3)}` }).run()).resolves.toBe(true);
    expect(bodies()).toHaveLength(1);
    expect(bodies()[0]).toContain('✅ Spark batches pass again (commit f001234)');
    expect(bodies()[0]).not.toContain('|');
  });

  test('says nothing of the job that the masker of the runner would have to hide', async () => {
    const { script, step, bodies } = await scene();
    const raised = 'OperationalError: login failed for hunter2';
    script.now = raises(raised);
    const red = step({ inputs: { args: '--password\nhunter2' } });
    await expect(red.run()).resolves.toBe(false);
    expect(red.runner.story).toContain(raised);
    expect(bodies()[0]).toContain('`OperationalError`');
    expect(bodies().join()).not.toContain('hunter2');
  });

  test('a call that did not report for the newest commit is not said to pass', async () => {
    const { script, step, bodies } = await scene();
    const call = (name: string, run: string): Promise<boolean> =>
      step({ inputs: { 'run-key': name }, env: { GITHUB_RUN_ID: run } }).run();
    await call('a', '9000000001');
    script.now = good;
    await call('b', '9000000001');
    await call('a', '9000000002');
    expect(bodies()[0]).toContain('1 of 2 pass, 1 of an earlier run');
    expect(bodies()[0]).not.toMatch(/pass again|### ✅/);
    await call('b', '9000000002');
    expect(bodies()[0]).toContain('✅ Spark batches pass again');
  });

  test('green leaves a pull request without a comment alone', async () => {
    const { play, script, step, bodies } = await scene();
    script.now = good;
    await step().run();
    expect(bodies()).toEqual([]);
    expect(writes(play)).toEqual([]);
  });

  test('three legs at once and a second push: one comment, one row a leg', async () => {
    const { script, step, bodies } = await scene();
    const legs = (run: string): Promise<boolean[]> =>
      Promise.all(
        ['ch', 'de', 'se'].map((country) =>
          step({
            env: { GITHUB_RUN_ID: run },
            inputs: { 'run-key': `check/__self/${JSON.stringify({ country })}/0` },
          }).run(),
        ),
      );
    await legs('9000000001');
    expect(bodies()).toHaveLength(1);
    for (const country of ['ch', 'de', 'se'])
      expect(bodies()[0]).toContain(`\`check (${country})\``);
    script.now = good;
    await legs('9000000002');
    expect(bodies()).toHaveLength(1);
    expect(bodies()[0]).toContain('✅ Spark batches pass again');
    expect(readState(bodies()[0] ?? '')?.rows.map(({ run }) => run)).toEqual([
      '9000000002',
      '9000000002',
      '9000000002',
    ]);
  });
});

test('never asks nothing of GitHub', async () => {
  const { play, step } = await scene();
  await step({ inputs: { comment: 'never' } }).run();
  expect(play.fabric.requests.filter(asksGitHub)).toEqual([]);
});

test('always has a table also where all is green', async () => {
  const { script, step, bodies } = await scene();
  script.now = good;
  await step({ inputs: { comment: 'always' } }).run();
  expect(bodies()[0]).toContain('### ✅ Spark batches of `orders` pass');
});

describe('whose comment it is', () => {
  test('one with our mark by someone else is neither changed nor believed', async () => {
    const { play, step, bodies } = await scene();
    await step().run();
    const forged = (bodies()[0] ?? '').replaceAll('"check"', '"forged"');
    play.fabric.comments.remove(1);
    play.fabric.comments.add(7, person, forged);
    await step({ env: { GITHUB_RUN_ID: '9000000002' } }).run();
    expect(bodies()).toHaveLength(2);
    expect(bodies()[0]).toBe(forged);
    expect(bodies()[1]).not.toContain('forged');
  });

  test('that of another token is not ours; that of the same app is', async () => {
    const token = 'ghs_of_an_app_0123456789';
    const { play, step } = await scene({ identities: { [token]: app } });
    await step().run();
    for (const run of ['9000000002', '9000000003'])
      await step({ inputs: { 'github-token': token }, env: { GITHUB_RUN_ID: run } }).run();
    expect(play.fabric.comments.of(7).map(({ author }) => author.login)).toEqual([
      actionsBot.login,
      app.login,
    ]);
  });

  test('behind many comments of others it is found, and links to other hosts are not followed', async () => {
    const { play, step, bodies } = await scene();
    for (let number = 0; number < 150; number += 1)
      play.fabric.comments.add(7, person, `comment ${number}`);
    await step().run();
    await step({ env: { GITHUB_RUN_ID: '9000000002' } }).run();
    expect(bodies()).toHaveLength(151);
    play.fabric.faults.add({
      when: (line) => asksGitHub(line) && line.method === 'GET',
      fault: {
        kind: 'answer',
        status: 200,
        headers: { link: '<https://evil.example/next>; rel="next"' },
        body: '[]',
      },
    });
    const third = step({ env: { GITHUB_RUN_ID: '9000000003' } });
    await expect(third.run()).resolves.toBe(false);
    expect(third.runner.warnings.join()).toContain('another host');
    expect(third.sent.filter(({ url }) => url.includes('evil'))).toEqual([]);
  });

  test('two workflows have two', async () => {
    const { step, bodies } = await scene();
    await step().run();
    const other = 'octo-org/orders/.github/workflows/other.yml@refs/pull/7/merge';
    await step({ env: { GITHUB_WORKFLOW_REF: other } }).run();
    expect(bodies()).toHaveLength(2);
  });
});

describe('a token that may not write', () => {
  const readOnly = { ...actionsBot, pullRequests: 'read' } as const;

  test('of a fork: a notice that says so, and the verdict stands', async () => {
    const { script, step, bodies } = await scene({ identity: readOnly });
    script.now = good;
    const fork = step({
      event: pullRequest('mallory/orders'),
      inputs: { comment: 'always' },
    });
    await expect(fork.run()).resolves.toBe(true);
    expect(fork.runner.warnings).toEqual([]);
    expect(fork.runner.lines.filter((line) => line.includes('No comment'))).toEqual([
      expect.stringMatching(/fork.*403: Resource not accessible by integration.*summary/),
    ]);
    expect(bodies()).toEqual([]);
  });

  test('of Dependabot: a notice; of the repository itself: a warning. Both name the permission', async () => {
    const { step } = await scene({ identity: readOnly });
    const bot = step({ env: { GITHUB_ACTOR: 'dependabot[bot]' } });
    await bot.run();
    expect(bot.runner.warnings).toEqual([]);
    expect(bot.runner.story).toMatch(/Dependabot.*pull-requests: write/);
    const own = step();
    await expect(own.run()).resolves.toBe(false);
    expect(own.runner.warnings).toEqual([expect.stringContaining('pull-requests: write')]);
    expect(own.runner.errors).toHaveLength(1);
  });

  test('nor see the pull request (404), or is unknown (401): a warning with the permission', async () => {
    const blind = await scene({ identity: { ...actionsBot, pullRequests: 'none' } });
    const one = blind.step();
    await one.run();
    expect(one.runner.warnings).toEqual([expect.stringMatching(/404.*pull-requests: write/)]);
    const other = blind.step({ inputs: { 'github-token': 'ghs_another_0123456789' } });
    await other.run();
    expect(other.runner.warnings).toEqual([expect.stringContaining('401')]);
  });
});

describe('a fault of GitHub is a warning, never the verdict', () => {
  test.each([
    [410, 'This issue was deleted'],
    [422, 'Validation Failed'],
    [500, 'Server Error'],
  ])('%i to the last', async (status, message) => {
    const { play, script, step } = await scene();
    script.now = good;
    const body = JSON.stringify({ message });
    play.fabric.faults.add({ when: asksGitHub, fault: { kind: 'answer', status, body } });
    const before = play.time.now();
    const one = step({ inputs: { comment: 'always' } });
    await expect(one.run()).resolves.toBe(true);
    expect(one.runner.outputs['result']).toBe('Succeeded');
    expect(one.runner.warnings).toEqual([expect.stringContaining(`${status}: ${message}`)]);
    expect(play.time.now() - before).toBeLessThan(70_000);
  });

  test('502 for a while, a lost reply and a connection that ends: the row is there, once', async () => {
    const { play, step, bodies } = await scene();
    const faults = [
      { kind: 'answer', status: 502 },
      { kind: 'reset', moment: 'after' },
      { kind: 'reset', moment: 'before' },
    ] as const;
    for (const fault of faults)
      play.fabric.faults.add({
        when: (line) => asksGitHub(line) && line.method === 'POST',
        times: 1,
        fault,
      });
    const one = step();
    await one.run();
    expect(one.runner.warnings).toEqual([]);
    expect(bodies()).toHaveLength(1);
  });

  test('a secondary limit is waited for where that is short, and not where it is long', async () => {
    const { play, step, bodies } = await scene();
    const limit = (seconds: number): void => {
      play.fabric.faults.add({
        when: asksGitHub,
        times: 1,
        fault: {
          kind: 'answer',
          status: 403,
          headers: { 'retry-after': String(seconds) },
          body: '{"message":"You have exceeded a secondary rate limit."}',
        },
      });
    };
    limit(5);
    await step().run();
    expect(bodies()).toHaveLength(1);
    limit(600);
    const late = step({ env: { GITHUB_RUN_ID: '9000000002' } });
    await late.run();
    expect(late.runner.warnings).toEqual([expect.stringContaining('secondary rate limit')]);
  });

  test('data that a person broke: a notice, and it starts anew', async () => {
    const { play, step, bodies } = await scene();
    await step().run();
    play.fabric.comments.edit(1, (bodies()[0] ?? '').replace('"v":1', '"v":'));
    const next = step({ env: { GITHUB_RUN_ID: '9000000002' } });
    await next.run();
    expect(next.runner.story).toContain('starts anew');
    expect(bodies()).toHaveLength(1);
    expect(readState(bodies()[0] ?? '')?.rows).toHaveLength(1);
  });
});

test('after a signal nothing is written', async () => {
  const { play, script, step, bodies } = await scene();
  script.now = { steps: [{ at: 0, phase: 'running' }] };
  const one = step({ inputs: { comment: 'always' } });
  play.afterSubmit(60_000, () => one.interrupt.raise('SIGINT'));
  await expect(one.run()).resolves.toBe(false);
  expect(one.runner.outputs['result']).toBe('Cancelled');
  expect(play.fabric.requests.filter(asksGitHub)).toEqual([]);
  expect(bodies()).toEqual([]);
});

test('a signal while the comment is written ends it at once', async () => {
  const { play, step } = await scene();
  const one = step();
  play.once(
    (line) => asksGitHub(line) && line.method === 'POST',
    () => one.interrupt.raise('SIGTERM'),
  );
  await expect(one.run()).resolves.toBe(false);
  expect(one.runner.outputs['result']).toBe('Failed');
  expect(one.runner.warnings).toEqual([]);
});

test('a run without a pull request says so, and nothing else', async () => {
  const { play, step } = await scene();
  const one = step({ event: { ref: 'refs/heads/main' }, env: { GITHUB_EVENT_NAME: 'push' } });
  await one.run();
  expect(one.runner.story).toContain('No comment: the event push names no pull request.');
  expect(one.runner.warnings).toEqual([]);
  expect(play.fabric.requests.filter(asksGitHub)).toEqual([]);
});

test('the token is masked before it is used, goes to GitHub only, and stands nowhere', async () => {
  const { play, step, bodies } = await scene();
  const one = step();
  await one.run();
  await step({ env: { GITHUB_RUN_ID: '9000000002' } }).run();
  const { githubToken, hosts } = play.fabric;
  expect(one.runner.masks).toContain(githubToken);
  const elsewhere = one.sent.filter(({ url }) => !url.startsWith(hosts.issuer));
  expect(elsewhere.length).toBeGreaterThan(2);
  for (const request of elsewhere) expect(JSON.stringify(request)).not.toContain(githubToken);
  const toGitHub = one.sent.filter(({ url }) => url.startsWith(hosts.issuer));
  for (const request of toGitHub) expect(JSON.stringify(request)).not.toMatch(/eyJ/);
  expect([one.runner.story, ...bodies()].join()).not.toContain(githubToken);
});

test('GitHub Enterprise Server has its API and its GraphQL below a path', async () => {
  const { play, step, bodies } = await scene(enterpriseServer);
  await step().run();
  await step({ env: { GITHUB_RUN_ID: '9000000002' } }).run();
  expect(bodies()).toHaveLength(1);
  const paths = new Set(
    play.fabric.requests
      .filter(asksGitHub)
      .map(({ path }) => path.split('/').slice(0, 3).join('/')),
  );
  expect([...paths].sort()).toEqual(['/api/graphql', '/api/v3']);
});

test('a dry run, which runs no batch, writes none', async () => {
  const { play, step } = await scene();
  play.putInLakehouse('Files/jobs/main.py', 'print(1)\n');
  const one = step({ inputs: { comment: 'always', 'dry-run': 'true' } });
  await expect(one.run()).resolves.toBe(true);
  expect(one.runner.story).toContain('No comment: a dry run runs no batch.');
  expect(play.fabric.requests.filter(asksGitHub)).toEqual([]);
});

test('with wait: false, which waits for no end, it is an input error', async () => {
  const { step } = await scene();
  const one = step({ inputs: { wait: 'false' } });
  await expect(one.run()).resolves.toBe(false);
  expect(one.runner.onlyError.message).toContain(
    'comment tells of the end of a batch, and this step waits for none.',
  );
});

test.each(['cancel', 'sweep'])('it has no meaning for %s', async (operation) => {
  const { step } = await scene();
  const one = step({
    inputs: { operation, 'batch-id': operation === 'cancel' ? '1' : '' },
    without: ['file'],
  });
  await expect(one.run()).resolves.toBe(false);
  expect(one.runner.onlyError.message).toContain(`comment has no meaning for ${operation}`);
});

test('without a token it is an input error', async () => {
  const { step } = await scene();
  const one = step({ inputs: { 'github-token': '' } });
  await expect(one.run()).resolves.toBe(false);
  expect(one.runner.onlyError.message).toContain('github-token is required for comment');
});
