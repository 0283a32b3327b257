import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { RunFacts } from '../../../src/report/facts.ts';
import { summary, times } from '../../../src/report/summary.ts';
import { outsideCode } from './code-of.ts';

const start = Date.UTC(2026, 10, 2, 8, 0, 0);
const facts: RunFacts = {
  result: 'Failed',
  errorCode: 'BATCH_FAILED',
  message: 'The job failed: ValueError: 3 rows have no key.',
  advice: 'Look at the traceback.',
  batchName: 'owner/repo nightly 012345678901',
  batchId: '3f6c2f5e-7d1e-4f0e-9f57-0d9a4b4dbf11',
  applicationId: 'application_1_2',
  workspace: { name: 'my workspace', id: '11111111-2222-3333-4444-555555555555' },
  lakehouse: { name: 'lake', id: '66666666-7777-8888-9999-aaaaaaaaaaaa' },
  file: 'jobs/job.py',
  fileUri: 'abfss://w@onelake.dfs.fabric.microsoft.com/l/Files/.github/x/job.py',
  state: 'dead',
  submission: 'submitted',
  runUrl: 'https://app.fabric.microsoft.com/workloads/de-ds/sparkmonitor/l/b',
  acceptedAt: start,
  startingAt: start + 10_000,
  runningAt: start + 40_000,
  endedAt: start + 100_000,
  rootCause: {
    title: 'ValueError: 3 rows have no key',
    message: ['ValueError: 3 rows have no key'],
    lines: ['Traceback', 'ValueError: 3 rows'],
  },
  requests: 17,
};

describe('the job summary', () => {
  test.each([
    ['Succeeded', /succeeded/i],
    ['Failed', /failed/i],
    ['Cancelled', /cancelled/i],
    ['TimedOut', /timed out/i],
    ['NotStarted', /not started/i],
    ['Unknown', /unknown/i],
  ])('says %s in its first line', (result, words) => {
    const [first = ''] = summary({ ...facts, result })
      .trimStart()
      .split('\n');
    expect(first).toMatch(words);
    if (result !== 'Succeeded') expect(first).not.toMatch(/succeeded/i);
  });

  test('says why, what to do, and the ids', () => {
    const text = summary(facts);
    for (const part of [
      'BATCH_FAILED',
      '3 rows have no key',
      'Look at the traceback.',
      facts.batchId ?? '',
      'application_1_2',
      'my workspace',
      'lake',
      'jobs/job.py',
    ])
      expect(text).toContain(part);
    expect(text).toContain(`](${facts.runUrl ?? ''})`);
  });

  test('can be written when hardly anything is known', () => {
    const bare: RunFacts = {
      result: 'NotStarted',
      workspace: { name: '' },
      lakehouse: { name: '' },
      file: '',
      submission: 'none',
      requests: 0,
    };
    expect(summary(bare)).not.toMatch(/undefined|NaN|null/);
    expect(times(bare)).toEqual({});
  });

  test('of a green run speaks of no error', () => {
    const green = summary({
      ...facts,
      result: 'Succeeded',
      errorCode: undefined,
      message: undefined,
      advice: undefined,
      rootCause: undefined,
      state: 'success',
    });
    expect(green).not.toMatch(/error|fail/i);
  });
});

describe('its times', () => {
  test('are those of queue, start and run', () => {
    expect(times(facts)).toEqual({ queued: 10_000, starting: 30_000, running: 60_000 });
  });
});

describe('text from elsewhere', () => {
  const mark = '<QQ>[QQ](https://evil.example)![QQ](x)';
  const hostile = fc
    .array(
      fc.constantFrom(
        '`',
        '```',
        '````',
        '\n',
        '\n\n',
        '|',
        '\\',
        '~~~',
        '<img>',
        '# ',
        'a',
        '\r',
        ' ',
      ),
      { maxLength: 8 },
    )
    .map((parts) => `${parts.join('')}${mark}${parts.join('')}${mark}`);

  test('never stands in it as markup', () => {
    fc.assert(
      fc.property(
        hostile,
        fc.array(hostile, { maxLength: 4 }),
        fc.constantFrom('Failed', 'NotStarted', 'Unknown', 'Succeeded'),
        (text, lines, result) => {
          const outside = outsideCode(
            summary({
              ...facts,
              result,
              message: `The job failed: ${text}`,
              advice: `See ${text}`,
              requestId: text,
              batchName: text,
              batchId: text,
              applicationId: text,
              workspace: { name: text, id: text },
              lakehouse: { name: text, id: text },
              file: text,
              fileUri: text,
              state: text,
              runUrl: `https://app.fabric.microsoft.com/${text}`,
              logPath: text,
              errorCode: 'BATCH_FAILED',
              rootCause: { title: text, message: lines, lines },
            }),
          );
          expect(outside).not.toMatch(/(?<!\\)<QQ/);
          expect(outside).not.toMatch(/(?<!\\)<img/);
          expect(outside).not.toMatch(/(?<!\\)\[QQ(?<!\\)\]\(/);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test('is bounded: the summary stays far under 1 MiB', () => {
    const huge = 'x'.repeat(300_000);
    const text = summary({
      ...facts,
      message: huge,
      advice: huge,
      batchName: huge,
      state: huge,
      file: huge,
      fileUri: huge,
      workspace: { name: huge },
      lakehouse: { name: huge },
      rootCause: { title: huge, message: [huge], lines: Array.from({ length: 1_000 }, () => huge) },
    });
    expect(Buffer.byteLength(text)).toBeLessThan(512 * 1_024);
  });
});
