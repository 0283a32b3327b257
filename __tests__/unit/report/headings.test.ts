import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { headingOf, results, words } from '../../../src/report/headings.ts';
import { summary } from '../../../src/report/summary.ts';

const codes = Object.keys(words);
const green = ['Succeeded', 'Submitted', 'Checked'];

test('has words for each code that docs/errors.md explains, and for no other', () => {
  const page = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
  const explained = [...page.matchAll(/^\|\s*`([A-Z_]+)`/gm)].map(([, code]) => code);
  expect(codes.toSorted()).toEqual([...new Set(explained)].toSorted());
});

describe.each(Object.keys(results))('%s', (result) => {
  test('has its own heading', () => {
    const { sign, text } = headingOf({ result });
    expect(sign).not.toBe('');
    expect(text).toMatch(/^(?:Spark batch|Checked)/);
    expect(text === 'Spark batch').toBe(false);
  });

  test.each(codes)('is told with %s as what it is', (errorCode) => {
    const { sign, text } = headingOf({ result, errorCode });
    if (!green.includes(result)) {
      expect({ sign, text }).toEqual(headingOf({ result }));
      return;
    }
    expect(sign).toBe('❌');
    expect(text).toBe(`${words[errorCode] ?? '?'}, ${text.split(', ').at(-1) ?? ''}`);
    expect(text).toMatch(/, (?:the Spark batch (?:succeeded|was submitted)|nothing submitted)$/);
  });
});

test('the summary begins with it', () => {
  const facts = {
    result: 'Succeeded',
    errorCode: 'RESULTS_INVALID',
    submission: 'submitted',
    workspace: { name: 'w' },
    lakehouse: { name: 'l' },
    file: 'job.py',
    requests: 1,
  } as const;
  const first = '## ❌ Test results not usable, the Spark batch succeeded';
  expect(summary(facts).split('\n')[0]).toBe(first);
});
