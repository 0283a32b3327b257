import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  BatchRequest,
  Engine,
  EngineLog,
  EngineRun,
  EngineSnapshot,
  LakehouseMount,
} from '../../local/engine/engine.ts';
import { sparkEngine } from '../../local/engine/spark.ts';

const batchMs = 120_000;
const fetchMs = 600_000;
const workspaceId = '6f0b1c3e-0000-4000-8000-00000000000a';
const lakehouseId = '6f0b1c3e-0000-4000-8000-00000000000b';
const onelakeHost = '127.0.0.1:8443';
const awkward = [
  'two words',
  `"double" 'single'`,
  'ünï → ✓',
  '',
  '$HOME `x` \\',
  '--looks=like-an-option',
];

let state: string;
let lakehouse: LakehouseMount;
let engine: Engine;

beforeAll(async () => {
  state = mkdtempSync(join(tmpdir(), 'spark engine-'));
  const folder = join(state, 'lake');
  mkdirSync(join(folder, 'Files'), { recursive: true });
  lakehouse = { workspaceId, workspaceName: 'team', lakehouseId, lakehouseName: 'orders', folder };
  engine = await sparkEngine({ stateFolder: state, log: () => undefined, maxConcurrent: 1 });
}, fetchMs);

afterAll(async () => {
  await engine.close();
  rmSync(state, { recursive: true, force: true });
}, batchMs);

let count = 0;
function run(
  source: string | undefined,
  request: Partial<BatchRequest> = {},
): { run: EngineRun; id: string } {
  const id = `batch-${++count}`;
  if (source !== undefined) writeFileSync(join(lakehouse.folder, 'Files', `${id}.py`), source);
  const file = `abfss://${workspaceId}@${onelakeHost}/${lakehouseId}/Files/${id}.py`;
  const job = {
    id,
    lakehouse,
    lakehouses: [lakehouse],
    onelakeHost,
    request: { file, ...request },
  };
  return { run: engine.run(job), id };
}

async function until(
  batch: EngineRun,
  reached: (snapshot: EngineSnapshot) => boolean,
): Promise<EngineSnapshot> {
  const deadline = Date.now() + batchMs;
  while (Date.now() < deadline) {
    const snapshot = batch.snapshot();
    if (reached(snapshot)) return snapshot;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`Not reached: ${JSON.stringify(batch.snapshot())}\n${text(batch, 'livy')}`);
}
const ended = (batch: EngineRun): Promise<EngineSnapshot> =>
  until(batch, (snapshot) => snapshot.endedAt !== undefined);

const text = (batch: EngineRun, log: EngineLog): string =>
  batch.read(log, 0, batch.length(log)).toString('utf8');

/** Command lines of the living processes that name a text. */
function processesOf(mark: string): string[] {
  const lines = execFileSync('ps', ['-A', '-ww', '-o', 'stat=', '-o', 'args='], {
    encoding: 'utf8',
  }).split('\n');
  return lines.filter((line) => line.includes(mark) && !line.startsWith('Z'));
}

const reads = `
import json, os, sys
from rates import rate
from pyspark import SparkFiles
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
spark.range(3).write.csv("Files/relative", header=True)
public = "abfss://${workspaceId}@onelake.dfs.fabric.microsoft.com/${lakehouseId}"
here = "abfss://${workspaceId}@${onelakeHost}/${lakehouseId}"
named = "abfss://team@onelake.dfs.fabric.microsoft.com/orders.Lakehouse"
for root in (public, here, named):
    spark.read.csv(root + "/Files/relative", header=True).write.mode("append").parquet(root + "/Files/rows")
spark.range(5).write.mode("overwrite").saveAsTable("five")
print(json.dumps({
    "args": sys.argv[1:],
    "conf": spark.conf.get("spark.my.text"),
    "rows": spark.read.parquet("Files/rows").count(),
    "rate": spark.sparkContext.parallelize([1, 2]).map(rate).collect(),
    "file": open(SparkFiles.get("note.txt")).read(),
    "table": spark.table("five").count(),
    "name": spark.sparkContext.appName,
    "application": spark.sparkContext.applicationId,
    "env": sorted(os.environ),
}))
`;

describe('sparkEngine', () => {
  test(
    'runs a job as it was asked for, on the lakehouse',
    async () => {
      const conf = { 'spark.my.text': 'a = "b" # ü' };
      writeFileSync(join(lakehouse.folder, 'Files/rates.py'), 'def rate(n):\n    return n * 10\n');
      writeFileSync(join(lakehouse.folder, 'Files/note.txt'), 'a note');
      const { run: batch, id } = run(reads, {
        name: 'nightly',
        args: awkward,
        conf,
        pyFiles: ['Files/rates.py'],
        files: [`abfss://${workspaceId}@${onelakeHost}/${lakehouseId}/Files/note.txt`],
        driverMemory: '56g',
      });
      const snapshot = await ended(batch);
      expect(text(batch, 'stdout').trim().split('\n')).toHaveLength(1);
      const told: unknown = JSON.parse(text(batch, 'stdout'));
      expect(told).toMatchObject({
        args: awkward,
        conf: conf['spark.my.text'],
        rows: 9,
        rate: [10, 20],
        file: 'a note',
        table: 5,
        name: 'nightly',
        application: snapshot.applicationId,
      });
      expect(JSON.stringify(told)).not.toMatch(/GITHUB_|ACTIONS_|INPUT_|AZURE_|NODE_/);
      expect(snapshot).toMatchObject({ phase: 'success' });
      expect(snapshot.runningAt).toBeGreaterThan(snapshot.startingAt ?? Infinity);
      expect(text(batch, 'stderr')).toContain('INFO SparkContext');
      expect(text(batch, 'livy')).toContain('spark-submit ended with exit code 0');
      const files = readdirSync(lakehouse.folder, { recursive: true, encoding: 'utf8' });
      expect(files.filter((file) => file.endsWith('.crc'))).toEqual([]);
      expect(existsSync(join(lakehouse.folder, 'Tables', 'five', '_delta_log'))).toBe(true);
      expect(readdirSync(join(state, 'spark-events', id))).toContain(snapshot.applicationId);
    },
    batchMs,
  );

  test(
    'a job that raises is dead, with its traceback in the log; one behind it waits, and can be cancelled',
    async () => {
      const source =
        'from pyspark.sql import SparkSession\nSparkSession.builder.getOrCreate()\nraise ValueError("row 7 is bad")\n';
      const { run: first } = run(source);
      const { run: second } = run(source);
      expect(second.snapshot()).toEqual({ phase: 'queued' });
      second.cancel();
      expect(second.snapshot()).toMatchObject({ phase: 'killed' });
      await expect(ended(first)).resolves.toMatchObject({ phase: 'dead' });
      expect(text(first, 'stdout')).toContain('line 3, in <module>\n');
      expect(text(first, 'stdout')).toContain('ValueError: row 7 is bad');
    },
    batchMs,
  );

  test(
    'a main file that is not there makes the batch dead, and the Livy log says why',
    async () => {
      const { run: batch, id } = run(undefined);
      const snapshot = await ended(batch);
      expect(snapshot.phase).toBe('dead');
      expect(snapshot).not.toHaveProperty('applicationId');
      expect(text(batch, 'livy')).toMatch(new RegExp(`FileNotFoundException.*${id}\\.py`));
    },
    batchMs,
  );

  test(
    'cancel ends every process of the batch, those of its Python workers too',
    async () => {
      const mark = `mark-${process.pid}-of-this-test`;
      const source = `
import subprocess, sys, time
from pyspark.sql import SparkSession
sc = SparkSession.builder.getOrCreate().sparkContext
def wait(row):
    subprocess.run([sys.executable, "-c", "import time; time.sleep(600)", "${mark}"])
    return row
print("started", flush=True)
sc.parallelize(range(2), 2).map(wait).count()
`;
      const { run: batch, id } = run(source);
      await until(batch, () => processesOf(mark).length >= 2);
      batch.cancel();
      await expect(ended(batch)).resolves.toMatchObject({ phase: 'killed' });
      await engine.close();
      expect([...processesOf(mark), ...processesOf(join(state, 'batches', id))]).toEqual([]);
      expect(text(batch, 'stdout')).toContain('started');
    },
    batchMs,
  );
});
