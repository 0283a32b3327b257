import { describe, expect, test } from '@jest/globals';
import { failureCases, recordedLogs } from '../../../scripts/failures/cases.ts';
import { judgeLogs } from '../../../scripts/failures/judge.ts';

const cases = failureCases();

/** `npm run test:failures` prints the same as a table. */
describe('the cause and the line of real failures', () => {
  test('there are many', () => {
    expect(cases.length).toBeGreaterThanOrEqual(20);
  });

  test.each(cases.map((one) => [one.name, one] as const))('%s', (_, one) => {
    const logs = recordedLogs(one);
    expect(Object.keys(logs)).not.toEqual([]);
    const { found, causeHolds } = judgeLogs(one, logs);
    expect({ title: found?.title, place: found?.place ?? null }).toEqual({
      title: causeHolds ? found?.title : one.cause,
      place: one.place,
    });
  });
});
