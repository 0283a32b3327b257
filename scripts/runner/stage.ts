import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Engine } from '../../local/engine/engine.ts';
import { scriptedEngine, type BatchScript } from '../../local/engine/scripted.ts';
import { sparkEngine } from '../../local/engine/spark.ts';
import { startLocalFabric, type LocalFabric } from '../../local/fabric.ts';
import { actionsBot } from '../../local/github/access.ts';
import { defaultIds } from '../../local/settings.ts';
import { exportsOf } from '../../local/step/exports.ts';
import { systemClock } from '../../src/clock.ts';
import { act, goTool } from '../go-tool.ts';
import { ActRun, type ActOptions } from './act.ts';
import { copyAction, makeCheckout, root } from './checkout.ts';
import { PlainDoor } from './plain-door.ts';

const badRow = '1999,,FR,2025-06-01,-5.00,USD\n';

const scripts: Readonly<Record<string, BatchScript>> = {
  'scripted.py': {
    steps: [
      { at: 0, phase: 'running', stdout: 'scripted\n::error::not a command\n' },
      { at: 1, phase: 'success' },
    ],
  },
  'endless.py': { steps: [{ at: 0, phase: 'running', stdout: 'started\n' }] },
};

const workspaces = [
  {
    id: defaultIds.workspace,
    name: 'analytics',
    capacityId: defaultIds.capacity,
    lakehouses: [
      { id: defaultIds.lakehouse, name: 'orders' },
      // Without any file: what reads one there fails.
      { id: 'a2c1f6de-4b7a-4f08-9d55-3f1e0c7b9a42', name: 'returns' },
    ],
  },
  {
    id: '0c9e7d43-5a86-4b1f-8e2d-6f3a4b5c7d81',
    name: 'analytics-test',
    capacityId: defaultIds.capacity,
    lakehouses: [{ id: '7f2b8c1d-9e4a-4d3f-a6b5-c8d7e6f5a493', name: 'orders' }],
  },
];

/** What GitHub's API knows: a repository with one pull request, and what a fork's run gets as its token. */
export const repository = 'octo-org/orders';
export const pullRequest = 7;
export const forkToken = 'ghs_of_a_run_for_a_fork';
const github = {
  repository,
  pullRequests: [pullRequest],
  identities: { [forkToken]: { ...actionsBot, pullRequests: 'read' } },
} as const;

/** What the workflows run on: local Fabric in this process, act, and a user's repository. */
export class Stage {
  readonly fabric: LocalFabric;
  /** Everything that the test writes. */
  readonly folder: string;
  readonly checkout: string;
  readonly release: string;
  readonly #program: string;
  readonly #kept: string | undefined;
  readonly #door: PlainDoor;
  readonly #running = new Set<ActRun>();
  #runs = 0;

  private constructor(parts: {
    fabric: LocalFabric;
    door: PlainDoor;
    folder: string;
    program: string;
    kept: string | undefined;
  }) {
    this.fabric = parts.fabric;
    this.folder = parts.folder;
    this.#program = parts.program;
    this.#kept = parts.kept;
    this.#door = parts.door;
    this.checkout = join(parts.folder, 'checkout');
    this.release = join(parts.folder, 'release');
    makeCheckout(this.checkout);
    copyAction(this.release);
  }

  /** `kept`: a folder for what is to be looked at afterwards. */
  static async open(log: (line: string) => void, kept?: string): Promise<Stage> {
    const program = await goTool(act, log);
    const folder = mkdtempSync(join(tmpdir(), 'fabric-spark-batch-runner-'));
    const stateFolder = join(folder, 'fabric');
    const engine = eitherEngine(await sparkEngine({ stateFolder, log }));
    const fabric = await startLocalFabric({ engine, stateFolder, workspaces, github });
    const csv = join(root, 'examples', 'data', 'orders.csv');
    for (const [lakehouse] of workspaces.map(({ lakehouses }) => lakehouses)) {
      const raw = join(fabric.folderOf(lakehouse?.id ?? ''), 'Files', 'raw');
      mkdirSync(raw, { recursive: true });
      cpSync(csv, join(raw, 'orders.csv'));
      writeFileSync(join(raw, 'bad.csv'), readFileSync(csv, 'utf8') + badRow);
    }
    const door = await PlainDoor.open(fabric.hosts.issuer, fabric.certificate);
    return new Stage({ fabric, door, folder, program, kept });
  }

  /** Starts a workflow that finds this local Fabric by its environment, and its ids as variables. */
  onFabric(options: Omit<ActOptions, 'program' | 'checkout' | 'folder' | 'vars'>): ActRun {
    const { variables, outputs } = exportsOf(this.fabric, this.fabric.certificatePath);
    const { AZURE_TENANT_ID = '', AZURE_CLIENT_ID = '' } = variables;
    return this.run({
      ...options,
      env: { ...variables, ...options.env },
      vars: { AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_TEST_CLIENT_ID: AZURE_CLIENT_ID },
      secrets: { CLIENT_SECRET: outputs['client-secret'] ?? '', ...options.secrets },
      // What `uses:` names in the examples.
      repositories: { 'fabric-spark-batch/fabric-spark-batch@v1': this.release },
    });
  }

  run(
    options: Omit<ActOptions, 'program' | 'checkout' | 'folder'> & { checkout?: string },
  ): ActRun {
    this.#runs += 1;
    const folder = join(this.folder, `act-${this.#runs}`);
    const run = new ActRun({
      checkout: this.checkout,
      ...options,
      program: this.#program,
      folder,
    });
    this.#running.add(run);
    void run.ended.finally(() => this.#running.delete(run));
    return run;
  }

  /** Keeps a text for somebody to look at, where that was asked for. */
  keep(name: string, text: string): void {
    if (this.#kept === undefined) return;
    mkdirSync(this.#kept, { recursive: true });
    writeFileSync(join(this.#kept, name), text);
  }

  /** Of GitHub's API. */
  get githubUrl(): string {
    return this.#door.url;
  }

  /** Batches of local Fabric that have not ended. */
  get active(): number {
    return this.fabric.batches.filter((batch) => batch.active).length;
  }

  async close(): Promise<void> {
    for (const run of this.#running) run.signal('SIGINT');
    await Promise.allSettled([...this.#running].map((run) => run.ended));
    await this.#door.close();
    await this.fabric.close();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Batches whose file has a script follow it; the others are run by Spark. */
function eitherEngine(spark: Engine): Engine {
  const scripted = scriptedEngine(
    (job) => scripts[fileName(job.request.file)] ?? { steps: [] },
    systemClock,
  );
  return {
    kind: 'spark',
    run: (job) => (fileName(job.request.file) in scripts ? scripted : spark).run(job),
    close: () => spark.close(),
  };
}

function fileName(uri: string): string {
  return uri.slice(uri.lastIndexOf('/') + 1);
}

/** Looks again and again until `look` gives something. Throws when nothing comes of it. */
export async function until<Value>(
  what: string,
  look: () => Value | undefined | false,
  milliseconds = 180_000,
): Promise<Value> {
  const giveUpAt = Date.now() + milliseconds;
  for (;;) {
    const value = look();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > giveUpAt) throw new Error(`This never happened: ${what}`);
    await sleep(50);
  }
}
