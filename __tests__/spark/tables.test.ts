import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { dataFiles } from '../../local/demo/delta-log.ts';
import type { LakehouseMount } from '../../local/engine/engine.ts';
import { asset, scalaSources } from '../../local/spark/assets.ts';
import { deltaFolder, problemOf } from '../../local/spark/delta.ts';
import { fillOnce } from '../../local/spark/fill-once.ts';
import { jarRepository, proxyOptions } from '../../local/spark/repository.ts';
import { tableDefaults, tableProperties } from '../../local/spark/table-properties.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tables-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('tableProperties', () => {
  const host: LakehouseMount = {
    workspaceId: 'ws',
    workspaceName: 'analytics',
    lakehouseId: 'lh',
    lakehouseName: 'Bronze',
    folder: '/lake/bronze',
  };
  const delta = { jars: ['/delta.jar', '/own.jar'], pythonPath: '/delta.jar' };

  test('the lakehouses of the same workspace are databases', () => {
    const neighbour = { ...host, lakehouseId: 'lh2', lakehouseName: 'gold & more' };
    const stranger = { ...host, workspaceId: 'other', lakehouseId: 'lh3', lakehouseName: 'far' };
    const properties = tableProperties(host, [host, neighbour, stranger], delta, {});
    const onelake = 'abfss://ws@onelake.dfs.fabric.microsoft.com';
    expect(properties).toEqual({
      'spark.sql.catalog.spark_catalog': 'localfabric.LakehouseCatalog',
      'spark.sql.catalog.spark_catalog.lakehouse.Bronze': `${onelake}/lh/Tables`,
      'spark.sql.catalog.spark_catalog.lakehouse.gold & more': `${onelake}/lh2/Tables`,
      'spark.sql.extensions':
        'io.delta.sql.DeltaSparkSessionExtension,localfabric.LakehouseExtension',
      'spark.driver.extraClassPath': '/delta.jar:/own.jar',
    });
  });

  test("the request's extensions and class path come after ours, each once", () => {
    const properties = tableProperties(host, [host], delta, {
      'spark.sql.extensions': 'a.B, io.delta.sql.DeltaSparkSessionExtension',
      'spark.driver.extraClassPath': '/mine.jar:/more/*',
    });
    expect(properties).toMatchObject({
      'spark.sql.extensions':
        'io.delta.sql.DeltaSparkSessionExtension,localfabric.LakehouseExtension,a.B',
      'spark.driver.extraClassPath': '/delta.jar:/own.jar:/mine.jar:/more/*',
    });
  });

  test('the classes that are named are those of the sources', () => {
    const text = scalaSources.map((name) => readFileSync(asset(name), 'utf8')).join('\n');
    for (const name of ['LakehouseCatalog', 'LakehouseExtension', 'FolderFileSystem'])
      expect(text).toContain(`class ${name} `);
    const inFolder = readdirSync(join(asset('LakehouseCatalog.scala'), '..'));
    expect(inFolder.sort()).toEqual([...scalaSources].sort());
    expect(tableDefaults['spark.sql.sources.default']).toBe('delta');
  });
});

describe('jarRepository', () => {
  const machine = (env: Record<string, string> = {}) => ({ env, home: '/home/ada' });
  const mirror = (of: string, url: string, more = ''): string =>
    `<mirror><id>x</id><mirrorOf>${of}</mirrorOf><url>${url}</url>${more}</mirror>`;
  const settings = (...mirrors: string[]) => {
    const text = `<settings><mirrors>${mirrors.join('\n')}</mirrors></settings>`;
    return (path: string) => (path === '/home/ada/.m2/settings.xml' ? text : undefined);
  };

  test('is Central itself where nothing else is said', () => {
    expect(jarRepository(machine(), () => undefined)).toBeUndefined();
    expect(jarRepository(machine(), settings(mirror('other', 'https://no.test')))).toBeUndefined();
  });

  test('the variable that Spark knows comes first', () => {
    const env = { DEFAULT_ARTIFACT_REPOSITORY: 'https://own.test/m2' };
    expect(jarRepository(machine(env), settings(mirror('*', 'https://no.test')))).toBe(
      'https://own.test/m2',
    );
  });

  test.each(['central', '*', 'external:*', 'a, central'])('a mirror of %s is used', (of) => {
    const read = settings(
      mirror('other', 'https://no.test'),
      mirror(of, ' https://m.test/?a=1&amp;b '),
    );
    expect(jarRepository(machine(), read)).toBe('https://m.test/?a=1&b');
  });

  test('a mirror that is a comment, blocked, or not for Central is passed over', () => {
    const read = settings(
      `<!-- ${mirror('central', 'https://comment.test')} -->`,
      mirror('external:*', 'https://blocked.test', '<blocked>true</blocked>'),
      mirror('*,!central', 'https://without.test'),
    );
    expect(jarRepository(machine(), read)).toBeUndefined();
  });

  test('Java is told of the proxy and of what goes past it', () => {
    expect(proxyOptions({})).toEqual([]);
    expect(
      proxyOptions({ https_proxy: 'http://u:p@proxy.test:3128', NO_PROXY: 'localhost,.corp.test' }),
    ).toEqual([
      '-Dhttps.proxyHost=proxy.test',
      '-Dhttps.proxyPort=3128',
      '-Dhttp.nonProxyHosts=localhost|*.corp.test',
    ]);
  });
});

describe('the cache', () => {
  const log: string[] = [];
  const filling = (fill: (temporary: string) => Promise<string>) => ({
    name: 'Thing',
    folder: join(folder, 'cache', 'thing'),
    problemOf: (path: string) => (existsSync(join(path, 'whole')) ? undefined : 'is not whole'),
    log: (line: string) => void log.push(line),
    fill,
  });
  const whole = (temporary: string): Promise<string> => {
    const made = join(temporary, 'made');
    mkdirSync(made);
    writeFileSync(join(made, 'whole'), '');
    return Promise.resolve(made);
  };

  test('is filled once, and nothing is left beside it', async () => {
    let count = 0;
    const fill = (temporary: string): Promise<string> => {
      count += 1;
      return whole(temporary);
    };
    await fillOnce(filling(fill));
    await fillOnce(filling(fill));
    expect(count).toBe(1);
    expect(readdirSync(join(folder, 'cache'))).toEqual(['thing']);
  });

  test('what is not whole never gets its name', async () => {
    const half = (temporary: string): Promise<string> => Promise.resolve(temporary);
    await expect(fillOnce(filling(half))).rejects.toThrow(
      'Thing: the folder that was fetched is not whole.',
    );
    expect(readdirSync(join(folder, 'cache'))).toEqual([]);
  });

  test('what a killed fetch left is removed', async () => {
    mkdirSync(join(folder, 'cache', 'thing.fetching-1'), { recursive: true });
    await fillOnce(filling(whole));
    expect(readdirSync(join(folder, 'cache'))).toEqual(['thing']);
  });

  test("Delta's jars are known by their hashes", () => {
    expect(problemOf(join(folder, 'nothing'))).toBe('is not there');
    expect(problemOf(folder)).toMatch(/^has no delta-spark_2\.12-\d/);
    writeFileSync(
      join(folder, /has no (.*)/.exec(problemOf(folder) ?? '')?.[1] ?? ''),
      'other bytes',
    );
    expect(problemOf(folder)).toMatch(
      /^holds a delta-spark_2\.12-.*\.jar with the SHA-256 [0-9a-f]{64}$/,
    );
    const machine = { env: { FABRIC_SPARK_BATCH_CACHE: '/cache' }, home: '/home/ada' };
    expect(deltaFolder(machine)).toMatch(/^\/cache\/delta-3\.3\.\d+-[0-9a-f]{12}$/);
  });
});

describe('dataFiles', () => {
  const log = (version: number, ...actions: unknown[]): void => {
    const name = `${String(version).padStart(20, '0')}.json`;
    mkdirSync(join(folder, '_delta_log'), { recursive: true });
    const text = actions.map((action) => JSON.stringify(action)).join('\n');
    writeFileSync(join(folder, '_delta_log', name), `${text}\n`);
  };
  const add = (path: string, more = {}) => ({ add: { path, partitionValues: {}, ...more } });

  test('are those that were added and not removed since', () => {
    log(0, { commitInfo: {} }, add('a'), add('b%20c'));
    log(1, { remove: { path: 'a' } }, add('d'));
    log(2, add('a'), { remove: { path: 'd' } });
    expect(dataFiles(folder).sort()).toEqual(['a', 'b c']);
  });

  test('a table that needs more than that is refused', () => {
    expect(() => dataFiles(folder)).toThrow('it has no _delta_log');
    log(0, add('a', { partitionValues: { day: '1' } }));
    expect(() => dataFiles(folder)).toThrow('partitions');
    log(0, add('a', { deletionVector: { storageType: 'u' } }));
    expect(() => dataFiles(folder)).toThrow('deletions');
    writeFileSync(join(folder, '_delta_log', '00000000000000000010.checkpoint.parquet'), '');
    expect(() => dataFiles(folder)).toThrow('checkpoint');
  });
});
