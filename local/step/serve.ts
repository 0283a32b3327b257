import { existsSync } from 'node:fs';
import { sparkEngine } from '../engine/spark.ts';
import { startLocalFabric, type LocalFabric } from '../fabric.ts';
import { exportsOf } from './exports.ts';
import { textOf, writeWhole, type StepFolder } from './folder.ts';
import { isRunning } from './process.ts';
import { fabricSettings, parseServeSettings } from './serve-settings.ts';

/** How often the background process looks whether it is to end, and what its batches do; milliseconds. */
const lookEvery = 500;

/**
 * The background process: a local Fabric with real Spark that stays until it is told to stop, by a
 * signal or the file `stop`, or until the runner is gone. Resolves when nothing of it runs any more.
 */
export async function serve(folder: StepFolder): Promise<void> {
  const settings = parseServeSettings(textOf(folder.settings) ?? '');
  const { runnerPid } = settings;
  const ending = new Ending(
    () => existsSync(folder.stop) || (runnerPid > 0 && !isRunning(runnerPid)),
  );
  let fabric: LocalFabric;
  try {
    const engine = await sparkEngine({ stateFolder: folder.state, log: say });
    fabric = await startLocalFabric({
      ...fabricSettings(settings, process.env),
      engine,
      stateFolder: folder.state,
    });
  } catch (thrown) {
    writeWhole(folder.problem, thrown instanceof Error ? thrown.message : String(thrown));
    throw thrown;
  }
  const before = settings.trusted === undefined ? '' : (textOf(settings.trusted) ?? '');
  writeWhole(folder.certificates, `${before}\n${fabric.certificate}`.trimStart());
  writeWhole(folder.ready, JSON.stringify(exportsOf(fabric, folder.certificates)));
  say(`Listening: ${Object.values(fabric.hosts).join(', ')}`);

  const phases = new Map<string, string>();
  await ending.wait(() => tellOfBatches(fabric, phases));
  tellOfBatches(fabric, phases);
  const active = fabric.batches.filter((batch) => batch.active).length;
  say(`Ending, after ${fabric.requests.length} requests; ${active} batches are active`);
  await fabric.close();
  say('Ended');
}

/** One line for each batch that is in another phase than before. */
function tellOfBatches({ batches }: LocalFabric, phases: Map<string, string>): void {
  for (const batch of [...batches].reverse()) {
    const { phase, applicationId } = batch.snapshot();
    if (phases.get(batch.id) === phase) continue;
    phases.set(batch.id, phase);
    const name = JSON.stringify(batch.request.name ?? '');
    say(`Batch ${batch.id} ${name}: ${[phase, applicationId].filter(Boolean).join(', ')}`);
  }
}

function say(line: string): void {
  console.log(`${new Date().toISOString()} ${line}`);
}

/** Ends by a signal, or when `isOver` says so. */
class Ending {
  readonly #isOver: () => boolean;
  #signalled = false;
  #wake: () => void = () => undefined;

  constructor(isOver: () => boolean) {
    this.#isOver = isOver;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.on(signal, () => {
        this.#signalled = true;
        this.#wake();
      });
  }

  /** Calls `look` now and then until the end has come. */
  async wait(look: () => void): Promise<void> {
    while (!this.#signalled && !this.#isOver()) {
      look();
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, lookEvery);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}
