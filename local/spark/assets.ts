import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Files that are read at run time and are no modules: Scala sources, compiled at first use. They stand in `tables/` beside this file. */
export const scalaSources = [
  'FolderFileSystem.scala',
  'LakehouseCatalog.scala',
  'LakehouseTables.scala',
] as const;

/**
 * The path of such a file, or of pip's requirements. A bundle carries them beside itself: scripts/build.ts
 * lists them. Not in the form `new URL('name', import.meta.url)`, of which the bundler makes a plain path.
 */
export function asset(name: (typeof scalaSources)[number] | 'requirements.txt'): string {
  const folder = dirname(fileURLToPath(import.meta.url));
  return name === 'requirements.txt' ? join(folder, name) : join(folder, 'tables', name);
}
