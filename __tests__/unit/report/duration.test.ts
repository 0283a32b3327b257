import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { duration, preciseDuration } from '../../../src/report/duration.ts';

describe('a duration', () => {
  test.each([
    [0, '0 s'],
    [45_000, '45 s'],
    [59_999, /^(59 s|1 min)/],
    [60_000, '1 min'],
    [130_000, '2 min 10 s'],
    [3_600_000, '1 h'],
    [(3 * 60 + 5) * 60_000, '3 h 5 min'],
    [26 * 3_600_000, /^(26 h|1 d)/],
  ])('of %i ms', (milliseconds, text) => {
    if (typeof text === 'string') expect(duration(milliseconds)).toBe(text);
    else expect(duration(milliseconds)).toMatch(text);
  });

  test('never says 60 of anything, and a longer one never reads shorter', () => {
    const seconds = (text: string): number =>
      [...text.matchAll(/(\d+) (d|h|min|s)/g)].reduce(
        (sum, [, count, unit]) =>
          sum + Number(count) * ({ d: 86_400, h: 3_600, min: 60, s: 1 }[unit ?? ''] ?? Number.NaN),
        0,
      );
    const time = fc.integer({ min: 0, max: 90_000_000 });
    fc.assert(
      fc.property(time, time, (a, b) => {
        const [shorter, longer] = a < b ? [a, b] : [b, a];
        expect(duration(a)).not.toMatch(/\b60 (s|min)/);
        expect(seconds(duration(shorter))).toBeLessThanOrEqual(seconds(duration(longer)));
        expect(Math.abs(seconds(duration(a)) * 1_000 - a)).toBeLessThanOrEqual(60_000);
      }),
    );
  });
});

test.each([
  [0, '0 s'],
  [40, '0 s'],
  [400, '0.4 s'],
  [9_949, '9.9 s'],
  [9_950, '10 s'],
  [67_000, '1 min 7 s'],
])('%i ms are precisely %s', (milliseconds, words) =>
  expect(preciseDuration(milliseconds)).toBe(words),
);
