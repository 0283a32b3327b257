import { describe, expect, jest, test } from '@jest/globals';
import { goodBatch, type BatchScript } from '../../local/engine/scripted.ts';
import { nonce, stage, type Stage, type StageOptions } from './stage.ts';

jest.setTimeout(30_000);

const minute = 60_000;
const folder = 'Files/test-results';
const path = `${folder}/orders.xml`;
const job = goodBatch('x\n', 300);
const failing: BatchScript = {
  steps: [
    { at: 5, phase: 'running', stderr: 'SystemExit: 1\n' },
    { at: 300, phase: 'dead' },
  ],
};

const passed = '<testcase classname="test_orders" name="test_total" time="0.5"/>';
const skipped = '<testcase classname="test_orders" name="test_later"><skipped/></testcase>';
const trace = `    def test_sum():
&gt;       assert total([1, 2]) == 4
E       assert 3 == 4

tests/test_orders.py:4: AssertionError`;
const failed = `<testcase classname="test_orders" name="test_sum"><failure message="assert 3 == 4">${trace}</failure></testcase>`;
const source = 'from orders import total\n\ndef test_sum():\n    assert total([1, 2]) == 4\n';

function suite(...cases: readonly string[]): string {
  return `<?xml version="1.0" encoding="utf-8"?>\n<testsuites><testsuite name="pytest" errors="0" failures="0" tests="0" time="1.5">${cases.join('')}</testsuite></testsuites>`;
}

function play(options: Partial<StageOptions> = {}): Promise<Stage> {
  return stage({
    script: job,
    files: { 'tests/test_orders.py': source },
    ...options,
    inputs: { 'run-key': 'a', results: path, ...options.inputs },
    env: { GITHUB_SHA: 'a'.repeat(40), ...options.env },
  });
}

/** A step whose job writes files two minutes after its submit. */
async function wrote(
  files: Readonly<Record<string, string>>,
  { told = false, ...options }: Partial<StageOptions> & { told?: boolean } = {},
): Promise<{ step: Stage; green: boolean }> {
  const step = await play(options);
  const remote = step.runner.remote.bind(step.runner);
  step.runner.remote = (lines) =>
    told && lines.some((line) => line.startsWith('FAILED'))
      ? Promise.reject(new TypeError('a bug of ours'))
      : remote(lines);
  step.afterSubmit(2 * minute, () => {
    for (const [name, content] of Object.entries(files)) step.putInLakehouse(name, content);
  });
  return { step, green: await step.run() };
}

function isDeletion({ host, method }: { host: string; method: string }): boolean {
  return host === 'onelake' && method === 'DELETE';
}

/** What OneLake was asked for at the end. */
function readings({ fabric }: Stage): string[] {
  return fabric.requests
    .filter(({ host, method }) => host === 'onelake' && method === 'GET')
    .map(({ path: asked }) => asked);
}

describe('tests that passed', () => {
  test('are counted, and the step is green', async () => {
    const { step, green } = await wrote({ [path]: suite(passed, passed, skipped) });
    expect(step.runner.errors).toEqual([]);
    expect(green).toBe(true);
    expect(step.runner.outputs).toMatchObject({
      result: 'Succeeded',
      'tests-total': '3',
      'tests-failed': '0',
      'tests-skipped': '1',
    });
    expect(step.story).toContain('3 tests, 1 skipped, the others passed');
  });

  test('of all files that the globs match, each once, are counted together', async () => {
    const { step, green } = await wrote(
      {
        [`${folder}/a/TEST-1.xml`]: suite(passed),
        [`${folder}/b/c/TEST-2.xml`]: suite(passed, passed),
        [`${folder}/b/c/other.txt`]: 'no XML',
        [`${folder}/top.xml`]: suite(skipped),
      },
      { inputs: { results: `${folder}/**/*.xml\n${folder}/*.xml\n${folder}/top.xml` } },
    );
    expect(step.runner.errors).toEqual([]);
    expect(green).toBe(true);
    expect(step.runner.outputs).toMatchObject({ 'tests-total': '4', 'tests-skipped': '1' });
  });

  test('are looked for where {submission}, {run-id} and {attempt} say, on every page of the list', async () => {
    const own = `${folder}/9000000001/1/${nonce(0)}`;
    const { step, green } = await wrote(
      Object.fromEntries([1, 2, 3, 4, 5].map((n) => [`${own}/${n}.xml`, suite(passed)])),
      {
        settings: { pageSize: 2 },
        inputs: { results: `${folder}/{run-id}/{attempt}/{submission}/*.xml` },
      },
    );
    expect(step.runner.errors).toEqual([]);
    expect(green).toBe(true);
    expect(step.runner.outputs['tests-total']).toBe('5');
    expect(readings(step).filter((asked) => asked.includes('resource=filesystem'))).toHaveLength(3);
  });

  test('are not asked for without results', async () => {
    const step = await play({ inputs: { results: '' } });
    await expect(step.run()).resolves.toBe(true);
    expect(readings(step)).toEqual([]);
    expect(step.runner.outputs).not.toHaveProperty('tests-total');
  });
});

describe('a test that failed, where Spark succeeded', () => {
  test('turns the step red, with its message, on its line of the checkout', async () => {
    const { step, green } = await wrote({ [path]: suite(passed, failed) });
    expect(green).toBe(false);
    expect(step.runner.outputs).toMatchObject({
      result: 'Succeeded',
      'error-code': 'TESTS_FAILED',
      'tests-total': '2',
      'tests-failed': '1',
    });
    const [annotation, verdict, ...more] = step.runner.errors;
    expect(more).toEqual([]);
    expect(annotation).toMatchObject({
      title: 'test_sum',
      place: { file: 'tests/test_orders.py', line: 4 },
    });
    expect(annotation?.message).toMatch(/^assert 3 == 4\n/);
    expect(verdict?.message).toContain(
      '1 of 2 tests failed:\n- test_orders › test_sum: assert 3 == 4',
    );
    expect(step.story).toContain('FAILED test_orders › test_sum (tests/test_orders.py:4)');
  });

  test('is not annotated where the line reads otherwise, nor with annotations: false', async () => {
    const other = { 'tests/test_orders.py': source.replace('== 4', '== 5') };
    for (const options of [{ files: other }, { inputs: { annotations: 'false' } }]) {
      const { step, green } = await wrote({ [path]: suite(failed) }, options);
      expect(green).toBe(false);
      expect(step.error.message).toContain('1 of 1 test failed');
    }
  });

  test.each([
    { GITHUB_EVENT_NAME: 'pull_request_target' },
    { GITHUB_EVENT_NAME: 'workflow_run' },
    { GITHUB_EVENT_NAME: 'issue_comment' },
  ])(
    'is not annotated where the commit may not be the one that is checked out: %o',
    async (env) => {
      const { step, green } = await wrote(
        { [path]: suite(failed) },
        { env, inputs: { 'allow-untrusted': 'true' } },
      );
      expect(green).toBe(false);
      expect(step.error.message).toContain('1 of 1 test failed');
    },
  );

  test('of a batch that is only followed is annotated where the line reads the same, else nowhere', async () => {
    const shown = failed.replace('test_sum', 'shown');
    const silent = failed.replace(trace, 'tests/test_orders.py:4: AssertionError');
    const scene = await play();
    const submitter = scene.step({ inputs: { wait: 'false' }, without: ['results'] });
    await submitter.run();
    await scene.time.sleep(minute);
    scene.putInLakehouse(path, suite(silent, shown));
    const id = submitter.runner.outputs['batch-id'] ?? '';
    const step = scene.step({ inputs: { 'batch-id': id }, without: ['file', 'run-key'] });
    await expect(step.run()).resolves.toBe(false);
    const [annotation, verdict, ...more] = step.runner.errors;
    expect(more).toEqual([]);
    expect(annotation).toMatchObject({ title: 'shown', place: { line: 4 } });
    expect(verdict?.message).toContain('2 of 2 tests failed');
  });

  test('does not show a secret of the step, as XML escapes it, wherever it is cut', async () => {
    const proxy = 'http://user:p%40ss%26w%3Crd1@127.0.0.1:9';
    const written = `was ${'x'.repeat(490)}p@ss&amp;w&lt;rd1`;
    const { step, green } = await wrote(
      { [path]: suite(failed.replaceAll('assert 3 == 4', written)) },
      { env: { HTTPS_PROXY: proxy } },
    );
    expect(green).toBe(false);
    expect(step.runner.errors.at(-1)?.message).toContain('xxx***');
    const told = JSON.stringify([step.runner.errors, step.story, step.runner.remotes]);
    expect(told).not.toMatch(/p@s|w<rd1/);
  });

  test('leaves room for the verdict: 9 annotations, and a notice of the others', async () => {
    const { step } = await wrote({ [path]: suite(...new Array<string>(30).fill(failed)) });
    expect(step.runner.errors).toHaveLength(10);
    expect(step.runner.errors.at(-1)?.place).toBeUndefined();
    expect(
      step.runner.lines.filter((line) => line.startsWith('21 more failed tests')),
    ).toHaveLength(1);
  });

  test('cannot speak to the runner', async () => {
    const { step } = await wrote({
      [path]: suite(
        failed.replaceAll('assert 3 == 4', '::set-output name=x::y&#10;::stop-commands::x'),
      ),
    });
    expect(step.runner.remotes.at(-1)).toMatch(/^::stop-commands::token\n.*::set-output/s);
  });
});

describe('red, although Spark succeeded and no test failed', () => {
  async function red(step: Stage, code: string, says: RegExp): Promise<void> {
    expect(step.runner.outputs).toMatchObject({ result: 'Succeeded', 'error-code': code });
    expect(step.error.message).toMatch(says);
    const before = step.fabric.requests.length;
    await step.post();
    expect(step.fabric.requests).toHaveLength(before);
  }

  test.each([path, `${folder}/*.xml`, `${folder}/**`])(
    'NO_TESTS when there is no %s',
    async (results) => {
      const step = await play({ inputs: { results } });
      await expect(step.run()).resolves.toBe(false);
      await red(step, 'NO_TESTS', /test-results/);
      expect(step.runner.outputs).not.toHaveProperty('tests-total');
    },
  );

  test.each([path, `${folder}/*.xml`])(
    'NO_TESTS when what %s names is older than the batch, with its age',
    async (results) => {
      const step = await play({ inputs: { results } });
      step.putInLakehouse(path, suite(passed), 10 * minute);
      await expect(step.run()).resolves.toBe(false);
      await red(step, 'NO_TESTS', /orders\.xml was written .* ago, .* of an earlier run/);
    },
  );

  test('NO_TESTS when one line of two finds nothing', async () => {
    const { step, green } = await wrote(
      { [path]: suite(passed) },
      { inputs: { results: `${path}\n${folder}/jvm/*.xml` } },
    );
    expect(green).toBe(false);
    await red(step, 'NO_TESTS', /jvm/);
    expect(step.runner.outputs['tests-total']).toBe('1');
  });

  test('NO_TESTS when no file holds a test case', async () => {
    const { step, green } = await wrote({ [path]: suite() });
    expect(green).toBe(false);
    await red(step, 'NO_TESTS', /no test case/);
    expect(step.runner.outputs['tests-total']).toBe('0');
  });

  test.each([
    ['is empty', '', /is empty/],
    ['was cut short', suite(passed).slice(0, -20), /not well-formed/],
    [
      'has a DOCTYPE',
      suite(passed).replace('<testsuites>', '<!DOCTYPE x [<!ENTITY a "b">]><testsuites>'),
      /DOCTYPE/,
    ],
    ['is another XML', '<assemblies/>', /no JUnit XML/],
    ['is larger than 16 MiB', suite(' '.repeat(16 * 1024 * 1024)), /more than 16 MiB/],
  ])('RESULTS_INVALID when one of two files %s', async (_, content, says) => {
    const { step, green } = await wrote(
      { [path]: suite(passed), [`${folder}/second.xml`]: content },
      { inputs: { results: `${folder}/*.xml` } },
    );
    expect(green).toBe(false);
    await red(step, 'RESULTS_INVALID', says);
    expect(step.runner.outputs['tests-total']).toBe('1');
  });

  test.each([
    [
      'holds a name that the parser stumbles over',
      suite(passed).replace('<testsuite ', '<testsuite hasOwnProperty="1" '),
      /second\.xml cannot be parsed/,
    ],
    [
      'tells of more tests than it holds',
      '<testsuite tests="5"><testcase name="a"/></testsuite>',
      /second\.xml tells of 5 tests and holds 1: its writer died/,
    ],
  ])('RESULTS_INVALID when one of two files %s', async (_, content, says) => {
    const { step, green } = await wrote(
      { [path]: suite(passed), [`${folder}/second.xml`]: content },
      { inputs: { results: `${folder}/*.xml` } },
    );
    expect(green).toBe(false);
    await red(step, 'RESULTS_INVALID', says);
  });

  test('RESULTS_INVALID when the files have more than 64 MiB in all', async () => {
    const large = suite(passed, ' '.repeat(15 * 1024 * 1024));
    const { step, green } = await wrote(
      Object.fromEntries([1, 2, 3, 4, 5].map((n) => [`${folder}/${n}.xml`, large])),
      { inputs: { results: `${folder}/*.xml` } },
    );
    expect(green).toBe(false);
    await red(step, 'RESULTS_INVALID', /more than 64 MiB in all/);
  });

  test('RESULTS_INVALID when there are more files than are read', async () => {
    const files = Array.from(
      { length: 201 },
      (_, n) => [`${folder}/${n}.xml`, suite(passed)] as const,
    );
    const { step, green } = await wrote(Object.fromEntries(files), {
      inputs: { results: `${folder}/*.xml` },
    });
    expect(green).toBe(false);
    await red(step, 'RESULTS_INVALID', /more than 200 files/);
  });
});

describe('of a batch that failed', () => {
  test('the tests are told, and the error stays BATCH_FAILED but says which failed', async () => {
    const { step, green } = await wrote({ [path]: suite(passed, failed) }, { script: failing });
    expect(green).toBe(false);
    expect(step.runner.outputs).toMatchObject({
      result: 'Failed',
      'error-code': 'BATCH_FAILED',
      'tests-total': '2',
      'tests-failed': '1',
    });
    const [annotation, verdict, ...more] = step.runner.errors;
    expect(more).toEqual([]);
    expect(annotation?.place).toEqual({ file: 'tests/test_orders.py', line: 4 });
    expect(verdict?.message).toMatch(/^1 of 2 tests failed:\n- .*\nThe job failed: /);
  });

  test('a file that cannot be parsed is a line of the log', async () => {
    const odd = suite(failed).replace('<testsuite ', '<testsuite hasOwnProperty="1" ');
    const { step, green } = await wrote({ [path]: odd }, { script: failing });
    expect(green).toBe(false);
    expect(step.runner.outputs['error-code']).toBe('BATCH_FAILED');
    expect(step.story).toContain('orders.xml cannot be parsed');
  });

  test('results that are not there are no error of their own', async () => {
    const step = await play({ script: failing });
    await expect(step.run()).resolves.toBe(false);
    expect(step.runner.outputs['error-code']).toBe('BATCH_FAILED');
    expect(step.error.message).toMatch(/^The job failed/);
    expect(step.story).toContain(path);
  });
});

test('a batch that is cancelled is not asked for its tests', async () => {
  const step = await play();
  step.afterSubmit(2 * minute, () => step.interrupt.raise('SIGINT'));
  await expect(step.run()).resolves.toBe(false);
  expect(step.runner.outputs['error-code']).toBe('CANCELLED');
  expect(readings(step)).toEqual([]);
});

test('a signal while results are read ends the reading', async () => {
  const step = await play();
  step.putInLakehouse(path, suite(passed));
  step.fabric.faults.add({
    when: ({ host }) => {
      if (host !== 'onelake') return false;
      step.interrupt.raise('SIGTERM');
      return true;
    },
    fault: { kind: 'answer', status: 503 },
  });
  await expect(step.run()).resolves.toBe(false);
  expect(step.runner.outputs).toMatchObject({ result: 'Succeeded', 'error-code': 'CANCELLED' });
  expect(readings(step)).toHaveLength(1);
});

test('a signal while a file is parsed ends the parsing', async () => {
  const step = await play();
  const long = suite(...new Array<string>(50_000).fill(passed));
  step.afterSubmit(2 * minute, () => step.putInLakehouse(path, long));
  let pauses = 0;
  const sleep = step.time.sleep.bind(step.time);
  step.time.sleep = (ms, signal) => {
    if (ms === 0 && readings(step).length > 0 && (pauses += 1) === 3)
      step.interrupt.raise('SIGTERM');
    return sleep(ms, signal);
  };
  await expect(step.run()).resolves.toBe(false);
  expect(step.runner.outputs).toMatchObject({ result: 'Succeeded', 'error-code': 'CANCELLED' });
  expect(pauses).toBe(3);
});

test('the parsing has its part of the 5 minutes', async () => {
  const step = await play();
  const sleep = step.time.sleep.bind(step.time);
  step.time.sleep = (ms, signal) =>
    sleep(ms === 0 && readings(step).length > 0 ? 2 * minute : ms, signal);
  const long = suite(...new Array<string>(50_000).fill(passed));
  step.afterSubmit(2 * minute, () => step.putInLakehouse(path, long));
  await expect(step.run()).resolves.toBe(false);
  expect(step.runner.outputs['error-code']).toBe('SERVICE_UNREACHABLE');
});

describe('a fault of ours while what the job wrote is read', () => {
  /** Stumbles over a reading, or where the failed tests are told. */
  async function stumbled(where: 'file' | 'told', script: BatchScript): Promise<Stage> {
    const { step } = await wrote(
      { [path]: suite(failed), 'Files/out.json': '{}' },
      {
        script,
        inputs: { 'output-file': 'Files/out.json', file: 'main.py' },
        files: { 'main.py': '1\n' },
        slow: ({ url, method }) => {
          if (where === 'file' && method === 'GET' && /out\.json|orders\.xml/.test(url))
            throw new TypeError('a bug of ours');
          return false;
        },
        told: where === 'told',
      },
    );
    return step;
  }

  test.each(['file', 'told'] as const)(
    'leaves the verdict on a batch that failed alone (%s)',
    async (where) => {
      const step = await stumbled(where, failing);
      expect(step.runner.outputs).toMatchObject({ result: 'Failed', 'error-code': 'BATCH_FAILED' });
      expect(step.runner.warnings).toContainEqual(expect.stringContaining('a bug of ours'));
      expect(step.story).not.toContain('The post step ends the batch');
      expect(step.fabric.requests.some(isDeletion)).toBe(true);
    },
  );

  test.each(['file', 'told'] as const)(
    'is no success, and the upload is removed (%s)',
    async (where) => {
      const step = await stumbled(where, job);
      expect(step.runner.outputs).toMatchObject({ result: 'Succeeded', 'error-code': 'INTERNAL' });
      expect(step.story).toContain('a bug of ours');
      expect(step.story).not.toContain('The post step ends the batch');
      expect(step.fabric.requests.some(isDeletion)).toBe(true);
    },
  );
});

test('OneLake that fails for a while does not lose the tests', async () => {
  const step = await play({ inputs: { results: `${folder}/*.xml` } });
  step.afterSubmit(2 * minute, () => step.putInLakehouse(path, suite(passed)));
  step.fabric.faults.add({
    when: ({ host }) => host === 'onelake',
    times: 2,
    fault: { kind: 'answer', status: 503 },
  });
  await expect(step.run()).resolves.toBe(true);
  expect(step.runner.outputs['tests-total']).toBe('1');
});

test('a reading that takes longer than 5 minutes is given up', async () => {
  const step = await play({ inputs: { results: `${folder}/*.xml` } });
  let asked = 0;
  step.fabric.faults.add({
    // Every file is read at the second attempt.
    when: ({ host }) => host === 'onelake' && (asked += 1) % 2 === 0,
    fault: { kind: 'answer', status: 503, headers: { 'retry-after': '100' } },
  });
  step.afterSubmit(2 * minute, () => {
    for (let n = 0; n < 9; n += 1) step.putInLakehouse(`${folder}/${n}.xml`, suite(passed));
  });
  await expect(step.run()).resolves.toBe(false);
  expect(step.runner.outputs).toMatchObject({
    result: 'Succeeded',
    'error-code': 'SERVICE_UNREACHABLE',
  });
  expect(step.error.message).toContain('within 5 min');
  expect(readings(step).length).toBeLessThan(12);
});

test('OneLake that lets no one read turns the step red', async () => {
  const step = await play();
  step.fabric.faults.add({
    when: ({ host }) => host === 'onelake',
    fault: { kind: 'answer', status: 403 },
  });
  await expect(step.run()).resolves.toBe(false);
  expect(step.runner.outputs).toMatchObject({ result: 'Succeeded', 'error-code': 'FORBIDDEN' });
});

test.each(['out/*.xml', 'Files/../*.xml', 'Files/%2e%2e/*.xml', 'Files/*/x.xml', 'Files/**'])(
  'results: %s is an input error',
  async (results) => {
    const step = await play({ inputs: { results } });
    await expect(step.run()).resolves.toBe(false);
    expect(step.runner.outputs['error-code']).toBe('INPUT_INVALID');
    expect(step.error.message).toContain('results');
    expect(step.fabric.requests).toEqual([]);
  },
);
