/**
 * What Delta and the lakehouse catalogue add to a batch. `node bench/tables.ts`: a job that uses no table, with
 * them and without, three runs of each, in turn. Prints one line a run, then the ratio of the medians, in CPU
 * time (of use on a busy machine too) and in time that passed.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LakehouseMount } from '../local/engine/engine.ts';
import { findSpark } from '../local/spark/installation.ts';
import { propertiesText } from '../local/spark/properties.ts';
import { submission } from '../local/spark/submit.ts';
import { tableDefaults, tableProperties } from '../local/spark/table-properties.ts';
import { report, type Claim } from './measure/claims.ts';
import { median } from './measure/statistics.ts';

const runs = 3;
const jobs = {
  'no table, no SQL': 'spark.sparkContext.parallelize(range(10), 2).sum()',
  'no table, a CSV read and written': [
    'spark.range(10).write.mode("overwrite").csv("Files/out")',
    'spark.read.csv("Files/out").count()',
  ].join('\n'),
};

const root = mkdtempSync(join(tmpdir(), 'bench-tables-'));
const installation = await findSpark({ log: (line) => console.log(line) });
const lakehouse: LakehouseMount = {
  workspaceId: 'ws',
  workspaceName: 'analytics',
  lakehouseId: 'lh',
  lakehouseName: 'orders',
  folder: join(root, 'lake'),
};

/** Seconds of one run: CPU (user and system, all processes) and passed. */
interface Seconds {
  cpu: number;
  passed: number;
}

function run(source: string, tables: boolean): Seconds {
  const state = mkdtempSync(join(root, 'run-'));
  const folders = {
    root: state,
    work: join(state, 'work'),
    scratch: join(state, 'scratch'),
    events: join(state, 'events'),
  };
  for (const folder of [
    folders.work,
    folders.scratch,
    folders.events,
    join(lakehouse.folder, 'Files'),
  ])
    mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(lakehouse.folder, 'Files', 'job.py'),
    `from pyspark.sql import SparkSession\nspark = SparkSession.builder.getOrCreate()\n${source}\n`,
  );
  const request = { file: 'Files/job.py' };
  const job = { id: 'b', request, lakehouse, lakehouses: [lakehouse], onelakeHost: 'lake.test' };
  const { command, args, env, properties } = submission(
    job,
    installation,
    folders,
    1024,
    process.env,
  );
  const without = new Set([
    ...Object.keys(tableProperties(lakehouse, [lakehouse], installation.delta, {})),
    ...Object.keys(tableDefaults),
  ]);
  const kept = tables
    ? properties
    : {
        ...Object.fromEntries(Object.entries(properties).filter(([key]) => !without.has(key))),
        'spark.hadoop.fs.folder.impl': 'org.apache.hadoop.fs.RawLocalFileSystem',
      };
  writeFileSync(join(state, 'spark.properties'), propertiesText(kept));
  const script = 'TIMEFORMAT="%R %U %S"; log="$1"; shift; time "$@" >"$log" 2>&1';
  const text = execFileSync(
    'bash',
    ['-c', `{ ${script}; } 2>&1`, 'bash', join(state, 'log'), command, ...args],
    { env, cwd: folders.work, encoding: 'utf8' },
  );
  const [passed = 0, user = 0, system = 0] = text.trim().split(' ').map(Number);
  return { cpu: user + system, passed };
}

const claims: Claim[] = [];
try {
  for (const [name, source] of Object.entries(jobs)) {
    const measured: { with: Seconds[]; without: Seconds[] } = { with: [], without: [] };
    for (let at = 0; at < runs; at += 1) {
      measured.without.push(run(source, false));
      measured.with.push(run(source, true));
      const shown = (one?: Seconds): string =>
        one === undefined ? '' : `${one.cpu.toFixed(1)} s CPU, ${one.passed.toFixed(1)} s`;
      console.log(
        `${name}: without ${shown(measured.without.at(-1))}; with ${shown(measured.with.at(-1))}`,
      );
    }
    for (const [key, what] of [
      ['cpu', 'CPU'],
      ['passed', 'Time'],
    ] as const) {
      const plain = median(measured.without.map((one) => one[key]));
      const delta = median(measured.with.map((one) => one[key]));
      claims.push({
        claim: `${what} of a local batch with Delta and the catalogue, beside one without, median of ${runs}: ${name}`,
        measured: `${(delta / plain).toFixed(2)} (${delta.toFixed(1)} s, without ${plain.toFixed(1)} s)`,
      });
    }
  }
  report({ claims });
} finally {
  rmSync(root, { recursive: true, force: true });
}
