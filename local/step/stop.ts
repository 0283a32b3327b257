import { existsSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Runner } from '../../src/runner.ts';
import { StepFolder, textOf } from './folder.ts';
import { stopServing } from './process.ts';

/** What the post step does: ends local Fabric, shows its log, and removes all but the certificates. */
export async function stop(runner: Runner): Promise<void> {
  const saved = runner.state('folder');
  // Inputs were wrong, and nothing was started.
  if (saved === '' || !existsSync(saved)) return;
  const folder = new StepFolder(saved);
  const how = await stopServing(folder);
  const log = textOf(folder.log) ?? '';
  await runner.remote(log.split('\n').slice(0, -1), 'Log of local Fabric');
  if (how === 'ended') runner.info('Local Fabric was stopped; no process of it is left.');
  if (how === 'killed')
    runner.warning('Local Fabric did not end when it was told to, and was killed.');
  if (how === 'absent' && existsSync(folder.ready))
    runner.warning(
      'Local Fabric was gone before it was told to stop. Its log says how far it came.',
    );
  for (const name of readdirSync(folder.path)) {
    if (name !== basename(folder.certificates))
      rmSync(join(folder.path, name), { recursive: true, force: true, maxRetries: 3 });
  }
}
