import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { commentBody, isCommentOf } from '../../../src/report/comment.ts';
import {
  covers,
  merge,
  nothing,
  readState,
  stateOf,
  type CommentRow,
} from '../../../src/report/comment/rows.ts';
import { outsideCode } from './code-of.ts';
import { anyRow, commentRow, green } from './comment-row.ts';

const of = {
  id: 'f00d',
  workflow: 'data tests',
  runsUrl: 'https://github.com/octo-org/orders/actions/runs',
};

function bodyOf(...rows: CommentRow[]): string {
  return commentBody(rows.map(stateOf).reduce(merge, nothing), of);
}

/** What a reader sees: all but the two HTML comments. */
function visible(body: string): string {
  return body.replace(/<!-- fabric-spark-batch.*? -->/gs, '').trim();
}

describe('the comment', () => {
  test('is a table with the red rows first', () => {
    const rows = [
      commentRow({ call: 'a', name: 'load (ch)', ...green, ms: 130_000 }),
      commentRow({
        call: 'b',
        name: 'load (de)',
        tests: { total: 40, failed: 3, skipped: 1 },
        cause: 'jobs/check.py:12: ValueError: a bad row',
      }),
    ];
    expect(visible(bodyOf(...rows))).toBe(
      [
        '### ❌ Spark batches of `data tests`: 1 of 2 not green',
        '',
        '|  | Call | Result | Tests | Time | Run |',
        '|---|---|---|---|---|---|',
        '| ❌ | `load (de)` · `jobs/check.py` | `Failed` · `BATCH_FAILED` · `jobs/check.py:12: ValueError: a bad row` | 40 tests, 3 failed, 1 skipped |  | [batch](https://app.fabric.microsoft.com/run) · [workflow run](https://github.com/octo-org/orders/actions/runs/9000000001/attempts/1) |',
        '| ✅ | `load (ch)` · `jobs/check.py` | `Succeeded` |  | 2 min 10 s | [batch](https://app.fabric.microsoft.com/run) · [workflow run](https://github.com/octo-org/orders/actions/runs/9000000001/attempts/1) |',
      ].join('\n'),
    );
  });

  test('is one short green line once all pass again', () => {
    const rows = ['a', 'b'].map((call) => commentRow({ call, ...green }));
    expect(visible(bodyOf(...rows))).toBe(
      '✅ Spark batches pass again (commit abc1234): 2 calls reported',
    );
    expect(visible(bodyOf(commentRow({ ...green, sha: '' })))).toBe(
      '✅ Spark batches pass again: 1 call reported',
    );
  });

  test('says of no commit that it passes while a call told of an older one only', () => {
    const before = [
      commentRow({ call: 'a', run: '1', sha: 'dead123' }),
      commentRow({ call: 'b', run: '1', sha: 'dead123', ...green }),
    ];
    // b still runs, or was cancelled, killed, refused by its inputs: of these nothing is written.
    const after = commentRow({ call: 'a', run: '2', ...green });
    const body = visible(bodyOf(...before, after));
    expect(body).toContain(
      '### 🕒 Spark batches of `data tests`: 1 of 2 pass, 1 of an earlier run\n',
    );
    expect(body).not.toContain('pass again');
    expect(body.split('\n').filter((line) => line.includes('older commit dead123'))).toEqual([
      expect.stringContaining('attempts/1'),
    ]);
    const red = visible(bodyOf(...before, commentRow({ call: 'c', run: '2' })));
    expect(red).toContain('2 of 3 not green, 2 of an earlier run');
    const always = { ...green, always: true };
    const table = [
      commentRow({ call: 'a', run: '1', ...always }),
      commentRow({ call: 'b', run: '2', ...always }),
    ];
    expect(visible(bodyOf(...table))).not.toMatch(/^### ✅/);
    expect(visible(bodyOf(...table))).toContain('· earlier run |');
  });

  test('takes rows of an earlier attempt of the newest run for current', () => {
    const rows = [
      commentRow({ call: 'a', attempt: 1, ...green }),
      commentRow({ call: 'b', attempt: 1 }),
      commentRow({ call: 'b', attempt: 2, ...green }),
    ];
    expect(visible(bodyOf(...rows))).toBe(
      '✅ Spark batches pass again (commit abc1234): 2 calls reported',
    );
  });

  test('counts a skipped test as skipped, not as passed', () => {
    const tests = { total: 5, failed: 0, skipped: 5 };
    const all = visible(bodyOf(commentRow({ ...green, always: true, tests })));
    expect(all).toContain('| 5 tests, 5 skipped |');
    const some = { total: 5, failed: 0, skipped: 2 };
    const rest = visible(bodyOf(commentRow({ ...green, always: true, tests: some })));
    expect(rest).toContain('| 5 tests, 2 skipped, the others passed |');
  });

  test('stays a table while a call of an older commit is red, and where one call wants it always', () => {
    const older = commentRow({ call: 'a', run: '1', sha: 'dead123' });
    const body = visible(bodyOf(older, commentRow({ call: 'b', run: '2', ...green })));
    expect(body).toContain('1 of 2 not green');
    expect(body).toContain('older commit dead123');
    const always = [
      commentRow({ call: 'a', ...green, always: true }),
      commentRow({ call: 'b', ...green }),
    ];
    expect(visible(bodyOf(...always))).toContain('### ✅ Spark batches of `data tests` pass');
  });

  test('is known by its mark at the very start, of its workflow only', () => {
    const body = bodyOf(commentRow());
    expect(isCommentOf('f00d', body)).toBe(true);
    expect(isCommentOf('f00', body)).toBe(false);
    expect(isCommentOf('f00d', `> ${body}`)).toBe(false);
    expect(isCommentOf('f00d', `look:\n${body}`)).toBe(false);
  });

  test('holds text from elsewhere as code, on the line of its row', () => {
    const hostile = '`|\n\n# @octo-org <!-- --> [x](https://evil.example) <img src=x>';
    const body = visible(
      bodyOf(commentRow({ name: hostile, file: hostile, cause: hostile, code: hostile })),
    );
    const outside = outsideCode(body);
    expect(outside).not.toMatch(/@|evil|<img|<!--/);
    expect(body.split('\n')).toHaveLength(5);
  });

  test('links to https only', () => {
    for (const url of [
      'javascript:alert(1)',
      'http://evil.example/',
      'https://a/)|(',
      'https://a/ b',
    ])
      expect(visible(bodyOf(commentRow({ url })))).not.toContain('[batch]');
  });

  test('can be read back whole, and fits, whatever stands in it', () => {
    fc.assert(
      fc.property(fc.array(anyRow, { maxLength: 5 }), (rows) => {
        const state = rows.map(stateOf).reduce(merge, nothing);
        const body = commentBody(state, of);
        expect(isCommentOf('f00d', body)).toBe(true);
        expect(readState(body)).toEqual(state);
      }),
    );
  });

  test.each([100, 256, 300])('of a matrix of %i legs keeps every row', (legs) => {
    const rows = Array.from({ length: legs }, (_, index) =>
      commentRow({
        call: `call${index}00000000000`,
        cause: 'é'.repeat(200),
        name: `load (${index})`,
      }),
    );
    const body = bodyOf(...rows);
    expect(body.length).toBeLessThanOrEqual(60_000);
    expect(readState(body)?.rows).toHaveLength(legs);
    expect(covers(readState(body) ?? nothing, rows.map(stateOf).reduce(merge))).toBe(true);
  });

  test('that is too long for its rows keeps the red ones and says how many are left out', () => {
    const rows = Array.from({ length: 1_000 }, (_, index) =>
      commentRow({
        call: `call${index}`,
        name: '→'.repeat(80),
        ...(index === 999 ? {} : green),
      }),
    );
    const body = bodyOf(...rows);
    expect(body.length).toBeLessThanOrEqual(60_000);
    expect(readState(body)?.rows.map(({ call }) => call)).toContain('call999');
    expect(visible(body)).toContain('1 of 1000 not green');
    expect(visible(body)).toContain('990 more are not shown');
  });

  test('that is too long for its rows still counts those of an earlier run', () => {
    const rows = Array.from({ length: 1_000 }, (_, index) =>
      commentRow({
        ...{ call: `call${index}`, name: '→'.repeat(80), ...green },
        run: index === 500 ? '1' : '2',
      }),
    );
    const body = visible(bodyOf(...rows));
    expect(body).toContain('999 of 1000 pass, 1 of an earlier run');
    expect(body).toContain('[workflow run](https://github.com/octo-org/orders/actions/runs/1/');
  });
});
