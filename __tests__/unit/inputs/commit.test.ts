import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { checkedOutCommit, isOfOtherRepository } from '../../../src/inputs/commit.ts';

const sha = '3f786850e387550fdab836ed7e6dc881de23001b';
const head = '89e6c98d92887913cadf06b2adb97f26cde4849b';
const other = '2b66fd261ee5c6cfc8de7fa466bab600bcfe4f69';
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'commit-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function put(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

function commit(env: Readonly<Record<string, string>> = {}): string | undefined {
  const all: Record<string, string> = {
    GITHUB_EVENT_NAME: 'push',
    GITHUB_SHA: sha,
    GITHUB_WORKSPACE: folder,
    ...env,
  };
  return checkedOutCommit((name) => all[name] ?? '');
}

describe('the commit that is checked out', () => {
  test('is that of the run, as actions/checkout leaves it: detached, on a branch, in packed refs', () => {
    put('.git/HEAD', `${sha}\n`);
    expect(commit()).toBe(sha);
    put('.git/HEAD', 'ref: refs/heads/feature/a-b\n');
    put('.git/refs/heads/feature/a-b', `${sha}\n`);
    expect(commit()).toBe(sha);
    put('.git/HEAD', 'ref: refs/heads/main\n');
    put('.git/packed-refs', `# pack-refs\n${other} refs/heads/maintain\n${sha} refs/heads/main\n`);
    expect(commit()).toBe(sha);
  });

  test('is none of the run where another one is checked out', () => {
    put('.git/HEAD', `${other}\n`);
    expect(commit()).toBeUndefined();
    put('.git/HEAD', 'ref: refs/heads/main\n');
    put('.git/refs/heads/main', `${other}\n`);
    expect(commit()).toBeUndefined();
  });

  test('may be the head of the pull request, to which its check run belongs', () => {
    put('event.json', JSON.stringify({ pull_request: { head: { sha: head } } }));
    const env = {
      GITHUB_EVENT_NAME: 'pull_request',
      GITHUB_EVENT_PATH: join(folder, 'event.json'),
    };
    put('.git/HEAD', `${head}\n`);
    expect(commit(env)).toBe(head);
    expect(commit({ ...env, GITHUB_EVENT_NAME: 'push' })).toBeUndefined();
    put('.git/HEAD', `${sha}\n`);
    expect(commit(env)).toBe(sha);
    put('.git/HEAD', `${other}\n`);
    expect(commit(env)).toBeUndefined();
  });

  test('is taken to be that of the run where git does not tell: no .git, or refs of another format', () => {
    expect(commit()).toBe(sha);
    put('.git/HEAD', 'ref: refs/heads/.invalid\n');
    expect(commit()).toBe(sha);
    put('.git/HEAD', 'ref: ../../outside\n');
    expect(commit()).toBe(sha);
  });

  test.each(['pull_request_target', 'workflow_run', 'issue_comment', 'Issue_Comment'])(
    'is not known to be that of the run under %s',
    (event) => {
      put('.git/HEAD', `${sha}\n`);
      expect(commit({ GITHUB_EVENT_NAME: event })).toBeUndefined();
    },
  );
});

test('a file below another .git is of another repository', () => {
  put('.git/HEAD', `${sha}\n`);
  put('vendor/rules/.git', 'gitdir: ../../.git/modules/rules\n');
  put('tool/.git/HEAD', `${other}\n`);
  expect(isOfOtherRepository(folder, 'jobs/job.py')).toBe(false);
  expect(isOfOtherRepository(folder, 'job.py')).toBe(false);
  expect(isOfOtherRepository(folder, 'vendor/job.py')).toBe(false);
  expect(isOfOtherRepository(folder, 'vendor/rules/a/b.py')).toBe(true);
  expect(isOfOtherRepository(folder, 'tool/b.py')).toBe(true);
});
