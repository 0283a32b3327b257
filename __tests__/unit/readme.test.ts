import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { cells, described, withTables } from '../../scripts/readme.ts';

const text = (name: string): string =>
  readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');
const readme = text('README.md');
const action = text('action.yml');

test('README.md has the inputs and outputs of action.yml, and their defaults (npm run readme)', () => {
  expect(readme).toBe(withTables(readme, action));
});

test('README.md gives the two commands as they are', () => {
  for (const command of ['npm ci && npm run demo', 'npm ci && npm test'])
    expect(readme).toContain(`\`\`\`sh\n${command}\n\`\`\``);
});

test('README.md shows error codes that docs/errors.md explains', () => {
  const codes = (page: string): string[] =>
    [...page.matchAll(/^\| `([A-Z_]+)` +\|/gm)].map((match) => match[1] ?? '');
  expect(codes(readme)).toHaveLength(5);
  expect(codes(text('docs/errors.md'))).toEqual(expect.arrayContaining(codes(readme)));
});

test('README.md lets pull requests sign in only as an application of their own, for a test workspace', () => {
  const shell = [...readme.matchAll(/^```sh\n(.*?)^```$/gms)]
    .map((match) => match[1] ?? '')
    .join('');
  const lines = shell.split('\n').filter((line) => line.includes('pull_request'));
  expect(lines).toEqual([
    'ws=analytics-test app=fabric-spark-batch-test variable=AZURE_TEST_CLIENT_ID runs=pull_request',
  ]);
  expect(shell.match(/^runs=.*$/gm)).toEqual(['runs=ref:refs/heads/main # which runs may sign in']);
});

describe('the tables', () => {
  const small = [
    'inputs:',
    '  # First group',
    '  one:',
    "    description: 'What it is: `a|b`. Required where it counts.'",
    '  two:',
    "    description: 'Another. Defaults to what was there.'",
    "    default: '${{ github.job }}'",
    '',
    '  # Second group',
    '  # More of it.',
    '  three:',
    "    description: 'The third.'",
    "    default: '3'",
    'outputs:',
    '  four:',
    "    description: 'The fourth.'",
  ].join('\n');
  const [inputs, outputs] = ['inputs', 'outputs'].map(
    (key) => `<!-- ${key} -->\nold\n<!-- end of ${key} -->`,
  );
  const page = `a\n${inputs ?? ''}\nb\n${outputs ?? ''}\nc`;

  test('have a row each, in groups, with what holds when it is not given', () => {
    const lines = withTables(page, small).split('\n');
    expect(lines.filter((line) => /^(\||\*\*)/.test(line))).toEqual([
      '**First group**',
      '| Input | Meaning | Default |',
      '| --- | --- | --- |',
      '| `one` | What it is: `a\\|b`. | required where it counts |',
      '| `two` | Another. | what was there |',
      '**Second group**',
      '| Input | Meaning | Default |',
      '| --- | --- | --- |',
      '| `three` | The third. | `3` |',
      '| Output | What it holds |',
      '| --- | --- |',
      '| `four` | The fourth. |',
    ]);
    expect([lines[0], lines.at(-1)]).toEqual(['a', 'c']);
    expect(lines).not.toContain('old');
  });

  test('of groups that few need are folded', () => {
    const lines = withTables(page, small.replace('Second group', 'In place of Fabric')).split('\n');
    const fold = lines.indexOf('<details><summary><b>In place of Fabric</b></summary>');
    expect(lines.slice(fold + 1, fold + 7)).toEqual([
      '',
      '| Input | Meaning | Default |',
      '| --- | --- | --- |',
      '| `three` | The third. | `3` |',
      '',
      '</details>',
    ]);
    expect(lines.filter((line) => line.includes('details'))).toHaveLength(2);
  });

  test('are the same when they are written again', () => {
    const once = withTables(page, small);
    expect(withTables(once, small)).toBe(once);
  });

  test('need their places', () => {
    expect(() => withTables('nothing', small)).toThrow('<!-- inputs -->');
    expect(() => withTables(`${page}\n${inputs ?? ''}`, small)).toThrow('<!-- inputs -->');
  });

  test('a literal default is shown whatever the description says', () => {
    const one = {
      name: 'x',
      heading: undefined,
      default: '5',
      description: 'It. Defaults to six.',
    };
    expect(cells(one)).toEqual({ meaning: 'It.', fallback: '`5`' });
  });

  test('of action.yml say of every input what holds when it is not given', () => {
    for (const input of described(action, 'inputs')) {
      const { meaning, fallback } = cells(input);
      expect([input.name, meaning === '', fallback === '']).toEqual([input.name, false, false]);
    }
  });
});
