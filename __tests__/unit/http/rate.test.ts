import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Rate } from '../../../src/http/rate.ts';

const minute = 60_000;

/** Sends as fast as it may from one time on until another; gives when. */
function greedily(rate: Rate, from: number, until: number): number[] {
  const sent: number[] = [];
  for (let now = rate.freeAt(from); now < until; now = rate.freeAt(now)) {
    rate.take(now);
    sent.push(now);
    if (sent.length > 10_000) throw new Error('It may send without an end.');
  }
  return sent;
}

/** A rate of 120 a minute, of which 40 were used at once; then came a 429. */
function refusedOnce(): Rate {
  const rate = new Rate(120);
  for (let count = 0; count < 40; count += 1) rate.take(count);
  rate.refused(1_000);
  return rate;
}

describe('the budget', () => {
  test('holds in any minute, whenever requests are made', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 300 }),
        (budget, pauses) => {
          const rate = new Rate(budget);
          const sent: number[] = [];
          let now = 0;
          for (const pause of pauses) {
            now = rate.freeAt(now + pause);
            rate.take(now);
            sent.push(now);
          }
          for (const [index, at] of sent.entries()) {
            const before = sent[index - budget];
            if (before !== undefined) expect(at - before).toBeGreaterThanOrEqual(minute);
          }
        },
      ),
    );
  });

  test('is used whole, and at once where it was not used', () => {
    expect(greedily(new Rate(10), 0, minute)).toEqual(Array.from({ length: 10 }, () => 0));
    expect(greedily(new Rate(10), 0, 3 * minute)).toHaveLength(30);
  });

  test('below one a minute makes each request wait longer than a minute', () => {
    expect(greedily(new Rate(0.5), 0, 5 * minute)).toEqual([0, 2 * minute, 4 * minute]);
  });
});

describe('a 429', () => {
  test('halves what was sent in the last minute, not the budget', () => {
    expect(greedily(refusedOnce(), minute + 100, minute + 900)).toHaveLength(20);
  });

  test('of the same burst counts once, and a later one again', () => {
    const burst = refusedOnce();
    burst.refused(1_200);
    burst.refused(9_000);
    expect(greedily(burst, minute + 100, minute + 900)).toHaveLength(20);
    const again = refusedOnce();
    again.refused(15_000);
    expect(greedily(again, minute + 100, minute + 900)).toHaveLength(10);
  });

  test('is forgotten with calm: each minute of it doubles the rate, up to the budget', () => {
    const rate = refusedOnce();
    const minutes = [1, 2, 3, 4].map((number) => 1_000 + number * minute);
    expect(minutes.map((at) => greedily(rate, at, at + minute).length)).toEqual([40, 80, 120, 120]);
  });

  test('is not forgotten by time alone: another one starts the minute of calm anew', () => {
    const rate = refusedOnce();
    rate.refused(41_000);
    expect(greedily(rate, 61_500, 100_000)).toHaveLength(10);
  });

  test('again and again leaves one request a minute, no less', () => {
    const rate = new Rate(120);
    for (let number = 0; number < 20; number += 1) {
      rate.take(number * 20_000);
      rate.refused(number * 20_000);
    }
    expect(rate.freeAt(380_001)).toBe(440_000);
  });
});

describe('the room beside the ticks', () => {
  test('is what the budget leaves beside what went, or is planned, in a minute', () => {
    const rate = new Rate(20);
    expect(rate.room(0, 12)).toBe(8);
    for (let count = 0; count < 15; count += 1) rate.take(1_000);
    expect(rate.room(2_000, 12)).toBe(5);
    expect(rate.room(2_000, 30)).toBe(-10);
    expect(rate.room(1_000 + minute, 12)).toBe(8);
  });

  test('is none after a 429, until calm restores the rate', () => {
    const rate = refusedOnce();
    expect(rate.room(2_000, 36)).toBeLessThan(0);
    expect(rate.room(10 * minute, 36)).toBe(84);
  });
});
