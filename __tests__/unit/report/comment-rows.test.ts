import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  boundedRow,
  compareRuns,
  covers,
  hiddenState,
  merge,
  nothing,
  readState,
  stateOf,
  type CommentRow,
  type CommentState,
} from '../../../src/report/comment/rows.ts';
import { commentRow, anyRow, green } from './comment-row.ts';

const states: fc.Arbitrary<CommentState> = fc
  .array(anyRow, { maxLength: 6 })
  .map((rows) => rows.map(stateOf).reduce(merge, nothing));

const only = (state: CommentState): CommentRow | undefined => state.rows[0];

describe('what two comments know comes together', () => {
  test('in any order, any number of times', () => {
    fc.assert(
      fc.property(states, states, states, (a, b, c) => {
        expect(merge(a, b)).toEqual(merge(b, a));
        expect(merge(a, merge(b, c))).toEqual(merge(merge(a, b), c));
        expect(merge(a, a)).toEqual(a);
        expect(merge(merge(a, b), b)).toEqual(merge(a, b));
        expect(covers(merge(a, b), merge(b, a))).toBe(true);
      }),
    );
  });

  test('a newer run stands in place of an older one, and never the other way round', () => {
    const old = stateOf(commentRow({ run: '999', attempt: 3, at: 900 }));
    const late = stateOf(commentRow({ run: '1000', attempt: 1, at: 100 }));
    for (const both of [merge(old, late), merge(late, old)]) expect(only(both)?.run).toBe('1000');
    expect(covers(old, late)).toBe(false);
    expect(covers(late, old)).toBe(true);
  });

  test('so does a later attempt, and a later row of one attempt', () => {
    const rows = [
      commentRow({ attempt: 1, at: 900 }),
      commentRow({ attempt: 2, at: 100 }),
      commentRow({ attempt: 2, at: 200, result: 'Succeeded' }),
    ];
    expect(only(rows.map(stateOf).reduce(merge))?.result).toBe('Succeeded');
  });

  test('of one run and attempt red stays, where calls share a key', () => {
    const red = stateOf(commentRow({ at: 100 }));
    const later = stateOf(commentRow({ at: 900, ...green }));
    for (const both of [merge(red, later), merge(later, red)]) expect(only(both)?.ok).toBe(false);
    expect(covers(later, red)).toBe(false);
    expect(covers(red, later)).toBe(true);
    const again = stateOf(commentRow({ at: 50, attempt: 2, ...green }));
    expect(only(merge(red, again))?.ok).toBe(true);
  });

  test('a call that neither of the two newest runs renewed is gone', () => {
    const runs = ['7', '8', '9'].map((run) => commentRow({ call: `c${run}`, run }));
    const all = runs.map(stateOf).reduce(merge);
    expect(all.rows.map(({ call }) => call)).toEqual(['c8', 'c9']);
    expect(merge(all, stateOf(commentRow({ call: 'c7', run: '7' })))).toEqual(all);
  });

  test('run ids are numbers, however long', () => {
    expect(compareRuns('9', '10')).toBeLessThan(0);
    expect(compareRuns('18446744073709551615', '18446744073709551614')).toBeGreaterThan(0);
  });
});

describe('the state in the comment', () => {
  test('is read as it was written', () => {
    fc.assert(
      fc.property(states, (state) => {
        expect(readState(`### visible\n\n${hiddenState(state)}\n`)).toEqual(state);
      }),
    );
  });

  test('is one HTML comment in ASCII, whatever the data says', () => {
    fc.assert(
      fc.property(states, (state) => {
        const text = hiddenState(state);
        expect(text).toMatch(/^<!-- [\x20-\x7e]* -->$/);
        expect(text.slice(4, -3)).not.toMatch(/-->|--!>|<|>|@|#|`|--/);
      }),
    );
    const hostile = stateOf(commentRow({ cause: '--> <img src=x> @everyone #1 <!-- ` --!>' }));
    expect(hiddenState(hostile).indexOf('>')).toBe(hiddenState(hostile).length - 1);
    expect(readState(hiddenState(hostile))).toEqual(hostile);
  });

  test.each([
    ['no data', 'text'],
    ['broken JSON', '<!-- fabric-spark-batch-rows {"v":1,"rows":[ -->'],
    ['another version', '<!-- fabric-spark-batch-rows {"v":2,"rows":[]} -->'],
    ['a list', '<!-- fabric-spark-batch-rows [] -->'],
    ['an end that is cut', '<!-- fabric-spark-batch-rows {"v":1}'],
    ['text after it', '<!-- fabric-spark-batch-rows {"v":1} --> and more'],
  ])('that has %s cannot be read', (_, text) => {
    expect(readState(text)).toBeUndefined();
  });

  test('whose rows are none, or whose texts are too long, is read as far as it goes', () => {
    const good = { call: 'a', run: '9', try: 1, at: 5 };
    const rows = [
      good,
      { ...good, call: '../x' },
      { ...good, call: 'b', run: 'x' },
      { ...good, call: 'c', at: -1 },
      'text',
      null,
      {
        ...good,
        call: 'd',
        cause: 'x'.repeat(9_000),
        name: '\u001b[31ma\nb\u202e',
        sha: 'zz',
        tests: [1],
      },
    ];
    const text = `<!-- fabric-spark-batch-rows ${JSON.stringify({ v: 1, runs: [5, 'x'], rows })} -->`;
    const state = readState(text);
    expect(state?.rows.map(({ call }) => call)).toEqual(['a', 'd']);
    expect(state?.rows[1]).toMatchObject({ name: 'a b', sha: '' });
    expect(state?.rows[1]?.tests).toBeUndefined();
    expect(state?.rows[1]?.cause.length).toBeLessThan(300);
  });

  test('never makes the reader throw', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        readState(`<!-- fabric-spark-batch-rows ${json} -->`);
      }),
    );
  });
});

test('a bounded row stays as it is', () => {
  fc.assert(
    fc.property(anyRow, (row) => {
      expect(boundedRow(row)).toEqual(row);
    }),
  );
});
