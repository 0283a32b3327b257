import { describe, expect, jest, test } from '@jest/globals';
import type { BatchScript, ScriptStep } from '../../local/engine/scripted.ts';
import type { Fault, RequestLine } from '../../local/faults.ts';
import { isStatus, stage, type Stage } from './stage.ts';

jest.setTimeout(60_000);

const isStages = ({ path }: { path: string }): boolean => path.endsWith('/stages');
const isStagesUrl = ({ url }: { url: string }): boolean => url.endsWith('/stages');
const isSession = ({ path }: RequestLine): boolean => /\/livySessions\/[^/]+$/.test(path);
const stagesAsked = (step: Stage): number => step.fabric.requests.filter(isStages).length;
const progressLines = (step: Stage): string[] =>
  step.runner.lines.filter((line) => /\bstages?\b/i.test(line));

const first = { stageId: 0, name: 'count at /tmp/x/job.py:3', numTasks: 800 };
const times = {
  submissionTime: '2026-01-01T00:00:00.000GMT',
  completionTime: '2026-01-01T00:02:10.000GMT',
};

/** Two stages of a job that prints nothing meanwhile. */
const quiet: ScriptStep[] = [
  { at: 0, phase: 'running' },
  { at: 5, stages: [{ ...first, numCompleteTasks: 412 }] },
  {
    at: 130,
    stages: [
      { ...first, ...times, status: 'COMPLETE', numCompleteTasks: 800, inputRecords: 1_204_331 },
      { stageId: 1, name: '::error::x', numTasks: 10, numCompleteTasks: 1 },
    ],
  },
  { at: 290, stages: [{ stageId: 1, status: 'COMPLETE', numCompleteTasks: 10 }] },
  { at: 300, phase: 'success' },
];

describe('while the log is silent', () => {
  test('stages are told as they end, and how far they are', async () => {
    const step = await stage({ script: { steps: quiet } });
    await expect(step.run()).resolves.toBe(true);
    const lines = progressLines(step);
    expect(lines).toEqual(
      expect.arrayContaining([
        'Stage 0 ended: 800 tasks in 2 min 10 s, 1,204,331 rows read · count at job.py:3',
        expect.stringMatching(/no new output for 1 min( \d s)?; stage 0: 412 of 800 tasks$/),
        expect.stringMatching(/; stage 1: 1 of 10 tasks$/),
      ]),
    );
    // Once a minute at most.
    expect(lines.filter((line) => line.includes(' of 800 tasks')).length).toBeLessThanOrEqual(3);
    const [, shown = ''] = /([\d,]+) requests/.exec(step.runner.lines.join('\n')) ?? [];
    expect(Number(shown.replaceAll(',', ''))).toBe(step.fabric.requests.length);
  });

  test('500 short stages are one line between two readings', async () => {
    const burst = Array.from({ length: 500 }, (_, stageId) => ({ stageId, status: 'COMPLETE' }));
    const script: BatchScript = {
      steps: [
        { at: 0, phase: 'running' },
        { at: 20, stages: burst },
        { at: 90, phase: 'success' },
      ],
    };
    const step = await stage({ script });
    await expect(step.run()).resolves.toBe(true);
    expect(progressLines(step)).toEqual(['500 stages ended (0 to 499): 500 tasks']);
  });
});

describe('whatever the stages do', () => {
  const answers: [string, Fault][] = [
    ['429', { kind: 'answer', status: 429 }],
    ['403', { kind: 'answer', status: 403 }],
    ['404', { kind: 'answer', status: 404 }],
    ['500', { kind: 'answer', status: 500 }],
    ['401', { kind: 'answer', status: 401 }],
    ['a page', { kind: 'rewrite', body: () => '<html>' }],
    ['half a list', { kind: 'cut' }],
    ['a reset', { kind: 'reset', moment: 'before' }],
  ];

  test.each(answers)('%s: the verdict, the log and the exit are the same', async (_, fault) => {
    const prints = Array.from({ length: 20 }, (_unused, index) => ({
      at: 10 * index,
      stdout: 'x\n',
    }));
    const steps = [...quiet, ...prints].sort((one, other) => one.at - other.at);
    const step = await stage({ script: { steps } });
    step.fabric.faults.add({ when: isStages, fault });
    await expect(step.run()).resolves.toBe(true);
    expect(step.runner.outputs).toMatchObject({ result: 'Succeeded' });
    expect(step.logFile('stdout.log').toString()).toBe('x\n'.repeat(20));
    expect(step.runner.warnings).toEqual([]);
    expect(progressLines(step).length).toBeLessThanOrEqual(1);
    expect(stagesAsked(step)).toBeGreaterThan(0);
    const tokens = step.fabric.requests.filter(({ host }) => host === 'authority');
    expect(tokens).toHaveLength(1);
  });

  test.each([
    ['while it runs', false],
    ['at the end alone', true],
  ])('never answered (%s): the end is seen in time', async (_, atTheEnd) => {
    const step = await stage({ script: { steps: quiet }, slow: isStagesUrl });
    let release: () => void = () => undefined;
    const until = new Promise<void>((resolve) => (release = resolve));
    let end = 0;
    const when = (line: RequestLine): boolean => {
      const over = step.fabric.batches[0]?.active === false;
      if (over && end === 0) end = step.time.now();
      return isStages(line) && (over || !atTheEnd);
    };
    step.fabric.faults.add({ when, fault: { kind: 'hold', moment: 'before', until } });
    await expect(step.run()).resolves.toBe(true);
    release();
    expect(step.runner.outputs).toMatchObject({ result: 'Succeeded' });
    // The last readings of the log, and 10 s.
    expect(step.time.now() - end).toBeLessThanOrEqual(15_000);
  });

  test('after the verdict a signal ends the wait, and the verdict stands', async () => {
    const step = await stage({ script: { steps: quiet }, slow: isStagesUrl });
    let release: () => void = () => undefined;
    const until = new Promise<void>((resolve) => (release = resolve));
    const when = (line: RequestLine): boolean => {
      if (!isStages(line) || step.runner.states['settled'] === undefined) return false;
      step.time.after(1_000, () => step.interrupt.raise('SIGINT'));
      return true;
    };
    step.fabric.faults.add({ when, fault: { kind: 'hold', moment: 'before', until } });
    await expect(step.run()).resolves.toBe(true);
    release();
    expect(step.runner.states['settled']).toBe('Succeeded');
    expect(step.fabric.batches[0]?.cancels).toBe(0);
  });
});

describe('a pause of hours', () => {
  const hours = { 'retry-after': '7200' };
  const long: BatchScript = {
    steps: [
      { at: 0, phase: 'running', stdout: 'x\n' },
      { at: 3_000, stdout: 'x\n' },
      { at: 3_010, phase: 'success' },
    ],
  };
  const until = 'Request is blocked by the upstream service until: 1/1/2099 1:00:00 AM (UTC)';
  const asked: [string, Fault][] = [
    ['503 with Retry-After', { kind: 'answer', status: 503, headers: hours }],
    ['429 with Retry-After', { kind: 'answer', status: 429, headers: hours }],
    ['429 with until:', { kind: 'answer', status: 429, body: JSON.stringify({ message: until }) }],
  ];

  test.each(asked)('of the stages (%s) is theirs alone', async (_, fault) => {
    const step = await stage({ script: long });
    step.fabric.faults.add({ when: isStages, fault });
    await expect(step.run()).resolves.toBe(true);
    expect(step.runner.outputs).toMatchObject({ result: 'Succeeded' });
    expect(step.story).not.toContain('cannot be read');
    expect(step.logFile('stdout.log').toString()).toBe('x\n'.repeat(2));
    // It is obeyed.
    expect(stagesAsked(step)).toBe(1);
  });

  test('told after the verdict does not keep the cause from being looked for', async () => {
    const steps: ScriptStep[] = [
      { at: 0, phase: 'running' },
      { at: 5, phase: 'dead' },
    ];
    const step = await stage({ script: { steps } });
    step.fabric.faults.add({
      when: isStages,
      fault: { kind: 'answer', status: 503, headers: hours },
    });
    const isLivyLog = ({ path }: RequestLine): boolean => path.includes('type=livy');
    let told = 0;
    step.once(isStages, () => (told = step.fabric.requests.length));
    await expect(step.run()).resolves.toBe(false);
    expect(step.runner.outputs).toMatchObject({ result: 'Failed' });
    expect(stagesAsked(step)).toBe(1);
    expect(step.fabric.requests.slice(told).some(isLivyLog)).toBe(true);
  });

  test.each([
    ['a log', ({ path }: RequestLine) => path.includes('/logs?')],
    ['the status', isStatus],
  ])('of %s ends the step after outage-minutes, and that is said', async (_, when) => {
    const steps: ScriptStep[] = [
      { at: 0, phase: 'running', stdout: 'x\n' },
      { at: 4 * 3_600, phase: 'success' },
    ];
    const step = await stage({ script: { steps } });
    step.afterSubmit(60_000, () =>
      step.fabric.faults.add({ when, fault: { kind: 'answer', status: 503, headers: hours } }),
    );
    await expect(step.run()).resolves.toBe(false);
    expect(step.runner.outputs).toMatchObject({ 'error-code': 'STATUS_UNREADABLE' });
    const read = step.fabric.requests.findLast((one) => isStatus(one) && one.status === 200);
    const silent = step.time.now() - (read?.at ?? 0);
    expect(silent).toBeGreaterThanOrEqual(30 * 60_000);
    expect(silent).toBeLessThanOrEqual(30 * 60_000 + 1_000);
    expect(step.error.message).toContain('could not be read for 30 min: Fabric asked for a pause');
  });
});

test('while the status cannot be read, stages are not asked for', async () => {
  const step = await stage({ script: { steps: quiet } });
  const down: number[] = [];
  step.afterSubmit(20_000, () => {
    down.push(step.time.now());
    const mend = step.fabric.faults.add({ when: isStatus, fault: { kind: 'answer', status: 500 } });
    step.time.after(200_000, () => {
      down.push(step.time.now());
      mend();
    });
  });
  await expect(step.run()).resolves.toBe(true);
  const [from = 0, to = 0] = down;
  // The tick that first sees it is up to a few seconds later.
  const during = step.fabric.requests.filter(
    (one) => isStages(one) && one.at > from + 5_000 && one.at < to,
  );
  expect(during).toEqual([]);
  expect(stagesAsked(step)).toBeGreaterThan(1);
});

describe('the last readings', () => {
  const short: BatchScript = {
    steps: [
      { at: 0, phase: 'running' },
      { at: 2, stages: [{ ...first, ...times, status: 'COMPLETE' }] },
      { at: 5, phase: 'success' },
    ],
  };

  test('are two requests after the verdict is saved', async () => {
    const step = await stage({ script: short });
    const settled: unknown[] = [];
    step.once(isStages, () => settled.push(step.runner.states['settled']));
    await expect(step.run()).resolves.toBe(true);
    const asked = step.fabric.requests.filter(({ path }) => path.includes('/livySessions/'));
    expect(asked.slice(-2).map((line) => [isStages(line), isSession(line)])).toEqual([
      [true, false],
      [false, true],
    ]);
    expect(stagesAsked(step)).toBe(1);
    expect(settled).toEqual(['Succeeded']);
  });

  test.each([
    ['without a summary', { summary: 'false' }, short, true],
    ['where the batch timed out', { 'timeout-minutes': '0.1' }, { steps: quiet }, false],
    ['where nobody waits', { wait: 'false' }, { steps: quiet }, true],
  ])('are left out %s', async (_, inputs, script, green) => {
    const step = await stage({ script, inputs });
    await expect(step.run()).resolves.toBe(green);
    expect(stagesAsked(step)).toBe(0);
  });
});
