/**
 * `npm run demo`: the action as a workflow would run it, on local Fabric with real Spark. With the
 * paths of jobs and their arguments it runs these instead (`npm run demo -- --help`).
 */
import { randomInt } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf } from '../src/errors.ts';
import { readConnection, type Connection } from './connection.ts';
import { demoHelp, parseDemoCommand } from './demo/command-line.ts';
import { exampleOrders, seedExamples } from './demo/lakehouse.ts';
import { freeFolder, runOwnJobs } from './demo/own-jobs.ts';
import { fabricFolder, planDemo, type DemoPlan } from './demo/plan.ts';
import { inEventLog, proveRows } from './demo/proof.ts';
import { runStep, title, type DemoStep } from './demo/step.ts';
import { sparkEngine } from './engine/spark.ts';
import { startLocalFabric, type LocalFabric } from './fabric.ts';
import { readActionFile } from './runner/action-file.ts';
import { defaultIds } from './settings.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const checks = 'jobs/check_orders.py';
const badRow = '1999,,FR,2025-06-01,-5.00,USD\n';

async function main(): Promise<boolean> {
  // npm runs this in the project's folder, wherever it was called.
  const calledIn = process.env['INIT_CWD'] ?? process.cwd();
  const known = readActionFile(root).inputs.map(({ name }) => name);
  let plan: DemoPlan;
  try {
    const command = parseDemoCommand(process.argv.slice(2), known);
    if (command.help) {
      console.log(demoHelp);
      return true;
    }
    plan = planDemo(command, calledIn);
  } catch (thrown) {
    console.error(messageOf(thrown));
    return false;
  }
  if (plan.on !== undefined) return onRunning(plan, plan.on);
  const folder = plan.keep ?? mkdtempSync(join(tmpdir(), 'fabric-spark-batch-demo-'));
  const stateFolder = join(folder, fabricFolder);
  console.log('Looking for Java, Python and PySpark …');
  const engine = await sparkEngine({ stateFolder, log: (line) => console.log(`  ${line}`) });
  const fabric = await startLocalFabric({ engine, stateFolder });
  console.log(`Local Fabric is listening: ${Object.values(fabric.hosts).join(', ')}`);
  const { onStart, forget } = cancelled();
  try {
    return plan.jobs.length === 0
      ? await new Demo(fabric, folder, onStart).orders()
      : await runOwnJobs(plan, { fabric, action: root, folder, onStart });
  } finally {
    forget();
    await fabric.close();
    if (plan.keep === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

/** Jobs on a local Fabric of another process, whose folder holds what is kept. */
async function onRunning(plan: DemoPlan, stateFolder: string): Promise<boolean> {
  let fabric: Connection;
  try {
    fabric = readConnection(stateFolder);
  } catch (thrown) {
    console.error(messageOf(thrown));
    return false;
  }
  const { onStart, forget } = cancelled();
  const folder = join(stateFolder, 'demo');
  return runOwnJobs(plan, { fabric, action: root, folder, onStart }).finally(forget);
}

/** Ctrl-C cancels the step that runs, as a workflow that is cancelled. */
function cancelled(): { onStart: (cancel: () => void) => void; forget: () => void } {
  let cancel = (): void => undefined;
  const stop = (): void => cancel();
  process.once('SIGINT', stop);
  return {
    onStart: (ofStep) => {
      cancel = ofStep;
    },
    forget: () => process.removeListener('SIGINT', stop),
  };
}

/** The line, from 1, of an example on which a statement begins. */
function lineOf(example: string, statement: string): number {
  const lines = readFileSync(join(root, 'examples', example), 'utf8').split('\n');
  return lines.findIndex((line) => line.trim() === statement) + 1;
}

class Demo {
  readonly #fabric: LocalFabric;
  readonly #folder: string;
  readonly #lake: string;
  readonly #onStart: (cancel: () => void) => void;

  constructor(fabric: LocalFabric, folder: string, onStart: (cancel: () => void) => void) {
    this.#fabric = fabric;
    this.#folder = folder;
    this.#onStart = onStart;
    this.#lake = fabric.folderOf(defaultIds.lakehouse);
    seedExamples(root, this.#lake);
  }

  get #csv(): string {
    return join(this.#lake, exampleOrders);
  }

  /** A job that writes, and a data test that is red with a bad row and green without it. */
  async orders(): Promise<boolean> {
    const seed = randomInt(1, 1_000_000);
    const csv = readFileSync(this.#csv, 'utf8');
    const clean = await this.#step({
      name: 'Clean the orders (sign-in with GitHub OIDC)',
      file: 'jobs/clean_orders.py',
      args: ['--seed', String(seed)],
    });
    writeFileSync(this.#csv, csv + badRow);
    const red = await this.#step({
      name: 'Check the orders, with one bad row (sign-in with a client secret)',
      file: checks,
      args: [],
      secret: true,
    });
    writeFileSync(this.#csv, csv);
    const green = await this.#step({
      name: 'Check the orders, without it',
      file: checks,
      args: [],
      secret: true,
    });

    console.log(title('What this proves'));
    const rows = await proveRows(join(this.#lake, 'Tables', 'orders'), csv, seed).catch(
      (thrown: unknown) => String(thrown),
    );
    const application = clean.outputs['application-id'] ?? '';
    const proofs: readonly (readonly [string, boolean])[] = [
      [
        `the first step is green, the second is red, the third is green`,
        clean.green && !red.green && green.green,
      ],
      [
        `the red step says why: ${red.error.split('\n')[0] ?? ''}`,
        red.error.includes('rules do not hold'),
      ],
      [
        `its error stands on the line that raised it: ${red.errorLine}`,
        red.errorLine === `${checks}:${lineOf(checks, 'raise BadOrders(')}`,
      ],
      [
        typeof rows === 'number'
          ? `the Delta table orders holds the ${rows} rows recomputed from seed ${seed} (read without Spark)`
          : rows,
        typeof rows === 'number',
      ],
      [
        `Spark's own event log knows the application ${application}`,
        application !== '' &&
          inEventLog(join(this.#fabric.stateFolder, 'spark-events'), application),
      ],
      ['no batch is left running, and no upload is left behind', this.#nothingLeft()],
    ];
    for (const [what, holds] of proofs) console.log(`  ${holds ? '✔' : '✘'} ${what}`);
    return proofs.every(([, holds]) => holds);
  }

  async #step(
    step: Omit<DemoStep, 'fabric' | 'action' | 'folder' | 'onStart'>,
  ): ReturnType<typeof runStep> {
    return runStep({
      ...step,
      source: join(root, 'examples', step.file),
      fabric: this.#fabric,
      action: root,
      folder: freeFolder(this.#folder),
      onStart: this.#onStart,
    });
  }

  #nothingLeft(): boolean {
    const uploads = join(this.#lake, 'Files', '.github');
    const left = existsSync(uploads) ? readdirSync(uploads) : [];
    return this.#fabric.batches.every(({ active }) => !active) && left.length === 0;
  }
}

process.exitCode = (await main()) ? 0 : 1;
