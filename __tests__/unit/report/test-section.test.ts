import { describe, expect, test } from '@jest/globals';
import type { TestFailure, TestResults } from '../../../src/report/facts.ts';
import { testSection, testTotals } from '../../../src/report/summary/tests.ts';
import { run } from './stage.ts';

const results = (given: Partial<TestResults>): TestResults => ({
  files: [],
  total: 20,
  failed: 0,
  skipped: 0,
  failures: [],
  ...given,
});

const failure = (given: Partial<TestFailure> = {}): TestFailure => ({
  name: 'test_amounts',
  suite: 'tests.test_orders',
  kind: 'failure',
  message: 'AssertionError: 2 rows',
  lines: [],
  ...given,
});

describe('the totals of tests', () => {
  test.each<[Partial<TestResults>, string]>([
    [{ failed: 2, skipped: 1, seconds: 12.4 }, '✅ 17 passed · ❌ 2 failed · ⏭️ 1 skipped in 12 s'],
    [{}, '✅ 20 passed'],
    [{ failed: 20, seconds: 0.25 }, '❌ 20 failed in 0.3 s'],
    [{ total: 0 }, 'no test ran'],
    [{ total: 1, failed: 3, seconds: Number.NaN }, '❌ 3 failed'],
  ])('%j: %s', (given, words) => expect(testTotals(results(given))).toBe(words));
});

describe('the tests in the summary', () => {
  test('are each named with place, message and what stands beside it', () => {
    const text = testSection({
      ...run,
      sourceUrl: 'https://github.com/o/r/blob/abc/',
      tests: results({
        files: ['Files/results/a.xml'],
        failed: 2,
        failures: [
          failure({
            lines: ['> assert x', 'E assert'],
            place: { file: 'tests/test_orders.py', line: 41 },
          }),
          failure({ name: 'test_b', suite: '', kind: 'error', message: '' }),
        ],
      }),
    });
    expect(text).toBe(`### Tests: ✅ 18 passed · ❌ 2 failed

❌ **\`test_amounts\`** · \`tests.test_orders\` · [\`tests/test_orders.py\`, line 41](https://github.com/o/r/blob/abc/tests/test_orders.py#L41)${'  '}
\`AssertionError: 2 rows\`

<details><summary>Details, 2 lines</summary>

\`\`\`text
> assert x
E assert
\`\`\`

</details>

❌ **\`test_b\`** (error)

Read from \`Files/results/a.xml\``);
  });

  test('are 50 failures at most; the rest is counted', () => {
    const failures = Array.from({ length: 60 }, () => failure());
    const text = testSection({ ...run, tests: results({ total: 300, failed: 211, failures }) });
    expect(text.match(/test_amounts/g)).toHaveLength(50);
    expect(text).toContain('… and 161 more');
  });

  test('stay within their bytes, however long each is', () => {
    const huge = '`é🚀'.repeat(100_000);
    const failures = Array.from({ length: 60 }, () =>
      failure({ name: huge, suite: huge, message: huge, lines: [huge] }),
    );
    const text = testSection({
      ...run,
      tests: results({ failed: 60, failures, files: [huge, huge, huge, huge] }),
    });
    expect(Buffer.byteLength(text)).toBeLessThan(220_000);
    const shown = text.match(/^❌ /gm)?.length ?? 0;
    expect(shown).toBeGreaterThan(5);
    expect(text).toContain(`… and ${60 - shown} more`);
    expect(text).toContain('and 1 more files');
  });

  test('are absent where none were read', () => expect(testSection(run)).toBe(''));
});
