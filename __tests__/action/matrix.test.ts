import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { Batch } from '../../local/api/batch.ts';
import { sparkEngine } from '../../local/engine/spark.ts';
import { startLocalFabric, type LocalFabric } from '../../local/fabric.ts';
import type { StepResult } from '../../local/runner/step.ts';
import { defaultIds } from '../../local/settings.ts';
import { startOn, until, type Given, type Started } from './bench.ts';

const longest = 180_000;
/** Where PySpark is not in the cache yet it is fetched first. */
const fetching = 600_000;
jest.setTimeout(longest);

let folder: string;
let fabric: LocalFabric;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'matrix-'));
  const stateFolder = join(folder, 'fabric');
  const engine = await sparkEngine({ stateFolder, log: () => undefined, maxConcurrent: 3 });
  fabric = await startLocalFabric({ engine, stateFolder });
}, fetching);

afterAll(async () => {
  await fabric.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs until the lakehouse holds a file of that name, so that nothing hangs on the machine's speed. */
const job = `
import sys, time
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
country = sys.argv[1]
print("begun", country, flush=True)
hadoop = spark._jvm.org.apache.hadoop.fs
path = hadoop.Path("Files/go-on")
while not path.getFileSystem(spark._jsc.hadoopConfiguration()).exists(path):
    time.sleep(0.1)
print("rows", country, spark.range(7).count(), flush=True)
`;

const countries = ['ch', 'de', 'se'] as const;

function leg(index: number, attempt: number, given: Pick<Given, 'post' | 'onLine'>): Started {
  const country = countries[index] ?? '';
  return startOn(fabric, join(folder, `${country}-${attempt}`), {
    job,
    inputs: { args: country },
    github: { run_attempt: String(attempt), job: 'load', action: '__self' },
    matrix: { country },
    strategy: { 'fail-fast': false, 'job-index': index, 'job-total': 3, 'max-parallel': 3 },
    ...given,
  });
}

function running(): Batch[] {
  return fabric.batches.filter((batch) => batch.snapshot().phase === 'running');
}

function lines(result: StepResult): readonly string[] {
  return result.main.commands.lines;
}

test('of a matrix one leg is killed and run again: it is attached, the others are untouched', async () => {
  const legs = countries.map((_, index) => leg(index, 1, { post: index === 1 ? 'skip' : 'run' }));
  await until('all three batches run', () => running().length === 3, longest);
  const killed = legs[1];
  expect(killed?.step.kill()).toBe(true);
  await killed?.step.done;
  expect(running()).toHaveLength(3);

  let attached = false;
  const again = leg(1, 2, {
    post: 'run',
    onLine: ({ text }) => (attached ||= text.includes('(attached)')),
  });
  await until('the second attempt follows the batch', () => attached, longest);
  writeFileSync(join(fabric.folderOf(defaultIds.lakehouse), 'Files', 'go-on'), '');

  const steps = [legs[0], again, legs[2]].flatMap((each) => (each ? [each.step.done] : []));
  const results = await Promise.all(steps);
  expect(results.map(({ conclusion }) => conclusion)).toEqual(['success', 'success', 'success']);
  expect(results.map(({ outputs }) => outputs['submission'])).toEqual([
    'submitted',
    'attached',
    'submitted',
  ]);
  expect(results.flatMap(lines).filter((line) => /^(begun|rows)/.test(line))).toEqual(
    countries.flatMap((country) => [`begun ${country}`, `rows ${country} 7`]),
  );
  expect(fabric.batches).toHaveLength(3);
  expect(
    fabric.requests
      .filter(({ method }) => method === 'DELETE')
      .filter(({ path }) => path.includes('/batches/')),
  ).toEqual([]);
  expect(new Set(fabric.batches.map(({ request }) => request.tags?.['lineage'])).size).toBe(3);
});
