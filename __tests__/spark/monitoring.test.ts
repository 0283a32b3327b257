import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sparkEngine } from '../../local/engine/spark.ts';
import { startLocalFabric, type LocalFabric } from '../../local/fabric.ts';
import { defaultIds } from '../../local/settings.ts';
import { systemClock } from '../../src/clock.ts';
import { listAt, numberAt, objectAt, parseJson, textAt } from '../../src/http/json.ts';
import { undiciTransport } from '../../src/http/transport.ts';
import { runJob } from '../../src/job.ts';
import { Interrupt } from '../../src/job/interrupt.ts';
import { sparkStages } from '../../src/report/stages.ts';
import { RecordingRunner } from '../service/recording-runner.ts';

jest.setTimeout(300_000);

let folder: string;
let fabric: LocalFabric;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'spark-monitoring-'));
  const stateFolder = join(folder, 'fabric');
  const engine = await sparkEngine({ stateFolder, log: () => undefined });
  fabric = await startLocalFabric({ engine, stateFolder });
}, 600_000);

afterAll(async () => {
  await fabric.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Reads, writes, shuffles, fails; then its driver stays until the file of its argument is there. */
const source = `
import os, sys, time
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
numbers = spark.range(1000).repartition(4)
print(numbers.groupBy((numbers.id % 7).alias("k")).count().collect())
spark.range(500).write.mode("overwrite").parquet("Files/out")
print(spark.read.parquet("Files/out").count())
context = spark.sparkContext
context.setJobDescription("pairs by key")
pairs = context.parallelize(range(100), 3).map(lambda n: (n % 3, n)).reduceByKey(lambda a, b: a + b)
pairs.collect()
pairs.collect()
try:
    context.parallelize(range(4), 2).map(lambda n: 1 // 0).collect()
except Exception:
    print("stages are over", flush=True)
while not os.path.exists(sys.argv[1]):
    time.sleep(0.1)
`;

const json = (value: unknown): unknown => parseJson(JSON.stringify(value));

/** Rows read and bytes shuffled by stage, as Spark itself summed them up at the end of each. */
function sumsOfEventLog(): Record<string, unknown> {
  const events = join(fabric.stateFolder, 'spark-events', fabric.batches[0]?.id ?? '');
  const [name = ''] = readdirSync(events);
  const sums: Record<string, unknown> = {};
  for (const line of readFileSync(join(events, name), 'utf8').split('\n')) {
    if (!line.includes('"SparkListenerStageCompleted"')) continue;
    const info = objectAt(parseJson(line), 'Stage Info');
    const value = (name: string): number => {
      const found = listAt(info, 'Accumulables').find(
        (one) => textAt(one, 'Name') === `internal.metrics.${name}`,
      );
      return numberAt(found, 'Value') ?? 0;
    };
    const rows = [value('input.recordsRead'), value('output.recordsWritten')];
    sums[textAt(info, 'Stage ID') ?? ''] = [...rows, value('shuffle.write.bytesWritten')];
  }
  return sums;
}

test('a running driver, and its event log after the end, tell the same of its stages', async () => {
  const file = join(fabric.folderOf(defaultIds.lakehouse), 'Files', 'stages.py');
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, source);
  const goOn = join(folder, 'go-on');
  const { transport, close } = undiciTransport({ ca: fabric.certificate });
  const runner = new RecordingRunner({
    inputs: {
      ...fabric.inputs,
      workspace: defaultIds.workspace,
      lakehouse: defaultIds.lakehouse,
      file: 'Files/stages.py',
      args: goOn,
      'client-secret': fabric.clientSecret,
    },
    env: {
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_REPOSITORY: 'octo-org/orders',
      GITHUB_WORKFLOW: 'orders',
      GITHUB_RUN_ID: '9000000001',
      GITHUB_RUN_ATTEMPT: '1',
      RUNNER_TEMP: join(folder, 'temp'),
    },
  });
  const world = { runner, clock: systemClock, random: () => 0.5, transport };
  const done = runJob({ world, interrupt: new Interrupt(), newNonce: () => 'ab12'.repeat(8) });

  const told = (): string[] =>
    runner.lines.filter((line) => /^([\d,]+ stages|Stage \d+) /.test(line));
  const over = (): boolean => told().some((line) => line.startsWith('Stage 15 '));
  for (let left = 2_800; left > 0 && !over(); left -= 1) await sleep(100);
  const [batch] = fabric.batches;
  const live = {
    stages: json(await batch?.monitoring({ kind: 'stages' })),
    jobs: json(await batch?.monitoring({ kind: 'jobs' })),
    one: json(await batch?.monitoring({ kind: 'stages', id: 0 })),
    failed: json(await batch?.monitoring({ kind: 'stages', statuses: ['failed'] })),
    executors: await batch?.monitoring({ kind: 'allexecutors' }),
  };
  // Only a driver that was asked knows this.
  expect(live.executors).toEqual([expect.objectContaining({ id: 'driver' })]);
  expect(batch?.active).toBe(true);
  writeFileSync(goOn, '');

  await expect(done).resolves.toBe(true);
  await close();
  expect(live.stages).toHaveLength(16);
  expect(live.stages).toMatchObject(json(await batch?.monitoring({ kind: 'stages' })) ?? {});
  expect(live.jobs).toMatchObject(json(await batch?.monitoring({ kind: 'jobs' })) ?? {});
  expect(live.one).toMatchObject(json(await batch?.monitoring({ kind: 'stages', id: 0 })) ?? {});
  const failed = await batch?.monitoring({ kind: 'stages', statuses: ['failed'] });
  expect(live.failed).toMatchObject(json(failed) ?? {});

  const read = sparkStages(live.stages) ?? [];
  const ran = read.filter(({ status }) => status !== 'skipped');
  expect(
    Object.fromEntries(
      ran.map((stage) => [
        String(stage.id),
        [stage.inputRows, stage.outputRows, stage.shuffleWriteBytes],
      ]),
    ),
  ).toEqual(sumsOfEventLog());

  // Whether ten that ended are one line or several depends on how fast the machine is.
  const counts = told().flatMap((line) => {
    const [match, many = '1'] = /^(?:(\d+) stages|Stage \d+) ended/.exec(line) ?? [];
    return match === undefined ? [] : [Number(many)];
  });
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(10);
  // The first of two tasks that fails ends the stage, and perhaps the other one.
  expect(told().at(-1)).toMatch(
    /^Stage 15 failed after .*: 0 of 2 tasks done, [12] failed · pairs by key$/,
  );
});
