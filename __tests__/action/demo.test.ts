import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { readConnection, writeConnection, type Connection } from '../../local/connection.ts';
import { parseDemoCommand } from '../../local/demo/command-line.ts';
import { runOwnJobs } from '../../local/demo/own-jobs.ts';
import { planDemo } from '../../local/demo/plan.ts';
import { readActionFile } from '../../local/runner/action-file.ts';
import { defaultIds } from '../../local/settings.ts';
import { Bench, failedAtOnce, overAtOnce, root } from './bench.ts';

const commit = 'c'.repeat(40);
const job = 'import lib\nraise ValueError("no orders")\n';

let folder: string;
let bench: Bench;
let shown: string[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'demo-test-'));
  bench = await Bench.start();
  shown = [];
  jest.spyOn(console, 'log').mockImplementation((text) => {
    shown.push(String(text));
  });
  file('repo/.git/HEAD', `${commit}\n`);
  file('repo/jobs/job.py', job);
  file('repo/lib.py', '');
  file('data/raw/mine.csv', 'id\n1\n');
});
afterEach(async () => {
  jest.restoreAllMocks();
  await bench.close();
  rmSync(folder, { recursive: true, force: true });
});

function file(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

async function demo(words: readonly string[], fabric: Connection = bench.fabric): Promise<boolean> {
  const known = readActionFile(root).inputs.map(({ name }) => name);
  const plan = planDemo(parseDemoCommand(words, known), folder);
  const stage = { fabric, action: root, folder: join(folder, 'out') };
  return runOwnJobs(plan, { ...stage, onStart: () => undefined });
}

const output = (): string => shown.join('\n');
const requests = (): (typeof bench.fabric.batches)[number]['request'][] =>
  bench.fabric.batches.map(({ request }) => request).toReversed();

test('jobs run one after the other with inputs, arguments and a seed of the user, and are kept', async () => {
  bench.script = overAtOnce('hello\n');
  const words = ['--seed', 'data', '--keep', 'out', '--input', 'py-files=lib.py'];
  const jobs = ['repo/jobs/job.py', '1', '--then', '--input', 'py-files=', 'repo/lib.py'];
  await expect(demo([...words, '--input', 'conf=spark.x=1', ...jobs])).resolves.toBe(true);
  expect(requests()).toMatchObject([
    { args: ['1'], pyFiles: [expect.stringMatching(/\/lib\.py$/)], conf: { 'spark.x': '1' } },
    { file: expect.stringMatching(/\/lib\.py$/), conf: { 'spark.x': '1' } },
  ]);
  const lakehouse = bench.fabric.folderOf(defaultIds.lakehouse);
  expect(output()).toContain('The lakehouse holds:\n  Files/raw/mine.csv\n');
  expect(output()).toContain(`lakehouse   ${lakehouse}`);
  const [, log = ''] = /driver log {2}(.*)/.exec(output()) ?? [];
  expect(readFileSync(join(log, 'stdout.log'), 'utf8')).toBe('hello\n');
});

test('after a red one the others do not run; the error stands on the line of the checkout', async () => {
  const trace = `Traceback (most recent call last):\n  File "/tmp/job.py", line 2, in <module>\n    raise ValueError("no orders")\nValueError: no orders\n`;
  bench.script = failedAtOnce(trace, '');
  await expect(demo(['repo/jobs/job.py', '--then', 'repo/lib.py'])).resolves.toBe(false);
  expect(requests()).toHaveLength(1);
  expect(output()).toContain('── Annotation on jobs/job.py:2');
  expect(output()).toContain('lib.py was not run');
});

test('without a seed the example orders are there, and it says so; what is not kept is told', async () => {
  await expect(demo(['repo/jobs/job.py'])).resolves.toBe(true);
  const csv = readFileSync(join(root, 'examples/data/orders.csv'), 'utf8').trim().split('\n');
  expect(output()).toContain(`Files/raw/orders.csv\n  (${csv.length - 1} example orders`);
  expect(output()).toMatch(/removed now, with the logs: add --keep DIR/);
});

test('a local Fabric that runs already is reached by its folder, as long as it runs', async () => {
  const { stateFolder } = bench.fabric;
  expect(() => readConnection(stateFolder)).toThrow(/No local Fabric runs .*: npm run fabric/);
  const remove = writeConnection(bench.fabric);
  expect(statSync(join(stateFolder, 'connection.json')).mode & 0o777).toBe(0o600);
  const connection = readConnection(stateFolder);
  await expect(demo(['--on', stateFolder, 'repo/jobs/job.py'], connection)).resolves.toBe(true);
  expect(requests()).toHaveLength(1);
  expect(output()).toContain(`Kept in ${stateFolder}; a call with the same --on goes on`);
  remove();
  expect(() => readConnection(stateFolder)).toThrow(/No local Fabric runs/);
  // A pid that no process has: Linux and macOS give none so large.
  writeConnection(bench.fabric, 2 ** 30);
  expect(() => readConnection(stateFolder)).toThrow(/No local Fabric runs/);
});
