import { describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import type { ScriptStep } from '../../local/engine/scripted.ts';
import type { DriverLogSettings } from '../../local/settings.ts';
import { stage, type Stage } from './stage.ts';

jest.setTimeout(120_000);

type Event = 'write' | 'roll' | 'restart';

/** A batch that writes numbered lines, with a roll or a new attempt between some of them. */
function steps(events: readonly Event[], apart: number): ScriptStep[] {
  const happened = events.map((event, index): ScriptStep => {
    const at = 5 + index * apart;
    const stdout = `line ${index} ${'é'.repeat(index % 7)}\n`;
    if (event === 'roll') return { at, roll: 'stdout', stdout };
    return event === 'restart' ? { at, restart: true, stdout } : { at, stdout };
  });
  const end = 6 + events.length * apart;
  return [
    { at: 0, phase: 'starting' },
    { at: 3, phase: 'running' },
    ...happened,
    { at: end, phase: 'success' },
  ];
}

async function followed(
  events: readonly Event[],
  apart: number,
  driverLog: Partial<DriverLogSettings> = {},
): Promise<Stage> {
  const step = await stage({
    script: { steps: steps(events, apart) },
    settings: { driverLog, tokenSeconds: 86_400 },
  });
  await step.run();
  return step;
}

function expectWhole(step: Stage, events: readonly Event[]): void {
  const lines = events.map((_, index) => `line ${index} ${'é'.repeat(index % 7)}`);
  expect(step.logFile('stdout.log').toString().split('\n')).toEqual([...lines, '']);
  const shown = step.runner.lines.filter((line) => /^line \d+ /.test(line));
  expect(shown).toEqual(lines);
  expect(step.story).not.toContain('may be missing');
}

const write = (count: number): Event[] => Array.from({ length: count }, () => 'write');

describe('a stream that is rolled', () => {
  test.each(['plain', 'active'] as const)('is shown whole (%s name)', async (activeName) => {
    const events: Event[] = [...write(40), 'roll', ...write(3), 'roll', ...write(40)];
    const step = await followed(events, 2, { activeName });
    expectWhole(step, events);
    expect(step.story).toContain('rolled');
  });

  test('in its last second is shown whole', async () => {
    const events: Event[] = [...write(20), 'roll'];
    expectWhole(await followed(events, 1), events);
  });

  test('twice between two readings is shown whole', async () => {
    const events: Event[] = [...write(300), 'roll', 'roll', 'roll', ...write(10)];
    expectWhole(await followed(events, 0.4), events);
  });

  test('where offsets never serve is read by name', async () => {
    const events: Event[] = [...write(500), 'roll', ...write(500), 'roll', ...write(10)];
    const step = await followed(events, 0.5, { offsetsServed: false });
    expectWhole(step, events);
    expect(step.story).toContain('coarse');
  });

  test('beyond the largest offset is read by name', async () => {
    const events: Event[] = [...write(200), 'roll', ...write(60)];
    expectWhole(await followed(events, 3, { largestOffset: 500 }), events);
  });

  test('and whose rolled files are not served: the log says that lines may be missing', async () => {
    const events: Event[] = [...write(40), 'roll', ...write(40)];
    const step = await followed(events, 2, { rollingServed: false });
    expect(step.story).toContain('may be missing');
    expect(step.runner.lines).toContain('line 80 ééé');
  });
});

describe('a rolled file that is listed and answered with 404', () => {
  async function withoutRolled(answers: number): Promise<{ step: Stage; events: Event[] }> {
    const events: Event[] = [...write(20), 'roll', ...write(3)];
    const script = { steps: steps(events, 1) };
    const step = await stage({ script, inputs: { logs: 'none' } });
    const isRolled = ({ path }: { path: string }): boolean => /fileName=stdout-/.test(path);
    step.fabric.faults.add({
      when: isRolled,
      fault: { kind: 'answer', status: 404 },
      times: answers,
    });
    await step.run();
    return { step, events };
  }

  test('is told as missing by its name, and what came after it is kept', async () => {
    const { step } = await withoutRolled(1_000);
    expect(step.story).toMatch(/stdout-\S+ is listed and not served: its lines, .* are missing/);
    expect(step.logFile('stdout.log').toString()).toContain('line 23 ');
  });

  test('once is asked for again, and nothing is missing', async () => {
    const { step, events } = await withoutRolled(1);
    const lines = events.map((_, index) => `line ${index} ${'é'.repeat(index % 7)}`);
    expect(step.logFile('stdout.log').toString().split('\n')).toEqual([...lines, '']);
    expect(step.story).not.toContain('missing');
  });
});

describe('a new attempt', () => {
  test('begins under a headline, after the rest of the one before', async () => {
    const events: Event[] = [...write(40), 'restart', ...write(40)];
    const step = await followed(events, 2);
    expectWhole(step, events);
    const at = (text: string): number => step.runner.lines.findIndex((line) => line.includes(text));
    expect(at('Attempt 2 of the application begins (stdout)')).toBeGreaterThan(at('line 39 '));
    expect(at('Attempt 2 of the application begins (stdout)')).toBeLessThan(at('line 40 '));
  });

  test('is told while the application runs, though the stream of the one before is quiet', async () => {
    const events: Event[] = [...write(5), 'restart', ...write(150)];
    const step = await stage({
      script: { steps: steps(events, 2) },
      settings: { tokenSeconds: 86_400 },
    });
    let seen: string[] = [];
    step.afterSubmit(250_000, () => (seen = [...step.runner.lines]));
    await expect(step.run()).resolves.toBe(true);
    expect(seen.join('\n')).toMatch(/Attempt 2 of the application begins/);
    expect(seen.filter((line) => /^line \d+ /.test(line)).length).toBeGreaterThan(50);
    expectWhole(step, events);
  });

  test('whose predecessor was rolled shows both whole', async () => {
    const events: Event[] = [...write(10), 'roll', 'restart', ...write(10), 'roll', 'write'];
    expectWhole(await followed(events, 2), events);
  });
});

test('whatever is rolled and restarted when: no line twice, none lost', async () => {
  const event = fc.constantFrom<Event>('write', 'write', 'write', 'write', 'roll', 'restart');
  await fc.assert(
    fc.asyncProperty(
      fc.array(event, { minLength: 1, maxLength: 60 }),
      fc.constantFrom(0.3, 1, 2.5, 20),
      fc.record({
        activeName: fc.constantFrom('plain' as const, 'active' as const),
        offsetsServed: fc.boolean(),
        offsetsEndWithApplication: fc.boolean(),
        sizeIgnored: fc.boolean(),
      }),
      async (events, apart, driverLog) => {
        const step = await followed(events, apart, driverLog);
        expectWhole(step, events);
        await step.close();
      },
    ),
    { numRuns: 40 },
  );
});

describe('a stream whose files are not listed and that is read late', () => {
  const events: Event[] = [...write(30), 'roll', ...write(10)];
  const told =
    'Fabric lists no files of stdout: what was rolled away before its first reading is missing, if there was any.';

  test('says that something may be missing', async () => {
    const step = await stage({
      script: { steps: steps(events, 5) },
      settings: { driverLog: { rollingServed: false } },
      inputs: { logs: 'stderr' },
    });
    await expect(step.run()).resolves.toBe(true);
    expect(step.logFile('stdout.log').toString()).not.toContain('line 0 ');
    expect(step.runner.lines).toContain(told);
  });

  test('by a step that follows the batch of an earlier one', async () => {
    const step = await stage({
      script: { steps: steps(events, 5) },
      settings: { driverLog: { rollingServed: false } },
      inputs: { wait: 'false' },
    });
    await expect(step.run()).resolves.toBe(true);
    await step.time.sleep(190_000);
    const later = step.step({
      inputs: { 'batch-id': step.runner.outputs['batch-id'] ?? '', wait: 'true' },
      without: ['file'],
    });
    await later.run();
    expect(later.runner.lines).toContain(told);
  });

  test('says nothing where they are listed, or the reading was not late', async () => {
    for (const { inputs = {}, driverLog = {} } of [
      { inputs: { logs: 'stderr' } },
      { driverLog: { rollingServed: false } },
    ]) {
      const step = await stage({
        script: { steps: steps(write(40), 5) },
        settings: { driverLog },
        inputs,
      });
      await expect(step.run()).resolves.toBe(true);
      expect(step.story).not.toContain('lists no files');
    }
  });
});
