import { describe, expect, test } from '@jest/globals';
import { reading, refusalOf, told } from './source.ts';

describe('requests-per-minute', () => {
  test.each([
    [{}, 120],
    [{ 'requests-per-minute': '' }, 120],
    [{ 'requests-per-minute': '30' }, 30],
    [{ 'job-total': '8' }, 15],
    [{ 'requests-per-minute': '100', 'job-total': '8' }, 12.5],
    [{ 'requests-per-minute': '30', 'job-total': '' }, 30],
  ])('%j: the budget of the identity, divided by its jobs', (inputs, budget) => {
    expect(reading(inputs).requestsPerMinute).toBe(budget);
  });

  test.each(['0', '-1', '1.5', 'many'])('%s is refused', (text) => {
    expect(told(refusalOf({ 'requests-per-minute': text }))).toContain('requests-per-minute');
  });
});
