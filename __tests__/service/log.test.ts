import { describe, expect, jest, test } from '@jest/globals';
import type { BatchScript, ScriptStep } from '../../local/engine/scripted.ts';
import { goodBatch } from '../../local/engine/scripted.ts';
import type { Transport } from '../../src/http/transport.ts';
import { runJob } from '../../src/job.ts';
import { stage, type Stage, type StageOptions } from './stage.ts';

jest.setTimeout(60_000);

async function logged(
  steps: readonly ScriptStep[],
  options: Partial<StageOptions> = {},
): Promise<Stage> {
  const script: BatchScript = { steps: [{ at: 0, phase: 'starting' }, ...steps] };
  const step = await stage({ script, ...options });
  await step.run();
  return step;
}

function written(steps: readonly ScriptStep[], log: 'stdout' | 'stderr'): Buffer {
  return Buffer.concat(steps.map((one) => Buffer.from(one[log] ?? '')));
}

const isLog = ({ path }: { path: string }): boolean => path.includes('/logs?');

describe('the bytes', () => {
  test('of a character that was cut between two reads', async () => {
    const text = Buffer.from('Ärger mit 👋 und 漢字\n');
    // A cut inside of each character of several bytes, with a tick between.
    const steps: ScriptStep[] = [
      { at: 3, phase: 'running' },
      ...[...text].map((byte, index) => ({ at: 5 + index * 3, stdout: Uint8Array.of(byte) })),
      { at: 200, phase: 'success' },
    ];
    const step = await logged(steps);
    expect(step.logFile('stdout.log')).toEqual(text);
    expect(step.runner.lines).toContain('Ärger mit 👋 und 漢字');
    expect(step.story).not.toContain('\uFFFD');
  });

  test('of both streams, each in its order', async () => {
    const steps: ScriptStep[] = [
      { at: 3, phase: 'running' },
      ...Array.from({ length: 120 }, (_, index) => ({
        at: 4 + index,
        stdout: `out ${index}\n`,
        stderr: `err ${index}\n`,
      })),
      { at: 130, phase: 'success' },
    ];
    const step = await logged(steps);
    expect(step.logFile('stdout.log')).toEqual(written(steps, 'stdout'));
    expect(step.logFile('stderr.log')).toEqual(written(steps, 'stderr'));
    const shown = step.runner.lines.filter((line) => /^out \d+$/.test(line));
    expect(shown).toEqual(Array.from({ length: 120 }, (_, index) => `out ${index}`));
    expect(step.runner.lines.some((line) => /▸ Spark log, \d+ lines?/.test(line))).toBe(true);
  });

  test('of a log that grows in its last second', async () => {
    const steps: ScriptStep[] = [
      { at: 3, phase: 'running', stdout: 'first\n' },
      { at: 60, phase: 'success' },
      { at: 61, stdout: 'late\n' },
    ];
    const step = await logged(steps);
    expect(step.logFile('stdout.log').toString()).toBe('first\nlate\n');
  });

  test.each([true, false])(
    'of a 3 MB log (offsets end with the application: %s)',
    async (offsetsEndWithApplication) => {
      const line = (index: number): string =>
        `${String(index).padStart(7, '0')} ${'x'.repeat(91)}\n`;
      const chunk = (from: number): string =>
        Array.from({ length: 3_000 }, (_, index) => line(from + index)).join('');
      const steps: ScriptStep[] = [
        { at: 3, phase: 'running' },
        ...Array.from({ length: 10 }, (_, index) => ({
          at: 5 + index * 2,
          stdout: chunk(index * 3_000),
        })),
        { at: 26, phase: 'success' },
      ];
      const step = await logged(steps, { settings: { driverLog: { offsetsEndWithApplication } } });
      expect(step.logFile('stdout.log').equals(written(steps, 'stdout'))).toBe(true);
      const shown = step.runner.lines.filter((text) => /^\d{7} x+$/.test(text));
      expect(shown).toHaveLength(30_000);
      expect(new Set(shown).size).toBe(30_000);
    },
  );

  test.each([
    ['offsets end with the application', { offsetsEndWithApplication: true }],
    ['offsets go on after the end', { offsetsEndWithApplication: false }],
  ])('are fetched twice at most where %s', async (_, driverLog) => {
    // All but the last of it is read while it grows.
    const steps: ScriptStep[] = [
      { at: 3, phase: 'running' },
      ...Array.from({ length: 12 }, (__, index) => ({
        at: 4 + index,
        stdout: Buffer.from(`${index} ${'x'.repeat(97)}\n`.repeat(3_000)),
      })),
      { at: 15, phase: 'success' },
    ];
    const step = await stage({ script: { steps }, settings: { driverLog } });
    const { world, interrupt } = step;
    let fetched = 0;
    async function* counted(body: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
      for await (const chunk of body) {
        fetched += chunk.length;
        yield chunk;
      }
    }
    const transport: Transport = async (request, signal) => {
      const reply = await world.transport(request, signal);
      const counts = request.url.includes('isDownload=true');
      return counts ? { ...reply, body: counted(reply.body) } : reply;
    };
    await runJob({ world: { ...world, transport }, interrupt, newNonce: () => 'a'.repeat(32) });
    const all = written(steps, 'stdout');
    expect(step.logFile('stdout.log').equals(all)).toBe(true);
    expect(fetched).toBeGreaterThanOrEqual(all.length);
    expect(fetched).toBeLessThanOrEqual(2 * all.length);
  });

  test.each<[string, StageOptions['settings']]>([
    ['size has no effect', { driverLog: { sizeIgnored: true } }],
    ['a largest offset', { driverLog: { largestOffset: 500 } }],
    ['the log is empty before the start', { driverLog: { absentBeforeStart: false } }],
    ['offsets go on after the end', { driverLog: { offsetsEndWithApplication: false } }],
  ])('where %s', async (_, settings) => {
    const steps: ScriptStep[] = [
      { at: 10, phase: 'running' },
      ...Array.from({ length: 50 }, (__, index) => ({
        at: 11 + index * 5,
        stdout: `a line of some length ${index}\n`,
        stderr: `another line of some length ${index}\n`,
      })),
      { at: 300, phase: 'success' },
    ];
    const step = await logged(steps, settings === undefined ? {} : { settings });
    expect(step.logFile('stdout.log')).toEqual(written(steps, 'stdout'));
    expect(step.logFile('stderr.log')).toEqual(written(steps, 'stderr'));
    expect(step.runner.outputs['result']).toBe('Succeeded');
  });

  test('of a log whose replies are cut now and then', async () => {
    const steps: ScriptStep[] = [
      { at: 3, phase: 'running' },
      ...Array.from({ length: 60 }, (_, index) => ({
        at: 4 + index * 2,
        stdout: `line ${index} ${'y'.repeat(200)}\n`,
      })),
      { at: 130, phase: 'success' },
    ];
    const step = await stage({ script: { steps } });
    let count = 0;
    step.fabric.faults.add({
      when: (request) =>
        isLog(request) && request.path.includes('fileName=stdout') && count++ % 3 === 1,
      fault: { kind: 'cut' },
    });
    await expect(step.run()).resolves.toBe(true);
    expect(step.logFile('stdout.log')).toEqual(written(steps, 'stdout'));
  });

  test('of a log that cannot be read while the application runs', async () => {
    const step = await stage({ script: goodBatch('one\ntwo\n', 60) });
    step.afterSubmit(1_000, () => {
      const mend = step.fabric.faults.add({ when: isLog, fault: { kind: 'answer', status: 500 } });
      step.time.after(62_000, mend);
    });
    await expect(step.run()).resolves.toBe(true);
    expect(step.logFile('stdout.log').toString()).toBe('one\ntwo\n');
  });

  test('a log that can never be read is no reason to be red', async () => {
    const step = await stage({ script: goodBatch('one\n', 60) });
    step.fabric.faults.add({ when: isLog, fault: { kind: 'answer', status: 500 } });
    await expect(step.run()).resolves.toBe(true);
    expect(step.story).toMatch(/log/i);
  });
});

describe('before and without a driver', () => {
  test('no log is asked for before the application is there', async () => {
    const step = await logged([
      { at: 100, phase: 'running', stdout: 'x\n' },
      { at: 110, phase: 'success' },
    ]);
    const first = step.fabric.requests.find(isLog);
    const posted = step.batchRequests('POST')[0];
    expect((first?.at ?? 0) - (posted?.at ?? 0)).toBeGreaterThanOrEqual(100_000);
  });

  test('a driver log that is 404 for the first minute', async () => {
    const step = await stage({ script: goodBatch('x\n', 120) });
    step.afterSubmit(1_000, () => {
      const mend = step.fabric.faults.add({ when: isLog, fault: { kind: 'answer', status: 404 } });
      step.time.after(80_000, mend);
    });
    await expect(step.run()).resolves.toBe(true);
    expect(step.logFile('stdout.log').toString()).toBe('x\n');
    expect(step.runner.warnings).toEqual([]);
  });

  test('no driver log at all: the Livy log says why', async () => {
    const step = await logged([
      { at: 5, livy: 'spark-submit\nlibrary orders-1.0.whl was not found\n' },
      { at: 10, phase: 'error', error: { code: 'LibraryError', message: 'Library not found' } },
    ]);
    expect(step.runner.outputs['result']).toBe('Failed');
    expect(step.runner.lines).toContain('library orders-1.0.whl was not found');
    expect(step.story).toContain('this is the Livy log');
    expect(step.logFile('livy.log').toString()).toContain('library orders-1.0.whl');
    expect(step.error.message).toContain('Library not found');
  });

  test('no log of any kind: the lines that the batch carries', async () => {
    const step = await stage({
      script: {
        steps: [
          { at: 0, phase: 'starting' },
          { at: 5, phase: 'dead', overlay: { log: ['stderr: ', 'no such class: com.x.Main'] } },
        ],
      },
    });
    step.fabric.faults.add({ when: isLog, fault: { kind: 'answer', status: 404 } });
    await expect(step.run()).resolves.toBe(false);
    expect(step.runner.lines).toContain('no such class: com.x.Main');
  });
});

describe('what is shown', () => {
  test('commands in the log are fenced', async () => {
    const step = await logged([
      { at: 3, phase: 'running', stdout: '::error::not ours\n##[set-output name=x]1\nplain\n' },
      { at: 5, stderr: '  ::add-mask::e\n' },
      { at: 20, phase: 'success' },
    ]);
    const commands = step.runner.remotes.filter((text) => /::error::|##\[|::add-mask::/.test(text));
    expect(commands.length).toBeGreaterThanOrEqual(2);
    for (const text of commands)
      expect(text).toMatch(/^::stop-commands::token\n[^]*\n::token::\n$/);
    expect(step.logFile('stdout.log').toString()).toContain('::error::not ours');
  });

  test('secrets are replaced in the log, its file and the summary', async () => {
    const secret = 'sEcret-of-the-application-~42';
    const step = await stage({
      script: {
        steps: [
          { at: 3, phase: 'running', stdout: `the secret is ${secret.slice(0, 9)}` },
          { at: 9, stdout: `${secret.slice(9)}, well\n`, stderr: `ValueError: ${secret}\n` },
          { at: 20, phase: 'dead' },
        ],
      },
      settings: {
        applications: [
          {
            clientId: 'b2c3d4e5-f6a7-4b8c-9d0e-1f2a3b4c5d65',
            objectId: 'd4e5f6a7-b8c9-4d0e-8f1a-2b3c4d5e6f66',
            name: 'client',
            secret,
            federatedCredentials: [],
          },
        ],
      },
    });
    await expect(step.run()).resolves.toBe(false);
    const everything = [
      step.story,
      ...step.runner.remotes,
      step.runner.summaryText,
      step.error.message,
      JSON.stringify(step.runner.outputs),
      JSON.stringify(step.runner.states),
      step.logFile('stdout.log').toString(),
      step.logFile('stderr.log').toString(),
    ].join('\n');
    expect(everything).not.toContain(secret);
    expect(everything).not.toMatch(/eyJ[\w-]+\.eyJ/);
    expect(step.runner.masks).toContain(secret);
  });

  test.each<[string, boolean, boolean]>([
    ['stdout', true, false],
    ['stderr', false, true],
    ['none', false, false],
  ])('logs: %s', async (logs, out, err) => {
    const step = await logged(
      [
        { at: 3, phase: 'running', stdout: 'to stdout\n', stderr: 'to stderr\n' },
        { at: 30, phase: 'success' },
      ],
      { inputs: { logs } },
    );
    const remotes = step.runner.remotes.join('');
    expect(remotes.includes('to stdout')).toBe(out);
    expect(remotes.includes('to stderr')).toBe(err);
    // The files hold both streams, whatever is shown.
    expect(step.logFile('stdout.log').toString()).toBe('to stdout\n');
    expect(step.logFile('stderr.log').toString()).toBe('to stderr\n');
  });

  test('after a failure the last 50 lines of the Spark log stand unfolded', async () => {
    const stderr = Array.from({ length: 80 }, (_, index) => `spark ${index}\n`).join('');
    const step = await logged([
      { at: 3, phase: 'running', stderr },
      { at: 30, phase: 'dead' },
    ]);
    const shown = step.runner.lines.filter((line) => /^spark \d+$/.test(line));
    expect(shown).toEqual(Array.from({ length: 50 }, (_, index) => `spark ${index + 30}`));
  });
});

describe('hours', () => {
  const steps: ScriptStep[] = [
    { at: 0, phase: 'starting' },
    { at: 60, phase: 'running' },
    ...Array.from({ length: 290 }, (_, index) => ({ at: 100 + index * 60, stdout: `${index}\n` })),
    { at: 5 * 3_600, phase: 'success' },
  ];

  test.each<['secret' | 'oidc']>([['secret'], ['oidc']])(
    'a run of 5 hours renews its token ahead of expiry (%s)',
    async (identity) => {
      const step = await stage({ script: { steps }, identity, settings: { tokenSeconds: 3_599 } });
      await expect(step.run()).resolves.toBe(true);
      const asked = step.fabric.requests.filter(
        ({ host, path }) => host === 'fabric' && !isLog({ path }),
      );
      expect(new Set(asked.map(({ method, status }) => `${method} ${status ?? 'none'}`))).toEqual(
        new Set(['POST 202', 'GET 200']),
      );
      expect(step.fabric.requests.filter(({ status }) => status === 401)).toEqual([]);
      const tokens = step.fabric.requests.filter(({ host }) => host === 'authority');
      expect(tokens.length).toBeGreaterThanOrEqual(6);
      expect(tokens.length).toBeLessThanOrEqual(9);
      expect(step.logFile('stdout.log')).toEqual(written(steps, 'stdout'));
    },
  );

  test('a quiet queue of 50 minutes tells now and then that it still waits', async () => {
    const step = await stage({
      script: goodBatch('x\n', 30),
      settings: { queueSeconds: 3_000 },
    });
    await expect(step.run()).resolves.toBe(true);
    const waiting = step.runner.lines.filter((line) => line.includes('no new output for'));
    expect(waiting.length).toBeGreaterThan(20);
    expect(waiting.length).toBeLessThan(60);
  });
});
