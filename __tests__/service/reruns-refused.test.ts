import { describe, expect, jest, test } from '@jest/globals';
import { goodBatch } from '../../local/engine/scripted.ts';
import { defaultIds, type ApplicationSettings } from '../../local/settings.ts';
import { isList, stage, type Stage, type StageOptions } from './stage.ts';
import type { Step, StepOptions } from './step.ts';

jest.setTimeout(30_000);

const minute = 60_000;
const script = goodBatch('at work\n', 600);

const applications: ApplicationSettings[] = [1, 2].map((number) => ({
  clientId: number === 1 ? defaultIds.client : '99999999-0a51-4c1e-9d5b-1d2f3a4b5c61',
  objectId: number === 1 ? defaultIds.principal : '99999999-0a51-4c1e-9d5b-1d2f3a4b5c62',
  name: `client-${number}`,
  secret: `a-secret-of-the-tests-${number}-0123456789`,
  federatedCredentials: [],
}));

async function play(options: Partial<StageOptions> = {}): Promise<Stage> {
  return stage({
    script,
    ...options,
    inputs: { 'run-key': 'nightly/spark', file: 'main.py', ...options.inputs },
    files: { 'main.py': 'print(1)\n' },
  });
}

function attempt(of: Stage, number: number, options: StepOptions = {}): Step {
  return of.step({ ...options, env: { GITHUB_RUN_ATTEMPT: String(number), ...options.env } });
}

async function killed(of: Stage, step: Step): Promise<Step> {
  await step.runUntilKilled((kill) => of.afterSubmit(minute, kill));
  return step;
}

/** Runs to a red end that neither submits, nor uploads, nor touches a batch; gives the error's text. */
async function refused(of: Stage, step: Step, code: string): Promise<string> {
  const before = [of.batchRequests('POST'), of.writes].map(({ length }) => length);
  await expect(step.run()).resolves.toBe(false);
  expect(step.runner.outputs).toMatchObject({
    result: 'NotStarted',
    'error-code': code,
    submission: 'none',
  });
  const post = await step.post();
  expect([of.batchRequests('POST'), of.writes].map(({ length }) => length)).toEqual(before);
  expect(of.batchRequests('DELETE')).toEqual([]);
  expect(of.fabric.batches.every(({ active }) => active)).toBe(true);
  expect([...post.errors, ...post.warnings]).toEqual([]);
  return step.runner.onlyError.message;
}

describe('RERUN_DIFFERS, before anything is sent, and with the link', () => {
  test.each(['attach-if-running', 'attach'])('other args, on-rerun: %s', async (choice) => {
    const scene = await play({ inputs: { args: 'one', 'on-rerun': choice } });
    const first = await killed(scene, attempt(scene, 1));
    const second = attempt(scene, 2, { inputs: { args: 'two' } });
    const error = await refused(scene, second, 'RERUN_DIFFERS');
    expect(error).toContain(first.runner.outputs['run-url']);
  });

  test.each([
    ['conf', { conf: 'spark.sql.shuffle.partitions=8' }],
    ['sizing', { 'executor-memory': '8g' }],
    ['main file', { file: 'Files/jobs/main.py' }],
  ])('other %s', async (_, inputs) => {
    const scene = await play();
    await killed(scene, attempt(scene, 1));
    await refused(scene, attempt(scene, 2, { inputs }), 'RERUN_DIFFERS');
  });

  test('other content of the uploaded file', async () => {
    const scene = await play();
    const first = await killed(scene, attempt(scene, 1));
    scene.checkOut('main.py', 'print(2)\n');
    const error = await refused(scene, attempt(scene, 2), 'RERUN_DIFFERS');
    expect(error).toContain(first.runner.outputs['run-url']);
  });

  test('another identity', async () => {
    const scene = await play({ settings: { applications } });
    const first = await killed(scene, attempt(scene, 1));
    const [, other] = applications;
    const second = attempt(scene, 2, {
      inputs: { 'client-id': other?.clientId ?? '', 'client-secret': other?.secret ?? '' },
    });
    const error = await refused(scene, second, 'RERUN_DIFFERS');
    expect(error).toContain(first.runner.outputs['run-url']);
  });
});

describe('RERUN_AMBIGUOUS for more than one active match: nothing is touched', () => {
  test.each(['attach-if-running', 'attach', 'new'])('on-rerun: %s', async (choice) => {
    const scene = await play({ inputs: { 'on-rerun': choice } });
    await killed(scene, attempt(scene, 1));
    await killed(scene, attempt(scene, 1));
    const error = await refused(scene, attempt(scene, 2), 'RERUN_AMBIGUOUS');
    expect(error).toContain('run-key');
    for (const { id } of scene.fabric.batches) expect(error).toContain(id);
  });
});

describe('not a match, so that a new batch is submitted: the batch of', () => {
  test.each([
    ['another run-key', { inputs: { 'run-key': 'other/spark' } }],
    ['another run id', { env: { GITHUB_RUN_ID: '9000000002' } }],
    ['another workflow', { env: { GITHUB_WORKFLOW: 'reports' } }],
    ['another repository', { env: { GITHUB_REPOSITORY: 'octo-org/reports' } }],
    ['another server', { env: { GITHUB_SERVER_URL: 'https://github.example' } }],
    ['the same attempt', { env: { GITHUB_RUN_ATTEMPT: '2' } }],
    ['a higher attempt', { env: { GITHUB_RUN_ATTEMPT: '10' } }],
  ] satisfies [string, StepOptions][])('%s', async (_, options) => {
    const scene = await play({ inputs: { 'on-rerun': 'new' } });
    await killed(scene, attempt(scene, 1, options));
    const second = attempt(scene, 2);
    await expect(second.run()).resolves.toBe(true);
    expect(second.runner.outputs['submission']).toBe('submitted');
    expect(scene.batchRequests('POST')).toHaveLength(2);
    expect(scene.batchRequests('DELETE')).toEqual([]);
  });
});

test('attempt 10 is above attempt 9', async () => {
  const scene = await play();
  await killed(scene, attempt(scene, 9));
  const tenth = attempt(scene, 10);
  await expect(tenth.run()).resolves.toBe(true);
  expect(tenth.runner.outputs['submission']).toBe('attached');
});

describe('LIST_UNREADABLE, and nothing is submitted', () => {
  test('when the list is answered with 500', async () => {
    const scene = await play();
    await killed(scene, attempt(scene, 1));
    scene.fabric.faults.add({ when: isList, fault: { kind: 'answer', status: 500 } });
    await refused(scene, attempt(scene, 2), 'LIST_UNREADABLE');
  });

  test('but FORBIDDEN at once, with the right that is missing, when it may not be read', async () => {
    const scene = await play();
    await killed(scene, attempt(scene, 1));
    scene.fabric.faults.add({ when: isList, fault: { kind: 'answer', status: 403 } });
    const second = attempt(scene, 2);
    const start = scene.time.now();
    await refused(scene, second, 'FORBIDDEN');
    expect(scene.time.now() - start).toBeLessThan(10_000);
    expect(second.runner.onlyError.message).toContain('Contributor');
  });

  test('when its second page is', async () => {
    const scene = await play({ settings: { pageSize: 1 } });
    await killed(scene, attempt(scene, 1));
    await killed(scene, attempt(scene, 1, { inputs: { 'run-key': 'other/spark' } }));
    scene.fabric.faults.add({
      when: (line) => isList(line) && /skip=1(&|$)/.test(line.path),
      fault: { kind: 'answer', status: 500 },
    });
    await refused(scene, attempt(scene, 2), 'LIST_UNREADABLE');
  });
});

test('a server that drops tags: a warning, and a new batch', async () => {
  const scene = await play({ settings: { tagsKept: false } });
  await killed(scene, attempt(scene, 1));
  const second = attempt(scene, 2);
  await expect(second.run()).resolves.toBe(true);
  expect(second.runner.outputs['submission']).toBe('submitted');
  expect(second.runner.warnings.join('\n')).toMatch(/tags/);
  expect(scene.batchRequests('POST')).toHaveLength(2);
  expect(scene.batchRequests('DELETE')).toEqual([]);
});
