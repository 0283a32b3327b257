import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readActionFile } from '../../local/runner/action-file.ts';
import { readStepInputs, type StepInputs } from '../../local/step/inputs.ts';
import { copySeed } from '../../local/step/seed.ts';
import { Checkout } from '../../src/inputs/checkout.ts';
import { root } from '../action/bench.ts';

let folder: string;
let checkout: Checkout;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'local-step-'));
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  write('outside.txt', 'outside');
  write('checkout/data/orders.csv', 'id\n1\n');
  write('checkout/data/deep/er/more.csv', 'id\n2\n');
  write('checkout/data/.git/config', 'secret');
  write('checkout/leak/a.csv', '');
  write('checkout/file.csv', '');
  mkdirSync(join(folder, 'checkout/empty'));
  symlinkSync(join(folder, 'outside.txt'), join(folder, 'checkout/leak/link.txt'));
  symlinkSync('data', join(folder, 'checkout/alias'));
  checkout = new Checkout(join(folder, 'checkout'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function read(given: Readonly<Record<string, string>> = {}): StepInputs {
  const source = { input: (name: string) => given[name] ?? '', env: () => undefined };
  return readStepInputs(source, checkout);
}

describe('the inputs of local Fabric as a step', () => {
  const action = readActionFile(join(root, 'local'));

  test('have the defaults of local/action.yml when they are not given', () => {
    const declared = Object.fromEntries(action.inputs.map((input) => [input.name, input.default]));
    expect(read(declared)).toEqual(read());
    expect(read()).toEqual({
      workspace: 'analytics',
      lakehouse: 'orders',
      environment: undefined,
      seed: { path: 'Files', files: [] },
      port: 0,
      capacity: 0,
    });
  });

  test('are read, every one', () => {
    const given = {
      workspace: 'Team A',
      lakehouse: 'lake',
      environment: 'tests',
      seed: 'file.csv',
      'seed-path': '/Tables/raw/',
      port: '4000',
      capacity: '2',
    };
    expect(Object.keys(given).sort()).toEqual(action.inputs.map(({ name }) => name).sort());
    expect(read({ ...given, seed: 'alias' })).toMatchObject({
      workspace: 'Team A',
      lakehouse: 'lake',
      environment: 'tests',
      seed: { path: 'Tables/raw' },
      port: 4000,
      capacity: 2,
    });
  });

  test('are told all at once when they are wrong', () => {
    const wrong = { workspace: 'a/b', 'seed-path': 'Other', port: '65533', capacity: 'two' };
    expect(() => read(wrong)).toThrow(
      [
        '4 inputs are not valid; local Fabric was not started.',
        '- seed-path must be Files, Tables, or a path below one of them, not "Other".',
        '- workspace must be a name of one line without slashes, not "a/b".',
        '- port must be a whole number from 0 to 65532, not "65533".',
        '- capacity must be a whole number from 0 to 1000, not "two".',
      ].join('\n'),
    );
  });

  test.each([
    ['nowhere', 'names no folder of the checkout'],
    ['file.csv', 'must be a folder, and is a file'],
    ['empty', 'names an empty folder'],
    ['..', 'leads out of the checkout'],
    ['leak', 'leads out of the checkout'],
    ['data/.git', 'must not lie in .git'],
    ['data\ndata', 'must be one folder'],
  ])('refuse the seed %j', (seed, why) => {
    expect(() => read({ seed })).toThrow(`seed ${why}`);
  });

  test.each(['Files/../..', 'Files/%2e%2e/x', 'Files//x', '../Files', ''.padEnd(3, '.')])(
    'refuse the seed-path %j',
    (path) => expect(() => read({ 'seed-path': path })).toThrow('- seed-path '),
  );
});

test('a seed is copied below its path, links followed, .git left out', () => {
  const lake = join(folder, 'lake');
  const { seed } = read({ seed: 'alias', 'seed-path': 'Files/raw' });
  expect(seed.files.map(({ name }) => name).sort()).toEqual(['deep/er/more.csv', 'orders.csv']);
  copySeed(seed, lake);
  const text = (path: string): string => readFileSync(join(lake, 'Files/raw', path), 'utf8');
  expect([text('orders.csv'), text('deep/er/more.csv')]).toEqual(['id\n1\n', 'id\n2\n']);
});

test('docs/local-fabric.md names every input, with its default, and every output', () => {
  const page = readFileSync(join(root, 'docs', 'local-fabric.md'), 'utf8');
  const action = readActionFile(join(root, 'local'));
  for (const { name, default: unset } of action.inputs) {
    const row = page.split('\n').find((line) => line.startsWith(`| \`${name}\` `)) ?? '';
    const shown = row.split('|').at(-2)?.trim();
    expect([name, shown]).toEqual([name, unset === '' ? 'none' : `\`${unset}\``]);
  }
  for (const name of action.outputs) expect(page).toContain(`\`${name}\``);
});
