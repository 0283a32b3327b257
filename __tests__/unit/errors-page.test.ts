import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { results } from '../../src/report/headings.ts';
import { codes as playedBeside } from '../simulation/oracle/verdict.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const text = (...path: string[]): string => readFileSync(join(root, ...path), 'utf8');
const quoted = (cell: string): string[] =>
  [...cell.matchAll(/`(\w+)`/g)].map(([, word]) => word ?? '');

const union = /export type ErrorCode =([^;]*);/.exec(text('src', 'errors.ts'))?.[1] ?? '';
const codes = [...union.matchAll(/'([A-Z_]+)'/g)].map(([, code]) => code ?? '');
const rows = text('docs', 'errors.md')
  .split('\n')
  .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()))
  .filter(([, first = '']) => /^`[A-Z_]+`$/.test(first))
  .map(([, code = '', result = '', meaning = '', first = '', ...rest]) => ({
    ...{
      code: code.slice(1, -1),
      results: result === 'any' ? Object.keys(results) : quoted(result),
    },
    ...{ meaning, first, rest },
  }));

test('docs/errors.md explains each code of src/errors.ts once, and no other', () => {
  expect(codes.length).toBeGreaterThan(10);
  expect(rows.map(({ code }) => code).toSorted()).toEqual(codes.toSorted());
});

test('every code is used somewhere', () => {
  const sources = globSync('**/*.ts', { cwd: join(root, 'src') })
    .filter((path) => path !== 'errors.ts')
    .map((path) => text('src', path))
    .join('\n');
  for (const code of codes) expect(sources).toContain(`'${code}'`);
});

describe.each(rows)('$code', (row) => {
  test('has what it means and what to do first', () => {
    for (const cell of [row.meaning, row.first]) expect(cell).toMatch(/^\S.*[.?)]$/);
    expect(row.rest).toEqual(['']);
  });

  test('stands beside results that there are', () => {
    expect(row.results.length).toBeGreaterThan(0);
    expect(Object.keys(results)).toEqual(expect.arrayContaining(row.results));
  });

  test('stands beside the results that the simulation lets it stand beside', () => {
    const played = Object.keys(playedBeside).filter((result) =>
      playedBeside[result]?.includes(row.code),
    );
    expect(row.results).toEqual(expect.arrayContaining(played));
  });
});
