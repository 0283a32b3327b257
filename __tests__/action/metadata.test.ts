import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { readActionFile } from '../../local/runner/action-file.ts';
import { readInputs, type Inputs } from '../../src/inputs.ts';
import type { InputSource } from '../../src/inputs/reader.ts';
import { root } from './bench.ts';

const text = (...path: string[]): string => readFileSync(join(root, ...path), 'utf8');
const sorted = (names: Iterable<string>): string[] => [...new Set(names)].sort();
/** The first group of each match. */
const all = (source: string, pattern: RegExp): string[] =>
  [...source.matchAll(pattern)].map((match) => match[1] ?? '');

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const record = (value: unknown): Record<string, unknown> => (isRecord(value) ? value : {});
const scalar = (value: unknown): string => (typeof value === 'string' ? value : '');
const file = record(parse(text('action.yml')));
const inputs = record(file['inputs']);
const outputs = record(file['outputs']);
const action = readActionFile(root);

/** A source that notes what is asked for. */
class Noting implements InputSource {
  readonly asked = new Set<string>();
  readonly #given: Readonly<Record<string, string>>;

  constructor(given: Readonly<Record<string, string>> = {}) {
    this.#given = given;
  }

  input(name: string): string {
    this.asked.add(name);
    return this.#given[name] ?? '';
  }

  env(name: string): string | undefined {
    return name === 'ACTIONS_ID_TOKEN_REQUEST_URL' ? 'https://127.0.0.1/' : undefined;
  }
}

const required = {
  workspace: 'w',
  lakehouse: 'l',
  file: 'Files/job.py',
  'tenant-id': 'example.com',
  'client-id': 'b2c3d4e5-f6a7-4b8c-9d0e-1f2a3b4c5d65',
};

describe('action.yml', () => {
  test('runs on node24, with both entries in dist', () => {
    const runs = record(file['runs']);
    expect(runs).toEqual({
      using: 'node24',
      main: 'dist/main/index.js',
      post: 'dist/post/index.js',
    });
    for (const entry of [action.main, action.post ?? '']) expect(existsSync(entry)).toBe(true);
  });

  test('has a name, a description and a branding', () => {
    for (const key of ['name', 'description', 'author']) expect(file[key]).toBeTruthy();
    expect(record(file['branding'])).toEqual({ icon: 'zap', color: 'orange' });
  });

  test('declares exactly the inputs that the code reads', () => {
    const source = new Noting(required);
    readInputs(source);
    expect(sorted(Object.keys(inputs))).toEqual(sorted(source.asked));
  });

  test('has the defaults that the code has for an absent input', () => {
    const run = (given: Record<string, string>): Inputs => readInputs(new Noting(given));
    const declared = Object.fromEntries(
      action.inputs
        .filter((one) => !one.default.includes('${{'))
        .map((one) => [one.name, one.default]),
    );
    expect(run({ ...declared, ...required })).toEqual(run(required));
  });

  test('requires exactly what the code requires', () => {
    const marked = Object.entries(inputs).filter(([, body]) => record(body)['required'] === true);
    for (const [name] of marked) {
      const without = { ...required, [name]: '' };
      expect(() => readInputs(new Noting(without))).toThrow(`${name} is required`);
      expect(record(inputs[name])['default']).toBeUndefined();
    }
    // Fallbacks to the environment stand in for the ids of the sign-in, and livy-url for all of Fabric.
    expect(marked.map(([name]) => name)).toEqual([]);
    for (const name of Object.keys(required))
      expect(() => readInputs(new Noting({ ...required, [name]: '' }))).toThrow(
        `${name} is required`,
      );
  });

  test('declares exactly the outputs that are set', () => {
    const set = all(text('src', 'job', 'outcome.ts'), /#output\(\s*'([\w-]+)'/g);
    expect(sorted(Object.keys(outputs))).toEqual(sorted(set));
  });

  test.each([
    ['the action', file],
    ...Object.entries({ ...inputs, ...outputs }).map(
      ([name, body]) => [name, record(body)] as const,
    ),
  ])('describes %s in full sentences', (_name, body) => {
    const description = scalar(body['description']).trim();
    // Every sentence starts with a capital or a code word, and the last one ends.
    expect(description).toMatch(/^[A-Z`].*[^.]\.$/s);
    expect(description.length).toBeLessThan(400);
    for (const start of all(description, /[.?!] (\S)/g)) expect(start).toMatch(/[A-Z`]/);
  });

  test('names are in kebab-case, each once over case', () => {
    for (const names of [Object.keys(inputs), Object.keys(outputs)]) {
      for (const name of names) expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
    }
  });
});

describe('dist', () => {
  test.each([action.main, action.post ?? ''])('%s and its chunks are under 1.4 MB', (entry) => {
    const folder = dirname(entry);
    const scripts = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
      /\.[cm]?js$/.test(path),
    );
    const bytes = scripts.map((path) => statSync(join(folder, path)).size);
    expect(bytes.length).toBeGreaterThan(0);
    expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThan(1_400_000);
  });
});
