import { expect, test } from '@jest/globals';
import { exponent, median, quantile } from '../../../bench/measure/statistics.ts';

test.each([
  ['a constant', 0, () => 7],
  ['a straight line', 1, (work: number) => 3 * work],
  ['a square', 2, (work: number) => 0.5 * work ** 2],
])('%s grows with exponent %d', (_, wanted, cost) => {
  const points = [1, 2, 4, 8, 16].map((work) => ({ work, cost: cost(work) }));
  expect(exponent(points)).toBeCloseTo(wanted, 10);
});

test('a median is the middle, whatever the order', () => {
  expect(median([9, 1, 5])).toBe(5);
});

test('a quantile is one of the values', () => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(quantile(values, 0.95)).toBe(96);
  expect(quantile(values, 1)).toBe(100);
  expect(quantile([], 0.5)).toBeNaN();
});
