/** `npm run lint:workflows`: actionlint over every workflow of the repository. */
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { actionlint, goTool } from './go-tool.ts';

const folders = ['.github/workflows', 'examples/workflows', 'scripts/runner/workflows'];
const workflows = globSync(folders.map((folder) => `${folder}/*.{yml,yaml}`)).sort();

try {
  const program = await goTool(actionlint, (line) => console.log(line));
  // Without the linters of shell and Python that a machine may or may not have: the same result everywhere.
  const args = ['-shellcheck=', '-pyflakes=', ...workflows];
  const { status } = spawnSync(program, args, { stdio: 'inherit' });
  if (status === 0) console.log(`actionlint finds nothing in ${workflows.length} workflows.`);
  process.exitCode = status ?? 1;
} catch (thrown) {
  console.error(thrown instanceof Error ? thrown.message : String(thrown));
  process.exitCode = 1;
}
