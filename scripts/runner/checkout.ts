import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folder of this repository. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** What a release of the action holds: the runner fetches it for `uses: owner/name@ref`. */
export function copyAction(folder: string): void {
  for (const path of ['action.yml', 'local/action.yml', 'dist'])
    cpSync(join(root, path), join(folder, path), { recursive: true });
}

/**
 * A user's repository in a new folder, with the action of this repository at its top for `uses: ./`:
 * the workflows of the runner's test and of examples/, jobs, and test data.
 */
export function makeCheckout(folder: string): void {
  const copy = (from: string, to: string): void => {
    for (const name of readdirSync(join(root, from)))
      cpSync(join(root, from, name), join(folder, to, name), { recursive: true });
  };
  mkdirSync(folder, { recursive: true });
  copyAction(folder);
  copy('scripts/runner/workflows', '.github/workflows');
  copy('examples/workflows', '.github/workflows');
  copy('scripts/runner/jobs', 'jobs');
  copy('examples/jobs', 'jobs');
  copy('examples/tests', 'tests');
  copy('examples/data', 'tests/data');
  // What scripted batches do stands in script.ts: their file only has to be there.
  for (const name of ['scripted.py', 'endless.py']) writeFileSync(join(folder, 'jobs', name), '');
  const git = (...args: string[]): void => {
    const who = ['-c', 'user.name=test', '-c', 'user.email=test@example.com'];
    execFileSync('git', [...who, '-c', 'commit.gpgsign=false', ...args], {
      cwd: folder,
      stdio: 'ignore',
    });
  };
  git('init', '--quiet', '--initial-branch', 'main');
  git('add', '--all');
  git('commit', '--quiet', '--message', 'The orders');
}
