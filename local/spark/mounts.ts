import { pathToFileURL } from 'node:url';
import type { LakehouseMount } from '../engine/engine.ts';

const publicHost = 'onelake.dfs.fabric.microsoft.com';

/** Names that stand in a URI as they are. Others (spaces, …) are reached by their ids only. */
const plainName = /^[\w.-]+$/;

/**
 * Spark properties that put the lakehouses' folders behind `abfss://`, by Hadoop's View File System
 * Overload Scheme (Hadoop 3.3.4, which PySpark 3.5 brings).
 *
 * A mount table's name is the authority of the URI, workspace included; with a port in the URI it
 * is the bare host. Targets have a scheme of their own, `folder:`, that is Hadoop's local file
 * system without checksum files, so that no `.crc` shows in OneLake and `file:` stays as it is
 * (Hive casts it), and with a rename that does not replace (`FolderFileSystem.scala`). Hadoop 3.3.4 has no such overload for its FileContext API; Spark itself uses that
 * for streaming checkpoints only, and is told not to.
 */
export function mountProperties(
  host: LakehouseMount,
  lakehouses: readonly LakehouseMount[],
  onelakeHost: string,
): Record<string, string> {
  const properties: Record<string, string> = {
    'spark.hadoop.fs.abfss.impl': 'org.apache.hadoop.fs.viewfs.ViewFileSystemOverloadScheme',
    'spark.hadoop.fs.folder.impl': 'localfabric.FolderFileSystem',
    'spark.sql.streaming.checkpointFileManagerClass':
      'org.apache.spark.sql.execution.streaming.FileSystemBasedCheckpointFileManager',
    'spark.hadoop.fs.defaultFS': `abfss://${host.workspaceId}@${publicHost}/`,
    'spark.sql.warehouse.dir': lakehouseUri(host, 'Tables'),
  };
  for (const lakehouse of lakehouses) {
    const { workspaceId, workspaceName, lakehouseId, lakehouseName } = lakehouse;
    const folder = pathToFileURL(lakehouse.folder).href.replace(/^file:/, 'folder:');
    const mount = (table: string, link: string): void => {
      const prefix = `spark.hadoop.fs.viewfs.mounttable.${table}`;
      // With the user name of `mountEnvironment` the home folder is the default lakehouse.
      properties[`${prefix}.homedir`] = '/';
      properties[`${prefix}.link./${link}`] = folder;
    };
    for (const table of tableNames(workspaceId, onelakeHost)) mount(table, lakehouseId);
    const item = `${lakehouseName}.Lakehouse`;
    if (plainName.test(workspaceName) && plainName.test(lakehouseName)) {
      for (const table of tableNames(workspaceName, onelakeHost)) mount(table, item);
    }
  }
  return properties;
}

/** Environment of the driver with which a relative `Files/x` is one of the default lakehouse, as on Fabric. */
export function mountEnvironment(host: LakehouseMount): Record<string, string> {
  return { HADOOP_USER_NAME: host.lakehouseId };
}

/** The `abfss:` URI of a path in a lakehouse, by ids. The path is encoded as it must be already. */
export function lakehouseUri(lakehouse: LakehouseMount, path: string): string {
  return `abfss://${lakehouse.workspaceId}@${publicHost}/${lakehouse.lakehouseId}/${path}`;
}

function tableNames(workspace: string, onelakeHost: string): string[] {
  const withPort = /^(.*):\d+$/.exec(onelakeHost);
  return [
    ...new Set([`${workspace}@${publicHost}`, withPort?.[1] ?? `${workspace}@${onelakeHost}`]),
  ];
}
