import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { Agent } from 'node:https';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { ClientSecretCredential } from '@azure/identity';
import { DataLakeServiceClient } from '@azure/storage-file-datalake';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { dataFiles } from '../../local/demo/delta-log.ts';
import { cleanOrders } from '../../local/demo/orders.ts';
import { sparkEngine } from '../../local/engine/spark.ts';
import { startLocalFabric, type LocalFabric } from '../../local/fabric.ts';
import { defaultIds } from '../../local/settings.ts';
import { findSpark } from '../../local/spark/installation.ts';
import { root, startOn } from '../action/bench.ts';
import { DeltaLake } from './deltalake.ts';
import { appender, reader, writer } from './jobs.ts';

/** Spark takes its time where the machine does other things as well. */
const longest = 900_000;
/** Where PySpark is not in the cache yet it is fetched first. */
const fetching = 900_000;
jest.setTimeout(longest);

const second = '11111111-2222-4333-8444-555555555599';
/** So many that Delta writes a checkpoint, at version 10. */
const commits = 5;

let folder: string;
let fabric: LocalFabric;
let deltaLake: DeltaLake;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tables-'));
  const stateFolder = join(folder, 'fabric');
  const log = (line: string): void => void process.stdout.write(`${line}\n`);
  const installation = await findSpark({ log });
  deltaLake = await DeltaLake.find(installation.python, log);
  const engine = await sparkEngine({ stateFolder, log, installation });
  const lakehouses = [
    { id: defaultIds.lakehouse, name: 'orders' },
    { id: second, name: 'Second' },
  ];
  fabric = await startLocalFabric({
    engine,
    stateFolder,
    workspaces: [
      { id: defaultIds.workspace, name: 'analytics', capacityId: defaultIds.capacity, lakehouses },
    ],
  });
}, fetching);

afterAll(async () => {
  await fabric.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Java compiles lightly: jobs as short as these take half as much CPU. */
const quick = 'spark.driver.extraJavaOptions=-XX:TieredStopAtLevel=1';

let steps = 0;

/** Runs a job as a step of a workflow; gives what it printed as `found name=<JSON>`. Throws unless it is green. */
async function run(
  job: string,
  inputs: Record<string, string> = {},
): Promise<Map<string, unknown>> {
  const conf = `${quick}\n${inputs['conf'] ?? ''}`;
  const { step } = startOn(fabric, join(folder, `step-${(steps += 1)}`), {
    job,
    inputs: { ...inputs, conf },
  });
  const result = await step.done;
  const { lines } = result.main.commands;
  if (result.conclusion !== 'success') throw new Error(lines.join('\n'));
  return new Map(
    lines.flatMap((line): [string, unknown][] => {
      const [, name, json] = /^found (\w+)=(.*)$/.exec(line) ?? [];
      return name === undefined || json === undefined ? [] : [[name, JSON.parse(json)]];
    }),
  );
}

function table(name: string, lakehouse: string = defaultIds.lakehouse): string {
  return join(fabric.folderOf(lakehouse), 'Tables', name);
}

test('a job writes tables by name and by path, and finds them as in Fabric', async () => {
  const uri = `abfss://${defaultIds.workspace}@onelake.dfs.fabric.microsoft.com/${defaultIds.lakehouse}`;
  const found = await run(writer, { args: uri, conf: 'spark.my.key=mine' });
  expect(Object.fromEntries(found)).toEqual({
    again: 'AnalysisException',
    counts: {
      ...{ orders: 4, big_orders: 1, days: 2, bypath: 4, by_uri: 3 },
      ...{ 'second.things': 3, 'orders.orders': 4 },
    },
    gone: [false, null],
    sum: 7,
    csv: 3,
    names: ['big_orders', 'by_uri', 'bypath', 'days', 'orders'],
    databases: ['default', 'orders', 'second'],
    absent: [false, 'AnalysisException'],
    conf: ['delta', 'mine', '8'],
  });
});

test('a later job finds the tables by name, changes and drops them; a rename does not replace', async () => {
  const found = await run(reader);
  expect(Object.fromEntries(found)).toEqual({
    forName: 4,
    words: ['b', 'c', 'new', 'z'],
    versions: 3,
    names: ['big_orders', 'by_uri', 'bypath', 'days', 'orders'],
    dropped: [false, 'AnalysisException'],
    rename: [true, false],
    target: ['one', false, 'two'],
  });
  expect(readdirSync(join(table('orders'), '..')).sort()).toEqual([
    ...['ByPath', 'by_uri', 'days', 'orders', 'race'],
  ]);
});

test('delta-rs reads what the jobs wrote', async () => {
  const orders = await deltaLake.read(table('orders'));
  expect(orders.rows.map(({ word }) => word).sort()).toEqual(['a', 'a', 'b', 'c']);
  expect(orders).toMatchObject({
    version: 2,
    operations: ['WRITE', expect.any(String), expect.any(String)],
  });
  const merged = await deltaLake.read(table('ByPath'));
  expect(merged.rows).toEqual(
    expect.arrayContaining([
      { id: 1, word: 'z' },
      { id: 9, word: 'new' },
    ]),
  );
  expect(merged.operations[0]).toBe('MERGE');
  expect((await deltaLake.read(table('days'))).rows).toEqual([{ id: 2, day: '2025-02-01' }]);
  expect((await deltaLake.read(table('things', second))).rows).toHaveLength(3);
});

test('OneLake shows the tables’ files as they stand on disk, and no checksum files', async () => {
  const agent = new Agent({ ca: fabric.certificate });
  const { tenant, workspace, lakehouse } = defaultIds;
  const credential = new ClientSecretCredential(tenant, fabric.clientId, fabric.clientSecret, {
    ...{ authorityHost: fabric.hosts.authority, disableInstanceDiscovery: true, agent },
  });
  const options = { retryOptions: { maxTries: 1 }, agent };
  const lake = new DataLakeServiceClient(fabric.hosts.onelake, credential, options);
  const system = lake.getFileSystemClient(workspace);
  const shown: string[] = [];
  for await (const { name = '', isDirectory } of system.listPaths({
    path: `${lakehouse}/Tables`,
    recursive: true,
  })) {
    if (isDirectory !== true) shown.push(name);
  }
  const onDisk = readdirSync(join(table(''), '.'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(fabric.folderOf(lakehouse).length + 1))
    .map((path) => `${lakehouse}/${path.split(sep).join('/')}`);
  expect(shown.sort()).toEqual(onDisk.sort());
  expect(shown.filter((name) => /\.crc$|\.tmp$/.test(name))).toEqual([]);
  const log = `${lakehouse}/Tables/orders/_delta_log/00000000000000000000.json`;
  const bytes = await system.getFileClient(log).readToBuffer();
  expect(bytes.equals(readFileSync(join(fabric.folderOf(lakehouse), '..', log)))).toBe(true);
  agent.destroy();
});

test('of two batches that write one table at once none loses a commit', async () => {
  const [one, two] = await Promise.all([
    run(appender, { args: `100\n${commits}` }),
    run(appender, { args: `200\n${commits}` }),
  ]);
  expect([one.get('seen'), two.get('seen')]).toEqual([true, true]);
  const race = await deltaLake.read(table('race'));
  const numbers = (from: number): number[] => Array.from({ length: commits }, (_, at) => from + at);
  expect(race.rows.map(({ id }) => Number(id)).sort((a, b) => a - b)).toEqual([
    ...[0, ...numbers(100), ...numbers(200)],
  ]);
  expect(race.version).toBe(2 * commits);
  expect(
    readdirSync(join(table('race'), '_delta_log')).filter((name) => name.includes('.tmp')),
  ).toEqual([]);
});

test('the example job writes a table that delta-rs and the demo’s own reader read alike', async () => {
  const raw = join(fabric.folderOf(defaultIds.lakehouse), 'Files', 'raw');
  mkdirSync(raw, { recursive: true });
  const csv = join(root, 'examples', 'data', 'orders.csv');
  cpSync(csv, join(raw, 'orders.csv'));
  await run(readFileSync(join(root, 'examples', 'jobs', 'clean_orders.py'), 'utf8'), {
    args: '--seed\n7\n--table\nclean_orders',
  });
  const read = await deltaLake.read(table('clean_orders'));
  const expected = cleanOrders(readFileSync(csv, 'utf8'), 7);
  const brief = read.rows
    .map((row) => [
      Number(row['order_id']),
      row['customer'],
      String(row['order_date']),
      row['sample'],
    ])
    .sort(([a], [b]) => Number(a) - Number(b));
  expect(brief).toEqual(
    expected.map(({ orderId, customer, orderDate, sample }) => [
      orderId,
      customer,
      orderDate,
      sample,
    ]),
  );
  expect(dataFiles(table('clean_orders')).length).toBeGreaterThan(0);
});
