/** Rebuilds dist/ and fails when what stood there differs in a byte, a missing file or an extra one. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

function filesOf(folder: string): Map<string, Buffer> {
  if (!existsSync(folder)) return new Map();
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const paths = entries.map((entry) => join(entry.parentPath, entry.name));
  return new Map(paths.map((path) => [path.slice(folder.length + 1), readFileSync(path)]));
}

const before = filesOf('dist');
execFileSync('node', ['scripts/build.ts'], { stdio: 'inherit' });
const after = filesOf('dist');

const problems = [
  ...[...after.keys()].filter((path) => !before.has(path)).map((path) => `missing: dist/${path}`),
  ...[...before.keys()].filter((path) => !after.has(path)).map((path) => `extra: dist/${path}`),
  ...[...after]
    .filter(([path, bytes]) => before.get(path)?.equals(bytes) === false)
    .map(([path]) => `differs: dist/${path}`),
];
if (problems.length > 0) {
  console.error(
    `dist/ is not what the sources give:\n  ${problems.join('\n  ')}\nRun "npm run build" and commit dist/.`,
  );
  process.exitCode = 1;
} else {
  console.log(`dist/ is what a rebuild gives (${after.size} files).`);
}
