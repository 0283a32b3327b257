import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { goodBatch } from '../../local/engine/scripted.ts';
import { stage, type Stage, type StageOptions } from './stage.ts';

jest.setTimeout(30_000);

const folder = mkdtempSync(join(tmpdir(), 'untrusted-test-'));
let files = 0;

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The path of a new file with this text: an event payload. */
function payloadFile(text: string): string {
  const path = join(folder, `event-${files++}.json`);
  writeFileSync(path, text);
  return path;
}

async function triggered(
  event: string,
  payload: unknown,
  options: Partial<StageOptions> = {},
): Promise<Stage> {
  return stage({
    script: goodBatch('x\n'),
    ...options,
    env: {
      GITHUB_EVENT_NAME: event,
      GITHUB_EVENT_PATH: payloadFile(JSON.stringify(payload)),
      ...options.env,
    },
  });
}

async function expectRefused(step: Stage): Promise<void> {
  await expect(step.run()).resolves.toBe(false);
  expect(step.runner.outputs).toMatchObject({
    result: 'NotStarted',
    'error-code': 'UNTRUSTED_CODE',
    submission: 'none',
  });
  expect(step.fabric.connections).toEqual({ authority: 0, issuer: 0, fabric: 0, onelake: 0 });
  expect(step.sent).toEqual([]);
}

const headOf = (name: unknown): unknown => ({
  pull_request: { head: { repo: name === null ? null : { full_name: name } } },
});
const runOf = (name: unknown): unknown => ({
  workflow_run: { head_repository: name === null ? null : { full_name: name } },
});
const commentOn = (issue: object): unknown => ({ issue, comment: { body: '/test' } });
const onPullRequest = commentOn({
  number: 7,
  pull_request: { url: 'https://api.github.com/repos/octo-org/orders/pulls/7' },
});

const own = 'octo-org/orders';
const fork = 'stranger/orders';

const foreign: [string, string, unknown][] = [
  ["a fork's pull request", 'pull_request_target', headOf(fork)],
  ['a name that only begins like ours', 'pull_request_target', headOf(`${own}-2`)],
  ['a name that only ends like ours', 'pull_request_target', headOf(`x${own}`)],
  ['a deleted fork', 'pull_request_target', headOf(null)],
  ['a payload without a pull request', 'pull_request_target', {}],
  ['a name that is no text', 'pull_request_target', headOf([own])],
  ["a fork's workflow run", 'workflow_run', runOf(fork)],
  ['a deleted fork', 'workflow_run', runOf(null)],
  ['a payload without a run', 'workflow_run', { workflow_run: 'x' }],
  ['a comment on a pull request', 'issue_comment', onPullRequest],
  // The repository of the payload is that of the base, in every event.
  ['only the base is ours', 'pull_request_target', { repository: { full_name: own } }],
];

const trusted: [string, string, unknown][] = [
  ['our own pull request', 'pull_request_target', headOf(own)],
  ['our own one, in another case', 'pull_request_target', headOf('Octo-Org/ORDERS')],
  ['our own workflow run', 'workflow_run', runOf(own)],
  ['our own one, in another case', 'workflow_run', runOf('OCTO-org/Orders')],
  ['a comment on a plain issue', 'issue_comment', commentOn({ number: 8 })],
  ["a fork's pull request without secrets of ours", 'pull_request', headOf(fork)],
  ['a push', 'push', { ref: 'refs/heads/main' }],
  ['a schedule', 'schedule', {}],
  ['a call by hand', 'workflow_dispatch', {}],
];

describe('code of another repository', () => {
  test.each(foreign)('%s (%s) is refused before any connection', async (_, event, payload) => {
    await expectRefused(await triggered(event, payload));
  });

  test('is refused before an ID token is asked for', async () => {
    await expectRefused(await triggered('pull_request_target', headOf(fork), { identity: 'oidc' }));
  });

  test('the error says what failed, whose code it is, and what to do', async () => {
    const step = await triggered('pull_request_target', headOf(fork));
    await step.run();
    expect(step.error.title).toBe('Spark batch not started');
    expect(step.error.message).toContain('pull_request_target');
    expect(step.error.message).toContain(fork);
    expect(step.error.message).toContain('allow-untrusted');
  });

  test('the error of an unknown head does not speak of a repository that nobody named', async () => {
    const step = await triggered('issue_comment', onPullRequest);
    await step.run();
    expect(step.error.message).toContain('issue_comment');
    expect(step.error.message).toContain('allow-untrusted');
    expect(step.error.message).not.toMatch(/undefined|null|\bNaN\b/);
  });

  test('post has nothing to do', async () => {
    const step = await triggered('workflow_run', runOf(fork));
    await step.run();
    const post = await step.post();
    expect([...post.lines, ...post.warnings, ...post.errors]).toEqual([]);
    expect(step.sent).toEqual([]);
  });

  test.each(['false', 'FALSE', ''])('allow-untrusted: "%s" does not allow it', async (word) => {
    const inputs = { 'allow-untrusted': word };
    await expectRefused(await triggered('pull_request_target', headOf(fork), { inputs }));
  });

  test.each(foreign)('%s (%s) runs when it is allowed', async (_, event, payload) => {
    const step = await triggered(event, payload, { inputs: { 'allow-untrusted': 'true' } });
    await expect(step.run()).resolves.toBe(true);
    expect(step.fabric.batches).toHaveLength(1);
  });

  test('allow-untrusted: TRUE allows it', async () => {
    const inputs = { 'allow-untrusted': 'TRUE' };
    const step = await triggered('pull_request_target', headOf(fork), { inputs });
    await expect(step.run()).resolves.toBe(true);
  });
});

describe('a payload that cannot be read', () => {
  const unreadable: [string, string][] = [
    ['no such file', join(folder, 'none.json')],
    ['a folder', folder],
    ['no path', ''],
    ['no JSON', payloadFile('{"pull_request": {')],
    ['an empty file', payloadFile('')],
    ['null', payloadFile('null')],
    ['a list', payloadFile(JSON.stringify([headOf(own)]))],
  ];
  const events = ['pull_request_target', 'workflow_run', 'issue_comment'];

  test.each(unreadable.flatMap(([what, path]) => events.map((event) => [what, event, path])))(
    '%s (%s) counts as another repository',
    async (_, event = '', path = '') => {
      await expectRefused(await triggered(event, {}, { env: { GITHUB_EVENT_PATH: path } }));
    },
  );

  test('is no matter where the event does not ask for it', async () => {
    const step = await triggered('push', {}, { env: { GITHUB_EVENT_PATH: '' } });
    await expect(step.run()).resolves.toBe(true);
  });
});

describe('code of our own', () => {
  test.each(trusted)('%s (%s) runs', async (_, event, payload) => {
    const step = await triggered(event, payload);
    await expect(step.run()).resolves.toBe(true);
    expect(step.runner.outputs['result']).toBe('Succeeded');
  });

  test('runs whatever the case in which GitHub writes our name', async () => {
    const step = await triggered('pull_request_target', headOf(own), {
      env: { GITHUB_REPOSITORY: 'Octo-Org/Orders' },
    });
    await expect(step.run()).resolves.toBe(true);
  });

  test('is compared with the repository of this run, not with a fixed one', async () => {
    await expectRefused(
      await triggered('pull_request_target', headOf(own), {
        env: { GITHUB_REPOSITORY: 'octo-org/other' },
      }),
    );
  });
});

test('allow-untrusted takes true or false', async () => {
  const step = await triggered('push', {}, { inputs: { 'allow-untrusted': 'perhaps' } });
  await expect(step.run()).resolves.toBe(false);
  expect(step.runner.outputs['error-code']).toBe('INPUT_INVALID');
  expect(step.error.message).toContain('allow-untrusted');
  expect(step.fabric.requests).toEqual([]);
});
