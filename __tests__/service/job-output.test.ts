import { describe, expect, jest, test } from '@jest/globals';
import { goodBatch, type BatchScript } from '../../local/engine/scripted.ts';
import { isStatus, nonce, stage, type Stage, type StageOptions } from './stage.ts';

jest.setTimeout(30_000);

const minute = 60_000;
const path = 'Files/out/result.json';
const job = goodBatch('x\n', 300);
const failing: BatchScript = {
  steps: [
    { at: 5, phase: 'running' },
    { at: 300, phase: 'dead' },
  ],
};

function play(options: Partial<StageOptions> = {}): Promise<Stage> {
  return stage({
    script: job,
    ...options,
    inputs: { 'run-key': 'a', 'output-file': path, ...options.inputs },
  });
}

/** A step whose job writes the file two minutes after its submit. */
async function wrote(content: string | Uint8Array, options: Partial<StageOptions> = {}) {
  const step = await play(options);
  step.afterSubmit(2 * minute, () => step.putInLakehouse(path, content));
  return { step, green: await step.run() };
}

function jobOutput(outputs: Readonly<Record<string, string>>): unknown {
  const text = outputs['job-output'];
  return text === undefined ? undefined : JSON.parse(text);
}

/** An object whose JSON has so many bytes. */
function objectOf(bytes: number): string {
  const empty = JSON.stringify({ text: '' }).length;
  return JSON.stringify({ text: 'x'.repeat(bytes - empty) });
}

describe('the object that the job writes to output-file', () => {
  test('becomes the output job-output', async () => {
    const object = { rows: 12, name: 'größer 👋', nested: { days: ['2026-01-02'] } };
    const { step, green } = await wrote(JSON.stringify(object, null, 2));
    expect(green).toBe(true);
    expect(jobOutput(step.runner.outputs)).toEqual(object);
    expect(step.runner.outputs).toMatchObject({ result: 'Succeeded' });
    expect(step.runner.outputs['error-code'] ?? '').toBe('');
  });

  test('may have 64 KiB', async () => {
    const text = objectOf(64 * 1024);
    const { step, green } = await wrote(text);
    expect(green).toBe(true);
    expect(jobOutput(step.runner.outputs)).toEqual(JSON.parse(text));
  });

  test('is looked for where {submission}, {run-id} and {attempt} say', async () => {
    const step = await play({
      inputs: { 'output-file': 'Files/out/{run-id}/{attempt}/{submission}.json' },
    });
    step.afterSubmit(minute, () =>
      step.putInLakehouse(`Files/out/9000000001/1/${nonce(0)}.json`, '{"a":1}'),
    );
    await expect(step.run()).resolves.toBe(true);
    expect(jobOutput(step.runner.outputs)).toEqual({ a: 1 });
  });

  test.each([
    ['attached', { env: { GITHUB_RUN_ATTEMPT: '2' } }],
    ['followed', { env: { GITHUB_RUN_ID: '9000000002' } }],
  ])('of a batch that is %s is looked for by the words of that batch', async (how, { env }) => {
    const scene = await play({
      inputs: { 'output-file': 'Files/out/{run-id}/{attempt}/{submission}.json' },
    });
    const first = scene.step();
    scene.afterSubmit(2 * minute, () =>
      scene.putInLakehouse(`Files/out/9000000001/1/${nonce(0)}.json`, '{"a":1}'),
    );
    await first.runUntilKilled((kill) => scene.afterSubmit(minute, kill));
    const id = first.runner.outputs['batch-id'] ?? '';
    const second =
      how === 'followed'
        ? scene.step({ inputs: { 'batch-id': id }, env, without: ['file'] })
        : scene.step({ env });
    // A first reading that fails must not lose whose batch it is.
    if (how === 'followed')
      scene.fabric.faults.add({ when: isStatus, times: 2, fault: { kind: 'answer', status: 503 } });
    await expect(second.run()).resolves.toBe(true);
    expect(second.runner.outputs['submission']).toBe(how);
    expect(jobOutput(second.runner.outputs)).toEqual({ a: 1 });
  });

  test.each([
    ['behind', -30 * 24 * 60 * minute],
    ['ahead', 30 * 24 * 60 * minute],
  ])('is fresh by the clock of OneLake, also when the runner is far %s', async (_, clockAhead) => {
    const scene = await play();
    scene.afterSubmit(2 * minute, () => scene.putInLakehouse(path, '{"a":1}'));
    const step = scene.step({ clockAhead });
    await expect(step.run()).resolves.toBe(true);
    expect(jobOutput(step.runner.outputs)).toEqual({ a: 1 });
  });

  test('is not asked for without output-file', async () => {
    const step = await play({ inputs: { 'output-file': '' } });
    await expect(step.run()).resolves.toBe(true);
    expect(step.fabric.requests.filter(({ host }) => host === 'onelake')).toEqual([]);
    expect(step.runner.outputs).not.toHaveProperty('job-output');
  });
});

describe('red, although Spark succeeded', () => {
  async function red(step: Stage, code: string): Promise<void> {
    expect(step.runner.outputs).toMatchObject({
      result: 'Succeeded',
      state: 'success',
      'error-code': code,
    });
    expect(step.runner.outputs['job-output'] ?? '').toBe('');
    expect(step.error.message).toContain(path);
    const before = step.fabric.requests.length;
    await step.post();
    expect(step.fabric.requests).toHaveLength(before);
  }

  test('OUTPUT_MISSING when the file is not there', async () => {
    const step = await play();
    await expect(step.run()).resolves.toBe(false);
    await red(step, 'OUTPUT_MISSING');
  });

  test.each([
    ['right', 0],
    ['a day behind', -24 * 60 * minute],
    ['a day ahead', 24 * 60 * minute],
  ])("OUTPUT_STALE when it is older than the batch; the runner's clock is %s", async (_, ahead) => {
    const scene = await play();
    scene.putInLakehouse(path, '{"a":1}', 10 * minute);
    const step = scene.step({ clockAhead: ahead });
    await expect(step.run()).resolves.toBe(false);
    expect(step.runner.outputs).toMatchObject({
      result: 'Succeeded',
      'error-code': 'OUTPUT_STALE',
    });
    expect(step.runner.outputs['job-output'] ?? '').toBe('');
  });

  test.each([
    ['followed', 10 * minute],
    ['followed', -10 * minute],
    ['attached', 10 * minute],
  ])(
    "OUTPUT_STALE when it is older than a batch that is %s; the runner's clock is %i ms ahead",
    async (how, clockAhead) => {
      const scene = await play();
      scene.putInLakehouse(path, '{"a":1}', 5 * minute);
      const first = scene.step();
      await first.runUntilKilled((kill) => scene.afterSubmit(minute, kill));
      const id = first.runner.outputs['batch-id'] ?? '';
      const second =
        how === 'followed'
          ? scene.step({ inputs: { 'batch-id': id }, without: ['file'], clockAhead })
          : scene.step({ env: { GITHUB_RUN_ATTEMPT: '2' }, clockAhead });
      await expect(second.run()).resolves.toBe(false);
      expect(second.runner.outputs).toMatchObject({
        submission: how,
        'error-code': 'OUTPUT_STALE',
      });
    },
  );

  test('OUTPUT_STALE for the file of the attempt before, when a new batch wrote none', async () => {
    const scene = await play();
    scene.afterSubmit(2 * minute, () => scene.putInLakehouse(path, '{"a":1}'));
    await expect(scene.step().run()).resolves.toBe(true);
    const second = scene.step({ env: { GITHUB_RUN_ATTEMPT: '2' } });
    await expect(second.run()).resolves.toBe(false);
    expect(second.runner.outputs['error-code']).toBe('OUTPUT_STALE');
  });

  test.each([
    ['is larger than 64 KiB', objectOf(64 * 1024 + 1)],
    ['is far larger', objectOf(3 * 1024 * 1024)],
    ['is empty', ''],
    ['is no JSON', '{"a":1'],
    ['holds two objects', '{"a":1}\n{"a":2}'],
    ['is a list', '[{"a":1}]'],
    ['is a text', '"a"'],
    ['is a number', '1'],
    ['is null', 'null'],
    ['is no UTF-8', Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d)],
  ])('OUTPUT_INVALID when it %s', async (_, content) => {
    const { step, green } = await wrote(content);
    expect(green).toBe(false);
    await red(step, 'OUTPUT_INVALID');
  });
});

describe('of a batch that failed', () => {
  test('a fresh output is set, and the error stays BATCH_FAILED', async () => {
    const { step, green } = await wrote('{"rows":3}', { script: failing });
    expect(green).toBe(false);
    expect(step.runner.outputs).toMatchObject({ result: 'Failed', 'error-code': 'BATCH_FAILED' });
    expect(jobOutput(step.runner.outputs)).toEqual({ rows: 3 });
    expect(step.runner.errors).toHaveLength(1);
  });

  test('a stale output is not set, a missing one is no error of its own', async () => {
    for (const stale of [true, false]) {
      const step = await play({ script: failing });
      if (stale) step.putInLakehouse(path, '{"rows":3}', minute);
      await expect(step.run()).resolves.toBe(false);
      expect(step.runner.outputs['error-code']).toBe('BATCH_FAILED');
      expect(step.runner.outputs['job-output'] ?? '').toBe('');
      expect(step.runner.errors).toHaveLength(1);
    }
  });
});

test('OneLake that fails for a minute at the end does not lose the output', async () => {
  const step = await play();
  step.afterSubmit(2 * minute, () => step.putInLakehouse(path, '{"a":1}'));
  step.fabric.faults.add({
    when: ({ host }) => host === 'onelake',
    times: 2,
    fault: { kind: 'answer', status: 503 },
  });
  await expect(step.run()).resolves.toBe(true);
  expect(jobOutput(step.runner.outputs)).toEqual({ a: 1 });
  expect(step.fabric.requests.filter(isStatus)).not.toEqual([]);
});

test.each(['out/result.json', 'Tables/out.json', 'Files/../secret.json', 'Files/%2e%2e/x.json'])(
  'output-file: %s is an input error',
  async (file) => {
    const step = await play({ inputs: { 'output-file': file } });
    await expect(step.run()).resolves.toBe(false);
    expect(step.runner.outputs['error-code']).toBe('INPUT_INVALID');
    expect(step.error.message).toContain('output-file');
    expect(step.fabric.requests).toEqual([]);
  },
);
