import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Files that are read at run time and are no modules: Scala sources, compiled at first use. They stand in `tables/` beside this file. */
export const scalaSources = [
  'FolderFileSystem.scala',
  'LakehouseCatalog.scala',
  'LakehouseTables.scala',
] as const;

/** The path of such a file. A bundle carries the folder `tables/` beside itself. */
export function asset(name: (typeof scalaSources)[number]): string {
  return join(dirname(fileURLToPath(import.meta.url)), 'tables', name);
}
