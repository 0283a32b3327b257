import { describe, expect, test } from '@jest/globals';
import { isLocalFabric, type Endpoints } from '../../../src/inputs/endpoints.ts';
import { verdictError } from '../../../src/job/verdict-error.ts';
import { fabricDialect } from '../../../src/livy/livy.ts';
import type { Verdict } from '../../../src/livy/verdict.ts';
import type { Finding } from '../../../src/report/root-cause.ts';

const failed: Verdict = { terminal: true, result: 'Failed', code: 'BATCH_FAILED' };
const finding: Finding = {
  cause: { title: 'ValueError: x', message: ['ValueError: x'], lines: [] },
  frames: [],
  proofs: [],
  sure: true,
};

describe('where a failed run can be looked at', () => {
  const advice = (found?: Finding, log?: string): string | undefined =>
    verdictError(failed, undefined, found, fabricDialect, undefined, log).advice;

  test('is Fabric', () => {
    expect(advice(finding)).toBe(
      'The log of the step shows what led to it, and Fabric shows the run.',
    );
    expect(advice()).toBe('Look at the log above; Fabric shows the run.');
  });

  test('is the log alone where no page shows the run', () => {
    expect(advice(finding, '/logs')).toBe(
      'The log of the step shows what led to it, and all of it is in /logs.',
    );
    expect(advice(undefined, '/logs')).toBe('Look at the log above; all of it is in /logs.');
  });

  test.each<[string, string | undefined, boolean]>([
    ['https://127.0.0.1:41234', undefined, true],
    ['https://localhost', undefined, true],
    ['https://api.fabric.microsoft.com', undefined, false],
    ['https://127.0.0.1:41234', 'http://127.0.0.1:8998', false],
  ])('%s, livy-url %s: local is %s', (fabric, livyUrl, local) => {
    const others = { onelake: '', authority: '', portal: '', fabricScope: '', onelakeScope: '' };
    const endpoints: Endpoints = { fabric, ...others };
    expect(isLocalFabric({ endpoints, livyUrl })).toBe(local);
  });
});
