import { describe, expect, test } from '@jest/globals';
import { placeLink, sourceUrl } from '../../../src/report/place-link.ts';

const sha = '3f786850e387550fdab836ed7e6dc881de23001b';
const env = {
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_REPOSITORY: 'octo-org/octo.repo',
};
const urlOf = (
  given: Record<string, string | undefined> = {},
  commit: string | undefined = sha,
): string | undefined => sourceUrl((name) => ({ ...env, ...given })[name], commit);

describe('where the code can be looked at', () => {
  test('is the commit of the run, also on a server of one’s own', () => {
    expect(urlOf()).toBe(`https://github.com/octo-org/octo.repo/blob/${sha}/`);
    expect(urlOf({ GITHUB_SERVER_URL: 'https://ghe.example:8443/' })).toBe(
      `https://ghe.example:8443/octo-org/octo.repo/blob/${sha}/`,
    );
  });

  test.each<Record<string, string | undefined>>([
    { GITHUB_REPOSITORY: 'a/b/c' },
    { GITHUB_REPOSITORY: '../x y/z' },
    { GITHUB_SERVER_URL: 'javascript:alert(1)' },
    { GITHUB_SERVER_URL: '' },
  ])('is not known with %j', (given) => expect(urlOf(given)).toBeUndefined());

  test('is not known without a commit', () => {
    expect(urlOf({}, '')).toBeUndefined();
    expect(urlOf({}, 'main')).toBeUndefined();
    expect(sourceUrl((name) => new Map(Object.entries(env)).get(name), undefined)).toBeUndefined();
  });
});

describe('a line of the checkout', () => {
  test('is a link that no name breaks', () => {
    expect(placeLink({ file: "jobs/a b (1)'*!#?é%.py", line: 7 }, 'https://h/o/r/blob/s/')).toBe(
      "[`jobs/a b (1)'*!#?é%.py`, line 7](https://h/o/r/blob/s/jobs/a%20b%20%281%29%27%2A%21%23%3F%C3%A9%25.py#L7)",
    );
    expect(placeLink({ file: 'a](x)`\ud800.py', line: 1 }, 'https://h/')).toMatch(
      /^\[``a\]\(x\)`.*\.py``, line 1\]\(https:\/\/h\/a%5D%28x%29%60%EF%BF%BD\.py#L1\)$/,
    );
  });

  test('is told without a link where the code is not known', () => {
    expect(placeLink({ file: 'a.py', line: 7 }, undefined)).toBe('`a.py`, line 7');
  });
});
