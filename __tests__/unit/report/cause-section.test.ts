import { describe, expect, test } from '@jest/globals';
import type { RootCause, RunFacts } from '../../../src/report/facts.ts';
import { causeSection } from '../../../src/report/summary/cause.ts';
import { run, stage } from './stage.ts';

const cause: RootCause = {
  title: '__main__.BadOrders: 1 of 4 rules does not hold',
  message: [
    '__main__.BadOrders: 1 of 4 rules does not hold',
    '  the amount is not negative:',
    '    order 1999: -5.00 USD',
  ],
  lines: ['Traceback (most recent call last):', '  File "job.py", line 7', 'a', 'b', 'c'],
  place: { file: 'jobs/check orders.py', line: 70 },
};
const red: RunFacts = {
  ...run,
  result: 'Failed',
  errorCode: 'BATCH_FAILED',
  message: `The job failed: ${cause.title}`,
  advice: 'Mend the rows.',
  requestId: '0f1e',
  sourceUrl: 'https://github.com/o/r/blob/abc/',
  rootCause: cause,
};

describe('why the step is red', () => {
  test('is the exception, its line, the rows of its message, what to do; the traceback is folded', () => {
    expect(causeSection(red)).toBe(`**\`__main__.BadOrders: 1 of 4 rules does not hold\`**${'  '}
Raised in [\`jobs/check orders.py\`, line 70](https://github.com/o/r/blob/abc/jobs/check%20orders.py#L70)

\`\`\`text
  the amount is not negative:
    order 1999: -5.00 USD
\`\`\`

**What to do:** Mend the rows.

Error code \`BATCH_FAILED\` · Request id \`0f1e\`

<details><summary>Traceback, 5 lines</summary>

\`\`\`text
Traceback (most recent call last):
  File "job.py", line 7
a
b
c
\`\`\`

</details>`);
  });

  test('is the message where the log names no exception', () => {
    expect(causeSection({ ...red, rootCause: undefined, message: 'Refused.\n  a\n  b' })).toMatch(
      /^`Refused\.`\n\n```text\n {2}a\n {2}b\n```\n\n\*\*What to do/,
    );
    const long = 'word '.repeat(100);
    expect(causeSection({ ...red, rootCause: undefined, message: long })).toMatch(/^```text\nword/);
  });

  test('is both where the message says something else', () => {
    const text = causeSection({ ...red, message: 'Fabric tells of success and of failure.' });
    expect(text).toMatch(/^`Fabric tells of success and of failure\.`\n\n\*\*`__main__\.BadOrders/);
  });

  test('tells what was at work when the time was up, and only then', () => {
    const stages = [stage(3, [50, undefined], { status: 'active', tasksDone: 5 })];
    const late = { ...red, result: 'TimedOut', rootCause: undefined, stages };
    expect(causeSection(late)).toContain('Last seen at work: stage 3');
    expect(causeSection({ ...red, stages })).not.toContain('Last seen');
  });

  test('is not told of a green step', () => {
    expect(causeSection({ ...red, errorCode: undefined })).toBe('');
  });
});
