import { describe, expect, test } from '@jest/globals';
import { sessionRecord } from '../../../src/report/session.ts';

const served = {
  driverCores: 8,
  executorCores: 8,
  numExecutors: 2,
  isDynamicAllocationEnabled: false,
  runningDuration: { value: 30, timeUnit: 'Minutes' },
};

describe('the cost of a session', () => {
  test('is its cores over the time that it ran, and says so', () => {
    expect(sessionRecord(served)).toEqual({
      vCoreHours: 12,
      reckoned:
        '8 driver cores and 2 executors of 8 cores, over the 30 min that Fabric counts as running',
    });
  });

  test.each([
    ['Seconds', 7_200],
    ['Hours', 2],
    ['days', 1 / 12],
  ])('honours the unit %s', (timeUnit, value) => {
    expect(
      sessionRecord({ ...served, runningDuration: { value, timeUnit } }).vCoreHours,
    ).toBeCloseTo(48);
  });

  test('without executors it is that of the driver', () => {
    const alone = { ...served, numExecutors: 0, executorCores: undefined };
    expect(sessionRecord(alone).vCoreHours).toBe(4);
  });

  test.each([
    ['no cores of the driver', { driverCores: undefined }],
    ['no driver', { driverCores: 0 }],
    ['no number of executors', { numExecutors: null }],
    ['no cores of an executor', { executorCores: 'eight' }],
    ['half a core', { driverCores: 0.5 }],
    ['executors that come and go', { isDynamicAllocationEnabled: true }],
    ['no word of whether they do', { isDynamicAllocationEnabled: undefined }],
    ['no duration', { runningDuration: undefined }],
    ['no time', { runningDuration: { value: 0, timeUnit: 'Seconds' } }],
    ['an unknown unit', { runningDuration: { value: 3, timeUnit: 'Fortnights' } }],
    ['a duration without a unit', { runningDuration: { value: 3 } }],
  ])('is not told with %s', (_, more) => expect(sessionRecord({ ...served, ...more })).toEqual({}));

  test.each([[null], ['text'], [[served]]])('is not told by %j', (body) =>
    expect(sessionRecord(body)).toEqual({}),
  );
});
