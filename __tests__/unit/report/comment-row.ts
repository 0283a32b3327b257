import fc from 'fast-check';
import { boundedRow, type CommentRow } from '../../../src/report/comment/rows.ts';

/** A red row, unless it is said otherwise. */
export function commentRow(more: Partial<CommentRow> = {}): CommentRow {
  return {
    call: 'a1b2',
    name: 'data-tests (ch)',
    file: 'jobs/check.py',
    run: '9000000001',
    attempt: 1,
    sha: 'abc1234abc1234abc1234abc1234abc1234abc12',
    ok: false,
    always: false,
    result: 'Failed',
    code: 'BATCH_FAILED',
    cause: 'ValueError: a bad row',
    url: 'https://app.fabric.microsoft.com/run',
    at: 1_000,
    ...more,
  };
}

export const green: Partial<CommentRow> = { ok: true, result: 'Succeeded', code: '', cause: '' };

const count = fc.integer({ min: 0, max: 1_000_000 });
const text = fc.string({ unit: 'binary', maxLength: 250 });

/** Rows as they come out of a step, with texts of anything. */
export const anyRow: fc.Arbitrary<CommentRow> = fc
  .record({
    call: fc.constantFrom('a', 'b', 'c', 'd'),
    name: text,
    file: text,
    run: fc.constantFrom('7', '8', '9', '10', '11'),
    attempt: fc.integer({ min: 1, max: 3 }),
    sha: fc.constantFrom('', 'abc1234', 'f'.repeat(40)),
    ok: fc.boolean(),
    always: fc.boolean(),
    result: fc.constantFrom('Failed', 'Succeeded'),
    code: fc.constantFrom('', 'BATCH_FAILED'),
    cause: text,
    url: text,
    at: fc.integer({ min: 0, max: 5 }),
  })
  .chain((row) =>
    fc
      .record({
        tests: fc.option(fc.record({ total: count, failed: count, skipped: count }), {
          nil: undefined,
        }),
        ms: fc.option(count, { nil: undefined }),
      })
      .map(({ tests, ms }) =>
        boundedRow({
          ...row,
          ...(tests === undefined ? {} : { tests }),
          ...(ms === undefined ? {} : { ms }),
        }),
      ),
  );
