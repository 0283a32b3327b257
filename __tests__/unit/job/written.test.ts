import { describe, expect, test } from '@jest/globals';
import { staleness } from '../../../src/job/written.ts';

const minute = 60_000;
const start = Date.UTC(2026, 10, 20, 10);
const path = 'Files/out.json';

describe('a file of a batch of an earlier step', () => {
  /** Fabric accepted it at `start`; the runner's clock is wrong by so much. */
  function fresh(modifiedAt: number, runnerAhead: number): boolean {
    const now = start + 20 * minute;
    // As it is taken down: never later than now by the runner's clock.
    const batch = { submittedAt: start, acceptedAt: Math.min(start, now + runnerAhead) };
    const written = { modifiedAt, ageMs: now - modifiedAt, heardAt: now + runnerAhead };
    return staleness(batch, path, written) === undefined;
  }

  test.each([0, -30 * minute, -24 * 60 * minute, 10 * minute, 24 * 60 * minute])(
    'counts from its acceptance on, when the runner is %i ms ahead',
    (ahead) => {
      expect(fresh(start - 9 * minute, ahead)).toBe(false);
      expect(fresh(start - 1_000, ahead)).toBe(false);
      expect(fresh(start, ahead)).toBe(true);
      expect(fresh(start + 5 * minute, ahead)).toBe(true);
    },
  );

  test('that is too old is told with both times', () => {
    const written = { modifiedAt: start - 9 * minute, ageMs: 29 * minute, heardAt: 0 };
    expect(staleness({ submittedAt: start, acceptedAt: 0 }, path, written)).toBe(
      'Files/out.json was written 29 min ago, 9 min before the batch was accepted: it is of an earlier run.',
    );
  });
});

describe('a file of a batch of this step', () => {
  const batch = { submittedAt: undefined, acceptedAt: start };

  test.each([0, -24 * 60 * minute, 24 * 60 * minute])(
    "counts by its age, when OneLake's clock is %i ms ahead",
    (ahead) => {
      const heardAt = start + 5 * minute;
      const fresh = (ageMs: number): boolean =>
        staleness(batch, path, { modifiedAt: heardAt + ahead - ageMs, ageMs, heardAt }) ===
        undefined;
      expect(fresh(4 * minute)).toBe(true);
      expect(fresh(5 * minute - 1_000)).toBe(true);
      expect(fresh(5 * minute)).toBe(false);
      expect(fresh(60 * minute)).toBe(false);
    },
  );

  test('does not count where OneLake does not tell', () => {
    expect(staleness(batch, path, undefined)).toMatch(/does not tell when Files\/out\.json/);
  });
});
