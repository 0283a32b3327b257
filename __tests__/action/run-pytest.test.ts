import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { sparkEngine } from '../../local/engine/spark.ts';
import { startLocalFabric, type LocalFabric } from '../../local/fabric.ts';
import type { StepResult } from '../../local/runner/step.ts';
import { cacheFolder } from '../../local/spark/cache-folder.ts';
import { fillOnce } from '../../local/spark/fill-once.ts';
import { findSpark } from '../../local/spark/installation.ts';
import { thisMachine } from '../../local/spark/machine.ts';
import type { Python } from '../../local/spark/python.ts';
import { runTool } from '../../local/spark/tool-run.ts';
import { root, startOn } from './bench.ts';

const longest = 300_000;
/** Where PySpark or pytest is not in the cache yet it is fetched first. */
const fetching = 600_000;
jest.setTimeout(longest);

const requirements = join(root, 'examples', 'tests', 'requirements.txt');

let folder: string;
let fabric: LocalFabric;
let pytest: string;

/** pytest as a workflow would install it for py-files, from the cache. */
async function fetchPytest(python: Python): Promise<string> {
  const hash = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  const site = join(cacheFolder(thisMachine()), `pytest-${hash}-${python.version}`);
  await fillOnce({
    name: 'pytest',
    folder: site,
    log: () => undefined,
    problemOf: (path) =>
      existsSync(join(path, 'pytest', '__init__.py')) ? undefined : 'has no pytest',
    fill: async (temporary) => {
      const target = join(temporary, 'site');
      const args = ['-m', 'pip', 'install', '--target', target, '--no-deps', '--no-compile'];
      args.push('--require-hashes', '--only-binary', ':all:', '-r', requirements);
      const { exitCode, tail } = await runTool(python.executable, args, { env: process.env });
      if (exitCode !== 0) throw new Error(`pytest could not be fetched:\n${tail.join('\n')}`);
      return target;
    },
  });
  return site;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'run-pytest-'));
  const stateFolder = join(folder, 'fabric');
  const installation = await findSpark({ log: () => undefined });
  pytest = await fetchPytest(installation.python);
  const engine = await sparkEngine({ stateFolder, log: () => undefined, installation });
  fabric = await startLocalFabric({ engine, stateFolder });
}, fetching);

afterAll(async () => {
  await fabric.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs the example on a checkout of it; `change` is what a pull request does to its job. */
async function run(name: string, change: (source: string) => string): Promise<StepResult> {
  const checkout = join(folder, name, 'checkout');
  for (const part of ['jobs', 'tests'])
    cpSync(join(root, 'examples', part), join(checkout, part), { recursive: true });
  cpSync(pytest, join(checkout, 'build', 'pytest'), { recursive: true });
  const job = join(checkout, 'jobs', 'clean_orders.py');
  writeFileSync(job, change(readFileSync(job, 'utf8')));
  const { step } = startOn(fabric, join(folder, name), {
    inputs: {
      file: 'jobs/run_pytest.py',
      'py-files': 'jobs/clean_orders.py\ntests\nbuild/pytest',
      args: '--results\nFiles/test-results/{submission}.xml',
      results: 'Files/test-results/{submission}.xml',
    },
  });
  return step.done;
}

test('the example runs pytest on the driver, against Spark, and the step tells what it gave', async () => {
  const result = await run('green', (source) => source);
  expect(result).toMatchObject({ conclusion: 'success', annotations: [] });
  expect(result.outputs).toMatchObject({
    result: 'Succeeded',
    'tests-total': '8',
    'tests-failed': '0',
    'tests-skipped': '0',
  });
});

test('a change that breaks the job is annotated on the assertion that found it', async () => {
  const result = await run('red', (source) =>
    source.replace('F.regexp_replace(text, ",", "")', 'text'),
  );
  expect(result.conclusion).toBe('failure');
  expect(result.outputs).toMatchObject({
    result: 'Failed',
    'error-code': 'BATCH_FAILED',
    'tests-total': '8',
    'tests-failed': '1',
  });
  const [failed, verdict] = result.annotations;
  const lines = readFileSync(join(root, 'examples', 'tests', 'test_clean_orders.py'), 'utf8').split(
    '\n',
  );
  expect(failed).toMatchObject({
    level: 'error',
    title: 'test_amounts_may_have_thousands_separators',
    file: 'tests/test_clean_orders.py',
    line: lines.indexOf('    assert order["amount"] == Decimal("1234.50")') + 1,
  });
  expect(failed?.message).toContain("assert None == Decimal('1234.50')");
  expect(verdict?.message).toMatch(/^1 of 8 tests failed:\n/);
  expect(result.annotations).toHaveLength(2);
});
