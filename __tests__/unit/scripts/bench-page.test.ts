import { describe, expect, test } from '@jest/globals';
import { cells, cellsOf, rowsOf, withFigures } from '../../../scripts/bench/page.ts';

const page = [
  '# Title',
  '<!-- bench:machine -->',
  'Measured on: an old one.',
  '<!-- /bench:machine -->',
  '<!-- bench:claims -->',
  '| Claim | Contract | Measured |     | Command               |',
  '| ----- | -------- | -------- | --- | --------------------- |',
  '| Old   | —        | 1        | —   | `node bench/chain.ts` |',
  '| Kept  | at most  | 2        | met | `node bench/fleet.ts` |',
  '<!-- /bench:claims -->',
  'Text between.',
  '<!-- bench:chain -->',
  'old drawing',
  '<!-- /bench:chain -->',
  'The end.',
].join('\n');
const found = [
  {
    name: 'chain',
    figures: {
      claims: [
        { claim: 'B first', measured: '7' },
        { claim: 'A second', contract: 'at most 3', measured: '4', met: false },
      ],
      detail: 'new drawing',
    },
  },
];

describe('figures in a page', () => {
  const text = withFigures(page, found, undefined);

  test('take the place of the rows of their benchmark, in their order', () => {
    expect(cellsOf(text, 'chain')).toEqual([
      ['B first', '—', '7', '—', '`node bench/chain.ts`'],
      ['A second', 'at most 3', '4', 'NOT met', '`node bench/chain.ts`'],
    ]);
  });

  test('leave rows of others, and all text outside of the marks', () => {
    expect(cellsOf(text, 'fleet')).toEqual([
      ['Kept', 'at most', '2', 'met', '`node bench/fleet.ts`'],
    ]);
    for (const kept of ['# Title', 'Text between.', 'The end.', 'Measured on: an old one.'])
      expect(text).toContain(kept);
  });

  test('bring what is told beside', () => {
    expect(text).toContain('new drawing');
    expect(text).not.toContain('old drawing');
  });

  test('name the machine where all were measured on it', () => {
    const whole = withFigures(page, found, 'a new one');
    expect(whole).toContain('Measured on: a new one.');
    expect(whole).not.toContain('an old one');
  });

  test('put in twice are the same', () => {
    expect(withFigures(text, found, undefined)).toBe(text);
  });

  test('need a table', () => {
    expect(() => withFigures('# Title', found, undefined)).toThrow('bench:claims');
  });

  test('are read as they were written', () => {
    const claim = { claim: 'One', measured: '2 s', met: true };
    expect(cells(rowsOf('news', [claim])[0] ?? '')).toEqual([
      'One',
      '—',
      '2 s',
      'met',
      '`node bench/news.ts`',
    ]);
  });
});
