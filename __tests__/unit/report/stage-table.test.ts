import { describe, expect, test } from '@jest/globals';
import { stageSection, unfinished } from '../../../src/report/stages/table.ts';
import { run, stage } from './stage.ts';

const plainSpaces = (text: string): string => text.replaceAll('\u00a0', ' ');
const section = (stages: Parameters<typeof unfinished>[0]): string =>
  plainSpaces(stageSection({ ...run, stages }));

describe('the table of stages', () => {
  test('names the slowest with what they moved; those that failed or go on stand first', () => {
    const text = section([
      stage(0, [41, 42.5], {
        name: 'csv at NativeMethodAccessorImpl.java:0',
        inputRows: 1,
        inputBytes: 65_536,
      }),
      stage(1, [43, 80], {
        name: 'join a|b at /mnt/jobs/job.py:7',
        inputRows: 38_412_907,
        inputBytes: 3_055_000_000,
        shuffleWriteBytes: 1_000,
      }),
      stage(2, [80, 90], {
        status: 'failed',
        attempt: 1,
        tasksDone: 7,
        tasksFailed: 4,
        shuffleReadBytes: 1_000,
        failure: 'Job aborted: Task 3 failed 4 times\nlost task',
      }),
      stage(3, [undefined, undefined], { status: 'skipped' }),
    ]);
    expect(text).toBe(`### Slowest stages

4 stages: 2 complete · 1 failed · 1 skipped (their result was there already)

| Stage | Time | Tasks | Input | Shuffle |
| :-- | --: | --: | --: | --: |
| ❌ 2 \`step2 at job.py:2\` | 10 s | 7 of 8, 4 failed | – | 1000 B read |
| 1 \`join a\\|b at job.py:7\` | 37 s | 8 | 38.4M rows, 2.8 GiB | 1000 B written |
| 0 \`csv\` | 1.5 s | 8 | 1 row, 64 KiB | – |

Stage 2, attempt 1, failed: \`Job aborted: Task 3 failed 4 times\``);
  });

  test('holds eight at most', () => {
    const text = section(Array.from({ length: 30 }, (_, id) => stage(id, [41, 42 + id])));
    const ids = [...text.matchAll(/^\| (\d+) /gm)].map(([, id]) => Number(id));
    expect(ids).toEqual([29, 28, 27, 26, 25, 24, 23, 22]);
    expect(text).toContain('30 stages: 30 complete');
  });

  test('is absent where no stage has times, or none is known', () => {
    expect(section([stage(0, [undefined, undefined], { status: 'pending' })])).toBe(
      '### Stages\n\n1 stage: 1 waiting',
    );
    expect(section([])).toBe('');
    expect(stageSection(run)).toBe('');
  });
});

test('what was at work when the step ended is told with how far it was', () => {
  const active = (id: number) => stage(id, [50, undefined], { status: 'active', tasksDone: id });
  expect(unfinished([stage(0, [41, 42]), active(3)])).toBe(
    'Last seen at work: stage 3 `step3 at job.py:3` (3 of 8 tasks done).',
  );
  expect(unfinished([1, 2, 3, 4, 5].map(active))).toMatch(/stage 1 .* stage 3 .* and 2 more\.$/);
  expect(unfinished([stage(0, [41, 42])])).toBe('');
});
