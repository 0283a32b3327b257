import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { pullRequestOf } from '../../../src/github/pull-request.ts';

const sha = 'abc1234abc1234abc1234abc1234abc1234abc12';
const of = (payload: unknown): unknown => pullRequestOf(payload, 'octo-org/orders');

test('pull_request, pull_request_target and reviews name it', () => {
  const pull_request = { number: 7, head: { sha, repo: { full_name: 'Octo-Org/orders' } } };
  expect(of({ pull_request })).toEqual({ number: 7, headSha: sha, fork: false });
});

test('of another repository, or of one that is gone, it is a fork', () => {
  for (const repo of [{ full_name: 'mallory/orders' }, null])
    expect(of({ pull_request: { number: 7, head: { sha, repo } } })).toMatchObject({ fork: true });
});

test('a comment names it where the issue is one', () => {
  expect(of({ issue: { number: 7, pull_request: { url: '' } } })).toMatchObject({ number: 7 });
  expect(of({ issue: { number: 7 } })).toBeUndefined();
});

test('workflow_run names it where it is the only one', () => {
  const run = (...numbers: number[]): unknown => ({
    workflow_run: { head_sha: sha, pull_requests: numbers.map((number) => ({ number })) },
  });
  expect(of(run(7))).toEqual({ number: 7, headSha: sha, fork: false });
  expect(of(run())).toBeUndefined();
  expect(of(run(7, 8))).toBeUndefined();
});

test('nothing else does, and no payload makes it throw', () => {
  for (const payload of [
    undefined,
    {},
    { ref: 'refs/heads/main' },
    { pull_request: { number: -1 } },
  ])
    expect(of(payload)).toBeUndefined();
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      of({ pull_request: value, issue: value, workflow_run: value });
    }),
  );
});

test('a head that is no commit is left out', () => {
  expect(of({ pull_request: { number: 7, head: { sha: '[x](y)' } } })).toMatchObject({
    headSha: undefined,
  });
});
