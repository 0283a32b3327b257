import { closeSync, fstatSync, mkdirSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Checkout } from '../../src/inputs/checkout.ts';
import type { Runner } from '../../src/runner.ts';
import { defaultIds } from '../settings.ts';
import { parseExports, type Exports } from './exports.ts';
import { StepFolder, textOf, writeWhole } from './folder.ts';
import { readStepInputs } from './inputs.ts';
import { servingPid, startServing } from './process.ts';
import { copySeed } from './seed.ts';
import { serveSettings } from './serve-settings.ts';

/** How often it is looked whether local Fabric listens; milliseconds. */
const lookEvery = 100;

const ownIdToken =
  "This job has `permissions: id-token: write`, so its ID tokens are GitHub's own, which local Fabric does not know. Take that permission from the job, or give the steps `client-secret: ${{ steps.ID.outputs.client-secret }}` with the id of this step.";

/**
 * What the main step does: checks its inputs, seeds the lakehouse, starts the background process and
 * waits until it listens.
 *
 * @param script the file that is run again as the background process.
 * @throws Error, in words for the user, when an input is wrong or local Fabric could not start.
 */
export async function start(
  runner: Runner,
  script: string,
  exportVariable: (name: string, value: string) => void,
): Promise<void> {
  const env = (name: string): string => runner.env(name) ?? '';
  if (process.platform === 'win32')
    throw new Error('Local Fabric runs on Linux and macOS; take runs-on: ubuntu-latest.');
  const inputs = readStepInputs(runner, new Checkout(env('GITHUB_WORKSPACE') || '.'));
  if (env('ACTIONS_ID_TOKEN_REQUEST_URL') !== '') runner.warning(ownIdToken);
  const folder = StepFolder.named(env('RUNNER_TEMP') || '.');
  // Before anything is there that the post step has to end or remove.
  runner.saveState('folder', folder.path);
  mkdirSync(folder.state, { recursive: true, mode: 0o700 });
  copySeed(inputs.seed, join(folder.state, 'lakehouses', defaultIds.lakehouse));
  const { files, path } = inputs.seed;
  if (files.length > 0) runner.info(`Copied ${files.length} files to ${path} of the lakehouse.`);
  const runnerProcess = { pid: process.ppid, trusted: env('NODE_EXTRA_CA_CERTS') };
  writeWhole(folder.settings, JSON.stringify(serveSettings(inputs, runnerProcess)));
  startServing(script, folder);
  announce(await listening(runner, folder), runner, exportVariable);
}

/** Shows the log of the background process until it listens. Throws when it ends before. */
async function listening(runner: Runner, folder: StepFolder): Promise<Exports> {
  const log = new LogTail(folder.log);
  for (;;) {
    const runs = servingPid(folder) !== undefined;
    const [ready, problem] = [textOf(folder.ready), textOf(folder.problem)];
    await runner.remote(log.lines());
    if (problem !== undefined) throw new Error(`Local Fabric could not start. ${problem}`);
    const exports = ready === undefined ? undefined : parseExports(ready);
    if (exports) return exports;
    if (!runs) throw new Error('Local Fabric ended before it was ready. Its log stands above.');
    await sleep(lookEvery);
  }
}

function announce(
  exports: Exports,
  runner: Runner,
  exportVariable: (name: string, value: string) => void,
): void {
  for (const secret of exports.secrets) runner.mask(secret);
  for (const [name, value] of Object.entries(exports.variables)) exportVariable(name, value);
  for (const [name, value] of Object.entries(exports.outputs)) runner.output(name, value);
  runner.info('The steps after this one find local Fabric by their environment:');
  for (const name of Object.keys(exports.variables)) runner.info(`  ${name}`);
}

/** The whole lines that were added to a file since the last look. */
class LogTail {
  readonly #path: string;
  #read = 0;

  constructor(path: string) {
    this.#path = path;
  }

  lines(): string[] {
    const file = openSync(this.#path, 'r');
    try {
      const bytes = Buffer.alloc(fstatSync(file).size - this.#read);
      readSync(file, bytes, 0, bytes.length, this.#read);
      const whole = bytes.lastIndexOf('\n') + 1;
      this.#read += whole;
      return bytes.subarray(0, whole).toString('utf8').split('\n').slice(0, -1);
    } finally {
      closeSync(file);
    }
  }
}
