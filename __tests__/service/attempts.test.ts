import { describe, expect, jest, test } from '@jest/globals';
import type { ScriptStep } from '../../local/engine/scripted.ts';
import type { Fault, RequestLine } from '../../local/faults.ts';
import type { DriverLogSettings } from '../../local/settings.ts';
import { isStatus, stage, type Stage } from './stage.ts';

jest.setTimeout(60_000);

const minute = 60_000;

/** A batch whose first attempt prints `first`, and whose second one prints `second`, so many seconds apart. */
function twoAttempts(first: string, second: readonly string[], apart: number): ScriptStep[] {
  const later = second.map((stdout, index) => ({ at: 12 + apart * (index + 1), stdout }));
  return [
    { at: 0, phase: 'starting' },
    { at: 3, phase: 'running', stdout: first },
    { at: 12, restart: true },
    ...later,
    { at: 14 + apart * (second.length + 1), phase: 'success' },
  ];
}

async function followed(
  steps: readonly ScriptStep[],
  driverLog: Partial<DriverLogSettings> = {},
  prepare: (step: Stage) => void = () => undefined,
): Promise<Stage> {
  const step = await stage({ script: { steps }, settings: { driverLog } });
  prepare(step);
  await step.run();
  return step;
}

function answerTo(path: RegExp, fault: Fault): (step: Stage) => void {
  return (step) => {
    step.fabric.faults.add({ when: (line: RequestLine) => path.test(line.path), fault });
  };
}

const session = /\/livySessions\/[^/]+$/;
const byNumber = /\/applications\/[^/]+\/\d+\/logs/;
const silent: Fault = { kind: 'hold', moment: 'before', until: new Promise(() => undefined) };

describe('attempts are told apart by their number', () => {
  test.each([0.1, 3, 40])(
    'where the second begins with the bytes of the first (%s s)',
    async (s) => {
      const step = await followed(twoAttempts('begin\n', ['begin\n', 'more\n'], s));
      expect(step.logFile('stdout.log').toString()).toBe('begin\nbegin\nmore\n');
      expect(step.runner.lines.filter((line) => /^(begin|more)$/.test(line))).toHaveLength(3);
      expect(step.story).toContain('Attempt 2 of the application begins (stdout)');
      expect(step.story).not.toContain('may be missing');
    },
  );

  test.each([0.1, 40])('where the second prints nothing (%s s)', async (apart) => {
    const step = await followed(twoAttempts('all there is\n', [], apart));
    expect(step.logFile('stdout.log').toString()).toBe('all there is\n');
    expect(step.story).not.toContain('may be missing');
  });

  test('where the first prints nothing', async () => {
    const step = await followed(twoAttempts('', ['second\n'], 5));
    expect(step.logFile('stdout.log').toString()).toBe('second\n');
    expect(step.story).not.toContain('may be missing');
  });

  test('and all were over before the first look', async () => {
    const steps: ScriptStep[] = [
      { at: 0.1, phase: 'running', stdout: 'one\n' },
      { at: 0.2, restart: true, stdout: 'one\n' },
      { at: 0.3, restart: true },
      { at: 0.4, restart: true, stdout: 'one\nfour\n' },
      { at: 0.5, phase: 'dead' },
    ];
    const step = await followed(steps);
    expect(step.logFile('stdout.log').toString()).toBe('one\none\none\nfour\n');
    for (const number of [2, 3, 4])
      expect(step.story).toContain(`Attempt ${number} of the application begins (stdout)`);
  });
});

test('a look that is cut by its limit does not take a later attempt for the first', async () => {
  const step = await stage({
    script: {
      steps: [
        { at: 0.1, phase: 'running', stdout: 'first\n' },
        { at: 0.2, restart: true, stdout: 'second\n' },
        { at: 300, phase: 'success' },
      ],
    },
    slow: ({ url }) => session.test(url),
  });
  // The session API says nothing for as long as a look may take.
  let heard = (): void => undefined;
  const until = new Promise<void>((resolve) => (heard = resolve));
  step.time.after(40_000, heard);
  step.fabric.faults.add({
    when: ({ path }) => session.test(path),
    times: 2,
    fault: { kind: 'hold', moment: 'before', until },
  });
  await step.run();
  expect(step.logFile('stdout.log').toString()).toBe('first\nsecond\n');
});

describe('a server that does not tell', () => {
  const steps = twoAttempts('first\n', ['second\n', 'third\n'], 20);

  test.each([404, 500])(
    'of attempts (%i): the log of the next one tells of it, and nothing is missing',
    async (status) => {
      const step = await followed(steps, {}, answerTo(session, { kind: 'answer', status }));
      expect(step.logFile('stdout.log').toString()).toBe('first\nsecond\nthird\n');
      expect(step.story).toContain('Attempt 2 of the application begins (stdout)');
      expect(step.story).not.toContain('may be missing');
    },
  );

  test('of attempts, nor serves them by their number: the log says what it cannot know', async () => {
    const step = await followed(steps, {}, (made) => {
      answerTo(session, { kind: 'answer', status: 404 })(made);
      answerTo(byNumber, { kind: 'answer', status: 404 })(made);
    });
    expect(step.logFile('stdout.log').toString()).toBe('first\nsecond\nthird\n');
    expect(step.story).toContain('lines before this one may be missing');
  });

  test('the logs by their number: they are read without it', async () => {
    const step = await followed(
      [
        { at: 3, phase: 'running' },
        { at: 5, stdout: 'line 1\n' },
        { at: 60, stdout: 'line 2\n' },
        { at: 90, phase: 'success' },
      ],
      {},
      answerTo(byNumber, { kind: 'answer', status: 404 }),
    );
    expect(step.logFile('stdout.log').toString()).toBe('line 1\nline 2\n');
    expect(step.runner.lines.filter((line) => line === 'line 1')).toHaveLength(1);
  });

  test('its files by a list that fails for good: the log is shown, and says what it cannot know', async () => {
    const step = await followed(
      [
        { at: 3, phase: 'running' },
        { at: 5, stdout: 'line 1\n' },
        { at: 60, phase: 'success' },
      ],
      {},
      answerTo(/type=rollingdriver/, { kind: 'answer', status: 500 }),
    );
    expect(step.logFile('stdout.log').toString()).toBe('line 1\n');
    expect(step.story).toContain('cannot be listed');
  });
});

describe('what is missing is told', () => {
  const printed: ScriptStep[] = [
    { at: 3, phase: 'running', stdout: 'out\n', stderr: 'err\n' },
    { at: 60, phase: 'success' },
  ];

  test('a stream that is never served, beside one that is', async () => {
    const step = await followed(
      printed,
      {},
      answerTo(/fileName=stdout/, { kind: 'answer', status: 404 }),
    );
    expect(step.story).toContain('Fabric served no stdout of this batch.');
    expect(step.story).not.toContain('served no stderr');
  });

  test('a stream that is served no more', async () => {
    const step = await followed(printed, {}, (made) => {
      made.afterNext(isStatus, 20_000, () =>
        answerTo(/fileName=stdout/, { kind: 'answer', status: 404 })(made),
      );
    });
    expect(step.story).toContain(
      'Fabric does not serve stdout any more: what came after its first 4 bytes is missing',
    );
  });

  test('a stream that cannot be read to its end', async () => {
    const step = await followed(printed, {}, (made) => {
      made.afterNext(isStatus, 20_000, () =>
        answerTo(/fileName=stderr/, { kind: 'answer', status: 500 })(made),
      );
    });
    expect(step.story).toMatch(
      /stderr could not be read to its end \(.*500.*\): lines after its first 4 bytes may be missing/,
    );
  });

  test('when a signal ends the last reading; the verdict stays', async () => {
    const step = await followed(printed, {}, (made) => {
      made.once(
        ({ path }) => /meta=true/.test(path) && made.fabric.batches[0]?.active === false,
        () => made.interrupt.raise('SIGINT'),
      );
    });
    expect(step.runner.outputs['result']).toBe('Succeeded');
    expect(step.story).toContain('The log was not read to its end');
  });
});

test('a log API that says nothing holds the end of the step for two minutes at most', async () => {
  let mute = false;
  const step = await stage({
    script: {
      steps: [
        { at: 3, phase: 'running', stdout: 'out\n' },
        { at: 60, phase: 'success' },
      ],
    },
    slow: ({ url }) => mute && url.includes('/logs?'),
  });
  let ended = 0;
  step.once(
    (line) => isStatus(line) && step.fabric.batches[0]?.active === false,
    () => (ended = step.time.now()),
  );
  step.afterNext(isStatus, 20_000, () => {
    mute = true;
    answerTo(/\/logs\?/, silent)(step);
  });
  await expect(step.run()).resolves.toBe(true);
  expect(step.time.now() - ended).toBeLessThan(2 * minute);
  expect(step.story).toContain('could not be read to its end (no answer for 30 s)');
});

test('a Livy log that is not served in time: the lines that the batch carries stand in for it', async () => {
  const step = await stage({
    script: { steps: [{ at: 3, phase: 'dead', overlay: { log: ['why it died'] } }] },
    slow: ({ url }) => url.includes('/logs?'),
  });
  answerTo(/\/logs\?/, silent)(step);
  await expect(step.run()).resolves.toBe(false);
  expect(step.story).toContain('the Livy log was not read within 60 s');
  expect(step.runner.lines).toContain('why it died');
});
