import { afterAll, describe, expect, test } from '@jest/globals';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readActionFile, stepInputs } from '../../local/runner/action-file.ts';
import { evaluate } from '../../local/runner/expression.ts';
import { Folders } from './fixture-action.ts';

const folders = new Folders();
afterAll(() => folders.remove());

const root = fileURLToPath(new URL('../..', import.meta.url));

function action(yaml: string, entries = ['main.js']): string {
  const folder = folders.make();
  writeFileSync(join(folder, 'action.yml'), yaml);
  for (const entry of entries) {
    mkdirSync(dirname(join(folder, entry)), { recursive: true });
    writeFileSync(join(folder, entry), '');
  }
  return folder;
}

const runs = 'runs: {using: node24, main: main.js}';

describe('action.yml', () => {
  test('gives inputs, outputs and entries', () => {
    const folder = action(
      `name: A\ninputs:\n  one: {default: 5}\n  two: {default: false}\n  three:\noutputs: {o: {}}\n${runs}`,
    );
    expect(readActionFile(folder)).toEqual({
      name: 'A',
      inputs: [
        { name: 'one', default: '5' },
        { name: 'two', default: 'false' },
        { name: 'three', default: '' },
      ],
      outputs: ['o'],
      main: join(folder, 'main.js'),
      post: undefined,
    });
  });

  test.each([
    ['runs: {using: node26, main: main.js}', "'using: node26' is not supported"],
    ['runs: {using: docker, image: x}', "'using: docker' is not supported"],
    ['runs: {using: node24, main: other.js}', 'File not found'],
    ['runs: {using: node24, main: main.js, post: post.js}', 'File not found'],
    ['runs: {using: node24, main: main.js, pre: main.js}', "'pre' is left out"],
    ['runs: {using: node24, main: main.js, post-if: success()}', 'post-if'],
    ['inputs: [one]\n' + runs, 'a mapping was expected'],
    ['inputs: {one: {default: [1]}}\n' + runs, 'a scalar was expected'],
    ['name: A', 'a mapping was expected'],
  ])('%j is refused', (yaml, message) => {
    expect(() => readActionFile(action(yaml))).toThrow(message);
  });

  test('a folder without one is refused', () => {
    expect(() => readActionFile(folders.make())).toThrow("Can't find 'action.yml'");
  });

  test('every default of this project evaluates', () => {
    const folder = folders.make();
    copyFileSync(join(root, 'action.yml'), join(folder, 'action.yml'));
    for (const entry of ['dist/main/index.js', 'dist/post/index.js']) {
      mkdirSync(dirname(join(folder, entry)), { recursive: true });
      writeFileSync(join(folder, entry), '');
    }
    const { values, warnings } = stepInputs(
      readActionFile(folder),
      {},
      {
        github: { job: 'test', action: '__self', token: 't' },
        matrix: { python: '3.11' },
        strategy: { 'job-index': 1, 'job-total': 3 },
      },
    );
    expect(values.get('job-total')).toBe('3');
    expect(values.get('run-key')).toBe('test/__self/{\n  "python": "3.11"\n}/1');
    expect(values.get('outage-minutes')).toBe('30');
    expect(values.get('workspace')).toBe('');
    expect(warnings).toEqual([]);
  });
});

describe('inputs', () => {
  const yaml = `inputs:
  one: {default: first}
  old: {deprecationMessage: use one}
  expr: {default: '\${{ github.job }}'}
${runs}`;

  test('given ones win, even empty and in another case', () => {
    const { values, warnings } = stepInputs(
      readActionFile(action(yaml)),
      { ONE: '', old: 'x', stray: 'y' },
      { github: { job: 'j' } },
    );
    expect(Object.fromEntries(values)).toEqual({ ONE: '', old: 'x', stray: 'y', expr: 'j' });
    expect(warnings).toEqual([
      "Input 'old' has been deprecated with message: use one",
      "Unexpected input(s) 'stray', valid inputs are ['one', 'old', 'expr']",
    ]);
  });

  test('a default may not use vars, as in the runner', () => {
    const folder = action(`inputs: {one: {default: '\${{ vars.X }}'}}\n${runs}`);
    expect(() => stepInputs(readActionFile(folder), {}, { vars: { X: '1' } })).toThrow(
      "The default of input 'one': Unrecognized named-value: 'vars'",
    );
  });
});

describe('expressions', () => {
  const contexts = {
    github: { job: 'j', run: { id: 7 }, list: ['a'], on: true, none: null },
    matrix: null,
    vars: { X: '' },
  };

  test.each([
    ['plain } text {', 'plain } text {'],
    ['${{ github.job }}-${{GITHUB.Job}}', 'j-j'],
    ['${{ github.run.id }}${{ github.on }}${{ github.none }}', '7true'],
    ['${{ toJSON(matrix) }}', 'null'],
    ['${{ tojson( github.run ) }}', '{\n  "id": 7\n}'],
    ['${{ github.run }}${{ github.list }}', 'ObjectArray'],
    ['[${{ vars.X }}]', '[]'],
  ])('%s', (text, expected) => {
    expect(evaluate(text, contexts)).toBe(expected);
  });

  test.each([
    ['${{ secrets.X }}', "Unrecognized named-value: 'secrets'"],
    ['${{ github.missing }}', "has no 'missing'"],
    ['${{ matrix.python }}', "has no 'python'"],
    ["${{ github.job || 'x' }}", 'cannot evaluate'],
    ['${{ hashFiles(github.job) }}', 'cannot evaluate'],
    ["${{ github['job'] }}", 'cannot evaluate'],
    ['${{ }}', 'cannot evaluate'],
  ])('%s is an error, never empty', (text, message) => {
    expect(() => evaluate(text, contexts)).toThrow(message);
  });
});
