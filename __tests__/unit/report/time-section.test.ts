import { describe, expect, test } from '@jest/globals';
import { cost, vCoreHours } from '../../../src/report/summary/cost.ts';
import type { RunFacts } from '../../../src/report/facts.ts';
import { starterPool } from '../../../src/report/summary/starter-pool.ts';
import { timeSection } from '../../../src/report/summary/time.ts';
import { at, run, stage } from './stage.ts';

describe('the time in the summary', () => {
  test('is told in words, then drawn; what the diagram leaves out is said', () => {
    const stages = Array.from({ length: 21 }, (_, id) => stage(id, [41, 42 + id]));
    const text = timeSection({
      ...run,
      stages,
      session: { vCoreHours: 0.5, reckoned: '8 vCores' },
    });
    expect(text).toMatch(
      /^### Time and cost\n\n\*\*1 min 40 s\*\*: queued 40 s \(starting 30 s of it\) · running 1 min {2}\n\*\*0\.5 vCore-hours\*\*: 8 vCores\n\n```mermaid\ngantt\n/,
    );
    expect(text).toMatch(/\n```\n\nThe diagram leaves out 1 shorter stage\.$/);
  });

  test('is only what is known', () => {
    const queued = { ...run, startingAt: undefined, runningAt: undefined };
    expect(timeSection(queued)).toBe('### Time\n\n**1 min 40 s**: queued 1 min 40 s');
    expect(timeSection({ ...queued, acceptedAt: undefined, endedAt: undefined })).toBe('');
  });
});

describe('the starter pool', () => {
  const slow: RunFacts = { ...run, startingAt: at(10), runningAt: at(170), endedAt: at(300) };

  test.each<[readonly string[] | undefined, RegExp]>([
    [['spark.x'], /Starting took 2 min 40 s.* This setting can cost it: `spark\.x`\.$/],
    [['a', 'b`|'], /Each of these settings can cost it: `a`, ``b`\|``\.$/],
    [Array.from({ length: 12 }, (_, n) => `s${n}`), /`s7` and 4 more\.$/],
    [[], /sent no setting that costs it: perhaps the pool was used up/],
    [undefined, /\*\*without the warm starter pool\*\*\.$/],
  ])('was lost with the settings %j', (settings, words) => {
    expect(starterPool({ ...slow, settings })).toMatch(words);
  });

  test('is not spoken of after a quick start, or elsewhere than on Fabric', () => {
    expect(starterPool({ ...run, settings: ['spark.x'] })).toBe('');
    expect(starterPool({ ...slow, runningAt: at(99) })).toBe('');
    expect(starterPool({ ...slow, runningAt: at(100) })).not.toBe('');
    expect(starterPool({ ...slow, service: 'Livy', settings: ['spark.x'] })).toBe('');
    expect(starterPool({ ...slow, startingAt: undefined })).toBe('');
  });
});

describe('the cost', () => {
  test.each([
    [0.4334, '0.433 vCore-hours'],
    [7.484, '7.5 vCore-hours'],
    [812.6, '813 vCore-hours'],
    [0, '0 vCore-hours'],
    [0.0002, 'less than 0.001 vCore-hours'],
    [undefined, ''],
    [Number.NaN, ''],
    [-1, ''],
  ])('of %j is %j', (hours, words) =>
    expect(vCoreHours({ ...run, session: { vCoreHours: hours } })).toBe(words),
  );

  test('says how it was reckoned, and nothing where it is not served', () => {
    const session = { vCoreHours: 1, reckoned: '<b>\n2' };
    expect(cost({ ...run, session })).toBe('**1 vCore-hours**: \\<b\\> 2');
    expect(cost({ ...run, session: { reckoned: 'x' } })).toBe('');
    expect(cost(run)).toBe('');
  });
});
