import type { LakehouseMount } from '../engine/engine.ts';
import type { Delta } from './delta.ts';
import { lakehouseUri } from './mounts.ts';

const catalogue = 'spark.sql.catalog.spark_catalog';
const extensions = 'spark.sql.extensions';
const classPath = 'spark.driver.extraClassPath';

/**
 * Spark properties with which Delta is the format of tables and the lakehouses are databases: those of
 * the default lakehouse's workspace by name, the default one as `default` too (its `Tables` folder is
 * the warehouse, see `mountProperties`). The request's own extensions and class path come after ours.
 * Source: Delta Lake, "Quickstart", and `tables/LakehouseTables.scala`.
 */
export function tableProperties(
  host: LakehouseMount,
  lakehouses: readonly LakehouseMount[],
  delta: Delta,
  conf: Readonly<Record<string, string>>,
): Record<string, string> {
  const neighbours = lakehouses.filter(({ workspaceId }) => workspaceId === host.workspaceId);
  const databases = neighbours.map((lakehouse): [string, string] => [
    `${catalogue}.lakehouse.${lakehouse.lakehouseName}`,
    lakehouseUri(lakehouse, 'Tables'),
  ]);
  const ours = ['io.delta.sql.DeltaSparkSessionExtension', 'localfabric.LakehouseExtension'];
  const theirs = (conf[extensions] ?? '').split(',').map((name) => name.trim());
  return {
    [catalogue]: 'localfabric.LakehouseCatalog',
    [extensions]: [...new Set([...ours, ...theirs])].filter((name) => name !== '').join(','),
    [classPath]: [...delta.jars, ...(conf[classPath] ?? '').split(':')]
      .filter((path) => path !== '')
      .join(':'),
    ...Object.fromEntries(databases),
  };
}

/** Keys of which the request's values are part of the result of `tableProperties`. */
export const joinedKeys: readonly string[] = [extensions, classPath];

/** What holds unless the job sets it. */
export const tableDefaults = {
  'spark.sql.sources.default': 'delta',
  // `CREATE TABLE t (…)` without a format is one of the default format, not of Hive.
  'spark.sql.legacy.createHiveTableByDefault': 'false',
  // A table's log is read in 50 parts by default; two threads would spend a second on the empty ones.
  'spark.databricks.delta.snapshotPartitions': '2',
  // Optional files of Delta's, `.crc` beside each version: they cost each commit time.
  'spark.databricks.delta.writeChecksumFile.enabled': 'false',
} as const;
