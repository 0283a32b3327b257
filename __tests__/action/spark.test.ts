import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { inEventLog } from '../../local/demo/proof.ts';
import { sparkEngine } from '../../local/engine/spark.ts';
import { startLocalFabric, type LocalFabric } from '../../local/fabric.ts';
import { startOn, until } from './bench.ts';
import { leaks } from './shown.ts';

const longest = 180_000;
/** Where PySpark is not in the cache yet it is fetched first. */
const fetching = 600_000;
jest.setTimeout(longest);

let folder: string;
let stateFolder: string;
let fabric: LocalFabric;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'action-spark-'));
  stateFolder = join(folder, 'fabric');
  const engine = await sparkEngine({ stateFolder, log: () => undefined });
  fabric = await startLocalFabric({ engine, stateFolder });
}, fetching);

afterAll(async () => {
  await fabric.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Process {
  pid: number;
  parent: number;
  group: number;
  command: string;
}

function processes(): Process[] {
  const columns = ['pid=', 'ppid=', 'pgid=', 'args='].flatMap((column) => ['-o', column]);
  const table = execFileSync('ps', ['-A', '-ww', ...columns], { encoding: 'utf8' });
  return table.split('\n').flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(.*)$/.exec(line);
    if (!match) return [];
    const [, pid, parent, group, command = ''] = match;
    return [{ pid: Number(pid), parent: Number(parent), group: Number(group), command }];
  });
}

/** The processes that name the state folder, all below them, and all in their process groups. */
function ofSpark(): Process[] {
  const all = processes();
  const found = new Map<number, Process>();
  const groups = new Set<number>();
  for (let size = -1; size !== found.size;) {
    size = found.size;
    for (const one of all) {
      const belongs =
        one.command.includes(stateFolder) || found.has(one.parent) || groups.has(one.group);
      if (!belongs) continue;
      found.set(one.pid, one);
      groups.add(one.group);
    }
  }
  return [...found.values()];
}

const job = `
import os
import sys
import time
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
numbers = spark.sparkContext.parallelize(range(4), 2)
print("sum", numbers.map(lambda number: number * 10).sum(), flush=True)
workers = set(numbers.map(lambda _: os.getpid()).collect())
print("workers", *workers, flush=True)
if "--stay" in sys.argv:
    numbers.foreach(lambda _: time.sleep(600))
`;

test('a small PySpark job is green, and Spark itself knows it', async () => {
  const { step } = startOn(fabric, join(folder, 'green'), { job });
  const result = await step.done;
  expect(result).toMatchObject({ conclusion: 'success', annotations: [], main: { exitCode: 0 } });
  expect(result.main.commands.lines).toContain('sum 60');
  expect(result.post?.stdout).toEqual([]);
  const application = result.outputs['application-id'] ?? '';
  expect(application).toMatch(/^local-\d+$/);
  expect(inEventLog(join(stateFolder, 'spark-events'), application)).toBe(true);
  expect(leaks(result, [])).toEqual([]);
  await until('all processes are gone', () => ofSpark().length === 0, 5_000);
});

const dataTest = `
from pyspark.sql import SparkSession

orders = SparkSession.builder.getOrCreate().createDataFrame([(1, "Ada"), (2, None)], "id int, customer string")
bad = orders.where("customer IS NULL").collect()
assert not bad, f"{len(bad)} order has no customer: {bad[0]['id']}"
`;

test('a data test that fails puts one error on the line that raised it', async () => {
  const { step } = startOn(fabric, join(folder, 'red'), { job: dataTest });
  const result = await step.done;
  expect(result).toMatchObject({ conclusion: 'failure', main: { exitCode: 1 } });
  expect(result.outputs).toMatchObject({ result: 'Failed', 'error-code': 'BATCH_FAILED' });
  expect(result.annotations).toEqual([
    {
      level: 'error',
      title: 'Spark batch failed',
      message: expect.stringMatching(
        /^The job failed: AssertionError: 1 order has no customer: 2\n/,
      ),
      file: 'jobs/job.py',
      line: 6,
    },
  ]);
});

test('a cancel of the workflow ends every process of the batch', async () => {
  let workers: number[] | undefined;
  const { step } = startOn(fabric, join(folder, 'cancelled'), {
    job,
    inputs: { args: '--stay' },
    onLine: ({ text }) => {
      if (text.startsWith('workers ')) workers = text.split(' ').slice(1).map(Number);
    },
  });
  const found = await until('the workers are told', () => workers, longest);
  const before = ofSpark();
  expect(before.map(({ pid }) => pid)).toEqual(expect.arrayContaining(found));
  step.cancel();
  const result = await step.done;
  expect(result).toMatchObject({ conclusion: 'cancelled', main: { exitCode: 1 } });
  expect(result.outputs).toMatchObject({ result: 'Cancelled', 'error-code': 'CANCELLED' });
  expect(result.post?.commands.lines.join('\n')).toMatch(/: stopped /);
  expect(fabric.batches.filter(({ active }) => active)).toEqual([]);
  const left = (): Process[] => {
    const now = new Map(processes().map((one) => [one.pid, one.command]));
    return before.filter(({ pid, command }) => now.get(pid) === command);
  };
  await until('all processes are gone', () => left().length === 0, 5_000).catch(() => undefined);
  expect(left()).toEqual([]);
  expect(ofSpark()).toEqual([]);
});
