import { describe, expect, test } from '@jest/globals';
import type { BatchRequest, EngineJob, LakehouseMount } from '../../local/engine/engine.ts';
import { memoryCapMiB } from '../../local/engine/spark.ts';
import { mountProperties } from '../../local/spark/mounts.ts';
import { memoryMiB, propertiesText } from '../../local/spark/properties.ts';
import { shownCommand, shownConf, submission, type Submission } from '../../local/spark/submit.ts';

const lakehouse: LakehouseMount = {
  workspaceId: 'ws-id',
  workspaceName: 'analytics',
  lakehouseId: 'lh-id',
  lakehouseName: 'bronze',
  folder: '/one lake/bronze',
};

function submit(request: Partial<BatchRequest>, env: Record<string, string> = {}): Submission {
  const job: EngineJob = {
    id: 'b1',
    request: { file: 'Files/job.py', ...request },
    lakehouse,
    lakehouses: [lakehouse],
    onelakeHost: '127.0.0.1:8443',
  };
  const installation = {
    python: { executable: '/py', version: '3.11.2' },
    java: { home: '/java', version: '17.0.9' },
    pyspark: { site: '/site', sparkHome: '/site/pyspark' },
    delta: { jars: ['/delta.jar', '/own.jar'], pythonPath: '/delta.jar' },
  };
  const folders = { root: '/s', work: '/s/work', scratch: '/s/scratch', events: '/s/events' };
  return submission(job, installation, folders, 4096, env);
}

describe('mountProperties', () => {
  test('mounts ids and plain names, under the public host and the one with a port', () => {
    const properties = mountProperties(lakehouse, [lakehouse], '127.0.0.1:8443');
    const table = 'spark.hadoop.fs.viewfs.mounttable.';
    const folder = 'folder:///one%20lake/bronze';
    expect(properties).toMatchObject({
      'spark.hadoop.fs.defaultFS': 'abfss://ws-id@onelake.dfs.fabric.microsoft.com/',
      [`${table}ws-id@onelake.dfs.fabric.microsoft.com.link./lh-id`]: folder,
      [`${table}analytics@onelake.dfs.fabric.microsoft.com.link./bronze.Lakehouse`]: folder,
      [`${table}127.0.0.1.link./lh-id`]: folder,
      [`${table}127.0.0.1.link./bronze.Lakehouse`]: folder,
      [`${table}127.0.0.1.homedir`]: '/',
    });
  });

  test('a host without a port has the workspace in its table; odd names are left to their ids', () => {
    const odd = { ...lakehouse, workspaceName: 'My team' };
    const links = Object.keys(mountProperties(odd, [odd], 'lake.test')).filter((key) =>
      key.includes('.link.'),
    );
    expect(links).toEqual([
      'spark.hadoop.fs.viewfs.mounttable.ws-id@onelake.dfs.fabric.microsoft.com.link./lh-id',
      'spark.hadoop.fs.viewfs.mounttable.ws-id@lake.test.link./lh-id',
    ]);
  });
});

describe('submission', () => {
  test('puts files of the request, a name and exact arguments on the command line', () => {
    const { args } = submit({
      name: 'n',
      args: ['a b', '--x'],
      pyFiles: ['Files/a.py', 'abfss://h/b.zip'],
    });
    const lake = 'abfss://ws-id@onelake.dfs.fabric.microsoft.com/lh-id';
    expect(args).toEqual([
      ...['--master', 'local[2]', '--properties-file', '/s/spark.properties', '--name', 'n'],
      ...['--py-files', `${lake}/Files/a.py,abfss://h/b.zip`, `${lake}/Files/job.py`, 'a b', '--x'],
    ]);
  });

  test('a name in conf stands', () => {
    expect(submit({ name: 'n', conf: { 'spark.app.name': 'c' } }).args).not.toContain('--name');
  });

  test('caps the memory and says what has no effect', () => {
    const { properties, notes } = submit({ driverMemory: '28g', executorCores: 8 });
    expect(properties['spark.driver.memory']).toBe('4096m');
    expect(notes.join('\n')).toMatch(
      /28g was asked for; this machine gives 4096m[^]*executorCores: without effect/,
    );
    expect(
      submit({ conf: { 'spark.driver.memory': '2g' } }).properties['spark.driver.memory'],
    ).toBe('2048m');
    expect(submit({}).properties['spark.driver.memory']).toBe('1024m');
  });

  test('keeps what the machine needs, and says so', () => {
    const { properties, notes } = submit({ conf: { 'spark.master': 'yarn', 'spark.x': '1' } });
    expect(properties).toMatchObject({ 'spark.master': 'local[2]', 'spark.x': '1' });
    expect(notes).toEqual([expect.stringContaining('spark.master')]);
  });

  test("none of the caller's variables reach the job but a few harmless ones", () => {
    const { env } = submit(
      {},
      { PATH: '/bin', GITHUB_TOKEN: 't', AZURE_CLIENT_SECRET: 's', INPUT_X: 'x', MY_KEY: 'k' },
    );
    expect(env).toMatchObject({ PATH: '/bin', HADOOP_USER_NAME: 'lh-id' });
    for (const name of ['GITHUB_TOKEN', 'AZURE_CLIENT_SECRET', 'INPUT_X', 'MY_KEY'])
      expect(env).not.toHaveProperty(name);
  });

  test('shows no value that looks secret', () => {
    const shown = shownCommand(
      submit({ args: ['--password', 'p4ss', '--api-token=t0k', 'plain'] }),
    );
    expect(shown).not.toMatch(/p4ss|t0k/);
    expect(shown).toContain('"plain"');
    expect(shownConf({ 'spark.db.password': 'x', 'spark.y': '1' })).toEqual([
      'spark.db.password=***',
      'spark.y=1',
    ]);
  });
});

test('propertiesText leaves nothing that a properties file reads as its own', () => {
  expect(propertiesText({ 'spark.a b': '#1 = ü\n' })).toBe(
    'spark.a\\u0020b=\\u00231\\u0020\\u003d\\u0020\\u00fc\\u000a\n',
  );
});

test.each([
  ['28g', 28_672],
  ['512M', 512],
  ['700', 700],
  ['1tb', 1_048_576],
  ['2048k', 2],
  ['lots', undefined],
] as const)('memoryMiB %s', (text, expected) => expect(memoryMiB(text)).toBe(expected));

test.each([
  [16, 2, 4096],
  [4, 4, 1024],
] as const)('a machine of %i GiB with %i at once gives %i MiB', (gib, at, expected) =>
  expect(memoryCapMiB(gib * 2 ** 30, at)).toBe(expected),
);
