/** The entry of local/action.yml: its main step, its post step, and the background process between them. */
import { fileURLToPath } from 'node:url';
import * as core from '@actions/core';
import { actionsRunner, writerOf } from '../../src/runner.ts';
import { StepFolder } from './folder.ts';
import { serveWord } from './process.ts';
import { serve } from './serve.ts';
import { start } from './start.ts';
import { stop } from './stop.ts';

async function step(): Promise<void> {
  const runner = actionsRunner({ env: process.env, write: writerOf(process.stdout) });
  try {
    if (runner.state('started') === 'true') {
      await stop(runner);
      return;
    }
    runner.saveState('started', 'true');
    await start(runner, fileURLToPath(import.meta.url), core.exportVariable);
  } catch (thrown) {
    process.exitCode = 1;
    runner.error(thrown instanceof Error ? thrown.message : String(thrown), 'Local Fabric');
  }
}

// Where the runner is gone, and its log with it, there is still something to stop.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

const [word, folder] = process.argv.slice(2);
if (word === serveWord && folder !== undefined) {
  await serve(new StepFolder(folder));
} else {
  await step();
}
