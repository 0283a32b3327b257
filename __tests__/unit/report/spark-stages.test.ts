import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { sparkStages } from '../../../src/report/stages.ts';

const whole = {
  status: 'COMPLETE',
  stageId: 7,
  attemptId: 1,
  numTasks: 800,
  numCompleteTasks: 798,
  numFailedTasks: 2,
  submissionTime: '2026-01-01T00:00:00.000GMT',
  completionTime: '2026-01-01T00:02:10.000GMT',
  inputRecords: 1_204_331,
  inputBytes: 9,
  outputRecords: 8,
  outputBytes: 7,
  shuffleReadBytes: 6,
  shuffleWriteBytes: 5,
  name: 'count at NativeMethodAccessorImpl.java:0',
};

describe('the list of stages', () => {
  test('reads each field that the summary tells of', () => {
    expect(sparkStages([whole])).toEqual([
      {
        id: 7,
        attempt: 1,
        name: 'count at NativeMethodAccessorImpl.java:0',
        status: 'complete',
        submittedAt: Date.UTC(2026, 0, 1),
        completedAt: Date.UTC(2026, 0, 1, 0, 2, 10),
        tasks: 800,
        tasksDone: 798,
        tasksFailed: 2,
        inputRows: 1_204_331,
        inputBytes: 9,
        outputRows: 8,
        outputBytes: 7,
        shuffleReadBytes: 6,
        shuffleWriteBytes: 5,
        failure: undefined,
      },
    ]);
  });

  test('is ordered by ids and attempts, whatever the service does', () => {
    const list = [
      { stageId: 10 },
      { stageId: 9, attemptId: 1 },
      { stageId: 9 },
      { name: 'no id' },
      null,
      7,
    ];
    expect(sparkStages(list)?.map(({ id, attempt }) => [id, attempt])).toEqual([
      [9, 0],
      [9, 1],
      [10, 0],
    ]);
  });

  test.each([
    ['ACTIVE', 'active'],
    ['Failed', 'failed'],
    ['SKIPPED', 'skipped'],
    ['HIBERNATING', 'pending'],
    [undefined, 'pending'],
    [17, 'pending'],
  ])('a status of %s reads as %s', (status, read) => {
    expect(sparkStages([{ stageId: 1, status }])?.[0]?.status).toBe(read);
  });

  test.each([
    ['2026-01-01T00:00:00.000GMT', Date.UTC(2026, 0, 1)],
    ['2026-01-01T00:00:00.000Z', Date.UTC(2026, 0, 1)],
    ['soon', undefined],
    [null, undefined],
  ])('a time of %s', (submissionTime, read) => {
    expect(sparkStages([{ stageId: 1, submissionTime }])?.[0]?.submittedAt).toBe(read);
  });

  test.each([[{ stages: [] }], ['<html>'], [undefined], [null]])('%j is no list', (list) => {
    expect(sparkStages(list)).toBeUndefined();
  });

  test('keeps the newest 1,000', () => {
    const list = Array.from({ length: 2_500 }, (_, stageId) => ({ stageId }));
    const read = sparkStages(list) ?? [];
    expect(read).toHaveLength(1_000);
    expect([read[0]?.id, read.at(-1)?.id]).toEqual([1_500, 2_499]);
  });

  test.each([
    ['count at /tmp/spark-1/userFiles-2/job.py:12', 'count at job.py:12'],
    [String.raw`count at C:\jobs\job.py:12`, 'count at job.py:12'],
    [
      'showString at NativeMethodAccessorImpl.java:0',
      'showString at NativeMethodAccessorImpl.java:0',
    ],
    ['two\u001b[31m \u202ewords\u0007', 'two [31m  words'],
  ])('the name %j shows as %j', (name, shown) => {
    expect(sparkStages([{ stageId: 1, name }])?.[0]?.name).toBe(shown);
  });

  test('what the job calls a stage comes before where it was called', () => {
    const named = { ...whole, description: 'load the orders' };
    expect(sparkStages([named])?.[0]?.name).toBe('load the orders');
  });

  test('what must not show does not, not even where a text is cut', () => {
    const hide = (text: string): string => text.replaceAll('s3cret', '***');
    const odd = {
      stageId: 1,
      name: `${'x'.repeat(157)}s3cret`,
      failureReason: 'with s3cret in it',
    };
    const [read] = sparkStages([odd], hide) ?? [];
    expect(JSON.stringify(read)).not.toContain('s3');
    expect(read?.failure).toBe('with *** in it');
  });

  test('any JSON at all gives stages that can be told of, or nothing', () => {
    const stage = fc.record(
      {
        stageId: fc.oneof(fc.nat(50), fc.jsonValue()),
        attemptId: fc.oneof(fc.nat(3), fc.jsonValue()),
        status: fc.oneof(fc.constantFrom('ACTIVE', 'COMPLETE', 'FAILED'), fc.jsonValue()),
        name: fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue()),
        numTasks: fc.oneof(fc.integer(), fc.jsonValue()),
        completionTime: fc.oneof(fc.string(), fc.jsonValue()),
        failureReason: fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue()),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(fc.array(stage), fc.jsonValue()), (list) => {
        for (const read of sparkStages(list) ?? []) {
          expect(read.name).not.toMatch(/(?!\n)\p{Cc}/u);
          expect(read.name.length).toBeLessThanOrEqual(161);
          expect(read.tasks).toBeGreaterThanOrEqual(0);
          expect(Number.isNaN(read.completedAt ?? 0)).toBe(false);
        }
      }),
      { seed: 7, numRuns: 100 },
    );
  });
});
