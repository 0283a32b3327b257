import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { RunFacts } from '../../../src/report/facts.ts';
import { safeName, timeline } from '../../../src/report/summary/timeline.ts';
import { at, run, stage } from './stage.ts';

const lines = (facts: RunFacts): string[] => timeline(facts)?.diagram.split('\n') ?? [];
const tasks = (facts: RunFacts): string[] => lines(facts).filter((line) => line.includes(' :'));

describe('the time line', () => {
  test('shows queue, start, run and stages as a gantt that counts from acceptance', () => {
    const stages = [
      stage(0, [41, 41.4], { name: 'csv at NativeMethodAccessorImpl.java:0' }),
      stage(1, [42, 70], { name: 'count at /mnt/jobs/job.py:12', status: 'failed' }),
      stage(2, [70, undefined], { status: 'active', tasksDone: 3 }),
      stage(3, [undefined, undefined], { status: 'skipped' }),
      stage(4, [undefined, undefined], { status: 'pending' }),
    ];
    expect(timeline({ ...run, stages })).toEqual({
      left: 0,
      diagram: `gantt
  title Time since acceptance (min:s)
  dateFormat YYYY-MM-DD HH:mm:ss.SSS
  axisFormat %M:%S
  tickInterval 30second
  todayMarker off
  section Batch
  Queued · 10 s :done, 2000-01-01 00:00:00.000, 2000-01-01 00:00:10.000
  Starting · 30 s :done, 2000-01-01 00:00:10.000, 2000-01-01 00:00:40.000
  Running · 1 min :2000-01-01 00:00:40.000, 2000-01-01 00:01:40.000
  section Stages
  0 csv · 0.4 s :2000-01-01 00:00:41.000, 2000-01-01 00:00:41.667
  1 count line 12 · 28 s :crit, 2000-01-01 00:00:42.000, 2000-01-01 00:01:10.000
  2 step2 line 2 · 30 s :active, 2000-01-01 00:01:10.000, 2000-01-01 00:01:40.000`,
    });
  });

  test('shows what took no time, too', () => {
    const [queued = ''] = tasks({ ...run, startingAt: run.acceptedAt });
    expect(queued).toBe('  Queued · 0 s :done, 2000-01-01 00:00:00.000, 2000-01-01 00:00:00.667');
  });

  test('marks the phase in which the time ran out', () => {
    expect(tasks({ ...run, result: 'TimedOut' }).at(-1)).toContain(':crit, active, ');
    const starting = { ...run, result: 'TimedOut', runningAt: undefined };
    expect(tasks(starting).map((line) => line.includes('crit'))).toEqual([false, true]);
  });

  test.each<[string, Partial<RunFacts>]>([
    ['no time is known', { acceptedAt: undefined, startingAt: undefined, runningAt: undefined }],
    ['it was only queued', { startingAt: undefined, runningAt: undefined }],
    ['no time passed', { startingAt: at(0), runningAt: at(0), endedAt: at(0) }],
    ['it has not ended', { endedAt: undefined, startingAt: undefined, runningAt: undefined }],
    ['times make no sense', { endedAt: Number.NaN, runningAt: Number.NaN }],
    ['it took longer than anything takes', { endedAt: at(40 * 86_400) }],
  ])('is not drawn where %s', (_, given) => {
    expect(timeline({ ...run, ...given })).toBeUndefined();
  });

  test.each([
    [7, 'min:s', '%M:%S', '2second'],
    [214, 'min:s', '%M:%S', '1minute'],
    [3_600, 'h:min', '%H:%M', '10minute'],
    [9 * 3_600, 'h:min', '%H:%M', '2hour'],
    [4 * 86_400, 'h:min', 'day %-d %H:%M', '1day'],
    [29 * 86_400, 'h:min', 'day %-d %H:%M', '1week'],
  ])('has an axis that suits %i s', (seconds, title, axis, tick) => {
    const head = lines({ ...run, startingAt: at(1), runningAt: at(2), endedAt: at(seconds) });
    expect(head).toContain(`  title Time since acceptance (${title})`);
    expect(head).toContain(`  axisFormat ${axis}`);
    expect(head).toContain(`  tickInterval ${tick}`);
  });

  test('shows the 20 longest stages in their order, and those that failed or go on', () => {
    const stages = Array.from({ length: 60 }, (_, id) => stage(id, [40 + id / 2, 40.1 + id]));
    stages[0] = stage(0, [40, 40.1], { status: 'failed' });
    const drawn = timeline({ ...run, stages });
    const ids = tasks({ ...run, stages })
      .slice(3)
      .map((line) => Number(/^ {2}(\d+)/.exec(line)?.[1]));
    expect(ids).toEqual([0, ...Array.from({ length: 19 }, (_, n) => 41 + n)]);
    expect(drawn?.left).toBe(40);
  });

  test('moves the stages into the batch where the clocks differ', () => {
    const early = tasks({ ...run, stages: [stage(0, [-20, 10]), stage(1, [10, 20])] }).slice(3);
    expect(early[0]).toContain(':2000-01-01 00:00:00.000, 2000-01-01 00:00:30.000');
    expect(early[1]).toContain(':2000-01-01 00:00:30.000, 2000-01-01 00:00:40.000');
    const late = tasks({ ...run, stages: [stage(0, [100, 130])] }).slice(3);
    expect(late[0]).toContain(':2000-01-01 00:01:10.000, 2000-01-01 00:01:40.000');
    const never = tasks({ ...run, stages: [stage(0, [-1e12, 1e12])] }).slice(3);
    expect(never[0]).toContain(':2000-01-01 00:00:00.000, 2000-01-01 00:01:40.000');
  });

  test('draws an application of very many stages', () => {
    const stages = Array.from({ length: 200_000 }, (_, id) => stage(id, [41, 42]));
    expect(timeline({ ...run, stages })?.left).toBe(199_980);
  });
});

describe('a name in the diagram', () => {
  test.each([
    ['collect at job.py:51', 'collect line 51'],
    ['Listing leaf files for 3 paths:<br/>a, b', 'Listing leaf files for 3 paths br/ a…'],
    ['Größe 数量 à', 'Größe 数量 à'],
    ['a:b;c#d%%e"f`g[h]i{j}k<l>m&n$o\\p|q', 'a b c d e f g h i j k l m n o p q'],
    ['%%{init: {}}%%', 'init'],
    ['x\ny\r\nsection z\u2028w\u0000', 'x y section z w'],
    ['a --> b---c', 'a - b-c'],
    ['', ''],
  ])('of %j is %j', (name, safe) => expect(safeName(name)).toBe(safe));

  test('never breaks it, whatever stands in it', () => {
    const sign = fc.constantFrom(
      ...[':', ';', '#', '%%', '%%{', '}%%', '\n', '\r', '\u2028', '`', '```', '<b>', '"', '\\'],
      ...[
        'section ',
        'click ',
        'title ',
        '2024-01-01',
        ', ',
        'crit',
        ' :done',
        'a',
        '\u202e',
        '$$',
      ],
    );
    const name = fc.oneof(
      fc.string({ maxLength: 80 }),
      fc.array(sign, { maxLength: 30 }).map((signs) => signs.join('')),
    );
    const task =
      /^ {2}\d+ [\p{L}\p{N}\p{M} ._/()=,+…-]{0,37} · [\d.]+ (s|min|h)( \d+ (s|min))? :((crit|active), )?2000-01-\d\d [\d:.]{12}, 2000-01-\d\d [\d:.]{12}$/u;
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 5 }), (names) => {
        const stages = names.map((each, id) => stage(id, [50, 60], { name: each }));
        const drawn = lines({ ...run, stages });
        expect(drawn).toHaveLength(11 + names.length);
        for (const line of drawn.slice(11)) expect(line).toMatch(task);
      }),
      { numRuns: 500 },
    );
  });
});
