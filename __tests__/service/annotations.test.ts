import { describe, expect, jest, test } from '@jest/globals';
import type { BatchScript } from '../../local/engine/scripted.ts';
import { stage, type Stage, type StageOptions } from './stage.ts';

jest.setTimeout(30_000);

const job = ['import rules', '', 'def main():', '    rules.check(3)', '', 'main()', ''].join('\n');
const rules = ['def check(count):', '    raise ValueError(f"{count} rows")', ''].join('\n');
const trace = [
  'Traceback (most recent call last):',
  '  File "/tmp/spark-1/job.py", line 6, in <module>',
  '    main()',
  '  File "/tmp/spark-1/job.py", line 4, in main',
  '    rules.check(3)',
  '  File "/tmp/spark-1/userFiles-2/lib.zip/rules.py", line 2, in check',
  'ValueError: 3 rows',
  '',
].join('\n');

function failing(stdout: string, livy = ''): BatchScript {
  return {
    steps: [
      { at: 0, phase: 'starting', livy },
      { at: 2, phase: 'running', stdout, stderr: 'at work\n' },
      { at: 4, phase: 'dead' },
    ],
  };
}

async function failed(
  script: BatchScript,
  inputs: Readonly<Record<string, string>> = {},
  { env = {}, files = {} }: Partial<StageOptions> = {},
): Promise<Stage> {
  const step = await stage({
    script,
    inputs: { file: 'jobs/job.py', 'py-files': 'lib', ...inputs },
    files: { 'jobs/job.py': job, 'lib/rules.py': rules, ...files },
    env,
  });
  expect(await step.run()).toBe(false);
  return step;
}

test('the error stands on the line of the checkout that raised it, and says what to do', async () => {
  const { runner } = await failed(failing(trace));
  expect(runner.onlyError).toMatchObject({
    title: 'Spark batch failed',
    message: expect.stringContaining('The job failed: ValueError: 3 rows\n'),
    place: { file: 'lib/rules.py', line: 2 },
  });
  expect(runner.onlyError.message.length).toBeLessThan(4_096);
});

test('a module that lies in the checkout and was not given is what to do', async () => {
  const missing = "ModuleNotFoundError: No module named 'tax'";
  const stdout = `Traceback (most recent call last):\n  File "/tmp/job.py", line 1, in <module>\n    import rules\n${missing}\n`;
  const { runner } = await failed(failing(stdout), {}, { files: { 'jobs/tax.py': '' } });
  expect(runner.onlyError.message).toMatch(
    /\nGive jobs\/tax\.py in py-files\. The log of the step/,
  );
  expect(runner.summaryText).toContain('Give jobs/tax.py in py');
});

test('a local Fabric shows no run: the error names the log', async () => {
  const { runner } = await failed(failing(trace));
  expect(runner.onlyError.message).toContain(
    `, and all of it is in ${runner.outputs['log-path']}.`,
  );
  expect(runner.onlyError.message).not.toMatch(/shows the run|run in Fabric/);
});

test('with annotations: false it stands on no line', async () => {
  const { runner } = await failed(failing(trace), { annotations: 'false' });
  expect(runner.onlyError.message).toContain('ValueError: 3 rows');
  expect(runner.onlyError.place).toBeUndefined();
  expect(runner.onlyError.message).not.toContain('Raised in');
});

test('a line with another text than the traceback shows is not named', async () => {
  const other = trace.replace('line 2, in check', 'line 200, in check').replace('line 4', 'line 5');
  const { runner } = await failed(failing(other));
  // One text that line 5 does not have shows that the whole file is another one.
  expect(runner.onlyError.place).toBeUndefined();
});

test('a batch that is only followed gets no line: it may run other files', async () => {
  const first = await stage({
    script: failing(trace),
    inputs: { file: 'jobs/job.py', 'py-files': 'lib', wait: 'false' },
    files: { 'jobs/job.py': job, 'lib/rules.py': rules },
  });
  expect(await first.run()).toBe(true);
  const followed = first.step({
    inputs: { 'batch-id': first.runner.outputs['batch-id'] ?? '' },
    without: ['file', 'py-files', 'wait'],
  });
  expect(await followed.run()).toBe(false);
  expect(followed.runner.onlyError.message).toContain('ValueError: 3 rows');
  expect(followed.runner.onlyError.place).toBeUndefined();
});

test("spark-submit's own log tells how a job ended that left no exception", async () => {
  const livy =
    '2026-11-02T08:00:00Z ERROR ApplicationMaster: User application exited with status 137\n';
  const { runner } = await failed(failing('at work\n', livy));
  expect(runner.onlyError.message).toMatch(/killed \(exit code 137\)[\s\S]*memory/);
  expect(runner.remotes.join('')).not.toContain('ApplicationMaster');
});

describe('a verdict that is no failure of the job', () => {
  /** An exception that the job handled, or that its end brought about. */
  const said = { at: 2, phase: 'running', stdout: trace, stderr: 'at work\n' } as const;

  test.each<[string, BatchScript['steps'], string, string]>([
    [
      'CANCELLED_ELSEWHERE',
      [{ at: 4, phase: 'killed' }],
      'Cancelled',
      'The batch was cancelled by someone else',
    ],
    [
      'STATE_CONFLICT',
      [{ at: 4, phase: 'success', overlay: { result: 'Failed' } }],
      'Failed',
      'success and of failure at once',
    ],
    [
      'UNKNOWN_STATE',
      [{ at: 4, overlay: { state: 'sleeping', result: 'Uncertain' } }],
      'Unknown',
      'The outcome of the batch cannot be told',
    ],
  ])('%s has no cause in the log, and no line', async (code, steps, result, words) => {
    const { runner } = await failed({ steps: [{ at: 0, phase: 'starting' }, said, ...steps] });
    expect(runner.outputs).toMatchObject({ result, 'error-code': code });
    expect(runner.onlyError.message).toContain(words);
    expect(runner.onlyError.place).toBeUndefined();
    expect(runner.onlyError.message + runner.summaryText).not.toContain('ValueError');
  });

  test('a full capacity keeps the words of the service', async () => {
    const { runner } = await failed(
      {
        steps: [
          { at: 1, livy: trace },
          { at: 4, phase: 'error', error: { code: 'TooManyRequestsForCapacity', message: 'full' } },
        ],
      },
      { 'capacity-wait-minutes': '0' },
    );
    expect(runner.outputs).toMatchObject({ result: 'NotStarted', 'error-code': 'CAPACITY_FULL' });
    expect(runner.onlyError.message).toMatch(/no room for the batch.*full/);
    expect(runner.onlyError.place).toBeUndefined();
    expect(runner.summaryText).not.toContain('ValueError');
  });
});

test('an exception long before the end gives no line where the exit code is not known', async () => {
  const handled = trace.replace('3 rows', 'handled, retrying');
  const output = Array.from({ length: 600 }, (_, n) => `day ${n} loaded\n`).join('');
  const { runner } = await failed(failing(handled + output));
  expect(runner.onlyError.place).toBeUndefined();
  expect(runner.onlyError.message).not.toContain('handled, retrying');
  expect(runner.summaryText).not.toContain('handled, retrying');
});

describe('a checkout that is not the commit of the run', () => {
  const sha = '3f786850e387550fdab836ed7e6dc881de23001b';
  const push = { GITHUB_EVENT_NAME: 'push', GITHUB_SHA: sha };

  test.each<[string, Partial<StageOptions>]>([
    ['under workflow_run', { env: { GITHUB_EVENT_NAME: 'workflow_run', GITHUB_SHA: sha } }],
    [
      'with another HEAD',
      { env: push, files: { '.git/HEAD': '2b66fd261ee5c6cfc8de7fa466bab600bcfe4f69\n' } },
    ],
  ])('gets no annotated line and no link %s, and the error says where', async (_, options) => {
    const { runner } = await failed(failing(trace), { 'allow-untrusted': 'true' }, options);
    expect(runner.onlyError.place).toBeUndefined();
    expect(runner.onlyError.message).toContain('Raised in lib/rules.py, line 2.');
    expect(runner.summaryText).toContain('`lib/rules.py`, line 2');
    expect(runner.summaryText).not.toContain('/blob/');
  });

  test('is no matter where it is the usual one', async () => {
    const { runner } = await failed(
      failing(trace),
      {},
      { env: push, files: { '.git/HEAD': `${sha}\n` } },
    );
    expect(runner.onlyError.place).toEqual({ file: 'lib/rules.py', line: 2 });
    expect(runner.onlyError.message).not.toContain('Raised in');
    expect(runner.summaryText).toContain(`/octo-org/orders/blob/${sha}/lib/rules.py#L2`);
  });

  test('gets no line in a repository within the checkout', async () => {
    const { runner } = await failed(
      failing(trace),
      {},
      {
        env: push,
        files: { '.git/HEAD': `${sha}\n`, 'lib/.git': 'gitdir: ../.git/modules/lib\n' },
      },
    );
    expect(runner.onlyError.place).toBeUndefined();
    expect(runner.summaryText).not.toContain('/blob/');
  });
});
