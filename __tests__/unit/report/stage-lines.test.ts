import { describe, expect, test } from '@jest/globals';
import type { SparkStage } from '../../../src/report/facts.ts';
import { activeLine, endedLines } from '../../../src/report/stages/lines.ts';
import { stage as named } from './stage.ts';

/** A stage without a name and without times. */
const stage = (id: number, more: Partial<SparkStage> = {}): SparkStage =>
  named(id, [undefined, undefined], { name: '', ...more });

describe('stages that ended', () => {
  test('tell their tasks, their time, what they read and wrote, and their name', () => {
    const told = stage(7, {
      name: 'count at job.py:12',
      tasks: 800,
      submittedAt: 1_000,
      completedAt: 131_000,
      inputRows: 1_204_331,
      outputBytes: 35_000_000,
    });
    expect(endedLines([told])).toEqual([
      'Stage 7 ended: 800 tasks in 2 min 10 s, 1,204,331 rows read, 33.4 MiB written · count at job.py:12',
    ]);
  });

  test('leave out what is not known or nothing', () => {
    const told = [stage(1, { tasks: 1 }), stage(2, { attempt: 1, shuffleWriteBytes: 1 })];
    expect(endedLines(told)).toEqual([
      'Stage 1 ended: 1 task',
      'Stage 2 (attempt 2) ended: 8 tasks, 1 B shuffled',
    ]);
  });

  test('say what failed, with how far it came', () => {
    const told = stage(3, {
      status: 'failed',
      tasksDone: 5,
      tasksFailed: 4,
      submittedAt: 0,
      completedAt: 20_000,
      name: 'collect at job.py:3',
    });
    expect(endedLines([told])).toEqual([
      'Stage 3 failed after 20 s: 5 of 8 tasks done, 4 failed · collect at job.py:3',
    ]);
  });

  test('are one line when they are many: the sums, and the longest', () => {
    const many = Array.from({ length: 500 }, (_, index) =>
      stage(12 + index, {
        submittedAt: 0,
        completedAt: index === 32 ? 12_000 : 100,
        inputRows: 2,
        inputBytes: 1_000,
        name: index === 32 ? 'merge at job.py:9' : 'other',
      }),
    );
    expect(endedLines(many)).toEqual([
      '500 stages ended (12 to 511): 4,000 tasks, 1,000 rows (488 KiB) read; the longest, stage 44, took 12 s · merge at job.py:9',
    ]);
  });

  test('that failed are told one by one up to three', () => {
    const many = Array.from({ length: 9 }, (_, id) => stage(id, { status: 'failed' }));
    const lines = endedLines(many);
    expect(lines).toHaveLength(4);
    expect(lines[3]).toBe('6 more stages failed.');
  });

  test('are none where nothing ended', () => {
    expect(endedLines([stage(1, { status: 'active' }), stage(2, { status: 'skipped' })])).toEqual(
      [],
    );
  });
});

describe('stages at work', () => {
  test('tell how many tasks are done', () => {
    const active = stage(7, { status: 'active', tasks: 800, tasksDone: 412 });
    expect(activeLine([stage(6), active])).toBe('stage 7: 412 of 800 tasks');
  });

  test('are three at most, and no more tasks are done than there are', () => {
    const active = [1, 2, 3, 4, 5].map((id) => stage(id, { status: 'active', tasksDone: 9 }));
    expect(activeLine(active)).toBe(
      'stage 1: 8 of 8 tasks, stage 2: 8 of 8 tasks, stage 3: 8 of 8 tasks, 2 more',
    );
    expect(activeLine([stage(1)])).toBe('');
  });
});
