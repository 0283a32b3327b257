import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { actionSteps, asWorkflow, snippets } from '../../../scripts/snippets.ts';

describe('the YAML of a page', () => {
  const page = [
    ...['# Page', '', '```yaml', 'a: 1', '```', '', '```sh', 'b: 2', '```'],
    ...['- item', '', '  ```yml', '  c:', '    d: 3', '  ```', ''],
  ].join('\n');

  test('is found with its line, without the indentation of a list', () => {
    expect(snippets(page)).toEqual([
      { line: 4, text: 'a: 1\n' },
      { line: 13, text: 'c:\n  d: 3\n' },
    ]);
  });

  test('has steps at any depth; what they are given is text', () => {
    const text =
      'jobs:\n  a:\n    steps:\n      - run: true\n      - id: x\n        uses: o/r@v1\n        with: { wait: false, n: 2 }\n';
    expect(actionSteps(text)).toEqual([
      { id: 'x', action: 'o/r', with: { wait: 'false', n: '2' } },
    ]);
  });
});

describe('a workflow around a snippet', () => {
  const around = (text: string): unknown => {
    const whole = asWorkflow({ line: 1, text });
    return whole === undefined ? undefined : parse(whole);
  };
  const inJob = (steps: unknown): unknown => ({
    on: 'push',
    jobs: { snippet: { 'runs-on': 'ubuntu-latest', steps } },
  });

  test('is there for steps, as a list or by their name', () => {
    expect(around('- uses: o/r@v1\n')).toEqual(inJob([{ uses: 'o/r@v1' }]));
    expect(around('steps:\n  - run: ls\n')).toEqual(inJob([{ run: 'ls' }]));
  });

  test('leaves a whole one as it is, and adds nothing that it lacks', () => {
    expect(around('on: push\njobs:\n  a:\n    steps: []\n')).toEqual({
      on: 'push',
      jobs: { a: { steps: [] } },
    });
  });

  test('adds a runner and a step where the snippet says that it leaves something out', () => {
    expect(around('jobs:\n  a:\n    # …\n    name: A\n')).toEqual({
      on: 'push',
      jobs: { a: { 'runs-on': 'ubuntu-latest', steps: [{ run: 'true' }], name: 'A' } },
    });
  });

  test.each(['env:\n  A: b\n', 'version: 2\nupdates: []\n'])('is none for %j', (text) => {
    expect(around(text)).toBeUndefined();
  });
});
