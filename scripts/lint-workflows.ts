/**
 * `npm run lint:workflows`: actionlint and zizmor over every workflow of the repository, and zizmor
 * over its actions and .github/dependabot.yml. Nothing of it needs node_modules. `--online` lets
 * zizmor ask GitHub as well (pins that no tag has, known vulnerabilities), with the token GH_TOKEN.
 */
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { actionlint, goTool } from './go-tool.ts';
import { zizmor } from './zizmor.ts';

const folders = ['.github/workflows', 'examples/workflows', 'scripts/runner/workflows'];
const workflows = globSync(folders.map((folder) => `${folder}/*.{yml,yaml}`)).sort();
const others = ['action.yml', 'local/action.yml', '.github/dependabot.yml'];
const log = (line: string): void => console.log(line);

/** Runs a checker to its end; true when it finds nothing. */
function passes(program: string, args: readonly string[]): boolean {
  return spawnSync(program, args, { stdio: 'inherit' }).status === 0;
}

try {
  // Without the linters of shell and Python that a machine may or may not have: the same result everywhere.
  const syntax = passes(await goTool(actionlint, log), [
    '-shellcheck=',
    '-pyflakes=',
    ...workflows,
  ]);
  if (syntax) log(`actionlint finds nothing in ${workflows.length} workflows.`);
  const where = process.argv.includes('--online') ? [] : ['--offline'];
  const how = ['--quiet', '--no-progress', '--persona=pedantic', '--strict-collection'];
  const safe = passes(await zizmor(log), [
    ...where,
    ...how,
    ...['--config', '.github/zizmor.yml', ...workflows, ...others],
  ]);
  if (safe) log(`zizmor finds nothing in ${workflows.length + others.length} files.`);
  process.exitCode = syntax && safe ? 0 : 1;
} catch (thrown) {
  console.error(thrown instanceof Error ? thrown.message : String(thrown));
  process.exitCode = 1;
}
