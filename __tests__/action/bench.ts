import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { scriptedEngine, type BatchScript } from '../../local/engine/scripted.ts';
import { startLocalFabric, type LocalFabric } from '../../local/fabric.ts';
import { startStep, type StepHandle, type StepOptions } from '../../local/runner/step.ts';
import { defaultIds, type LocalFabricSettings } from '../../local/settings.ts';
import { systemClock } from '../../src/clock.ts';

/** Folder of the action: the built bundle stands in its dist/. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Starts a node process with a clock that runs five times as fast. */
const quickClock = {
  NODE_OPTIONS: `--import=${new URL('quick-clock.js', import.meta.url).href}`,
};

/** A batch that is over at the first status read. */
export function overAtOnce(stdout: string, stderr = ''): BatchScript {
  return { steps: [{ at: 0, phase: 'running', stdout, stderr }, endedWell] };
}

/** A batch that fails at once, with its traceback in stderr. */
export function failedAtOnce(stdout: string, stderr: string): BatchScript {
  return {
    steps: [
      { at: 0, phase: 'running', stdout, stderr },
      { at: 0, phase: 'dead' },
    ],
  };
}

/** A batch that runs until it is cancelled. */
export const endless: BatchScript = { steps: [{ at: 0, phase: 'running', stdout: 'started\n' }] };
/** A batch that never gets beyond the queue. */
export const queuedForever: BatchScript = { steps: [] };

const endedWell = { at: 0, phase: 'success' } as const;

export type Given = Omit<Partial<StepOptions>, 'action' | 'workspace' | 'tempFolder'> & {
  /** How to sign in; with OIDC unless given. */
  signIn?: 'secret' | 'none';
  /** The clock of post runs five times as fast: it looks for a twin for 45 s where a submit is in doubt. */
  quickPost?: boolean;
  /** The source of `jobs/job.py`. */
  job?: string;
};

/** A step of the built action on its own checkout, with what it is run on. */
export interface Started {
  step: StepHandle;
  checkout: string;
  temp: string;
}

/** A local Fabric with batches that follow a script, and the built action as the runner runs it. */
export class Bench {
  readonly fabric: LocalFabric;
  readonly #folder: string;
  readonly #script: { now: BatchScript };
  #steps = 0;

  private constructor(fabric: LocalFabric, script: { now: BatchScript }) {
    this.fabric = fabric;
    this.#script = script;
    this.#folder = mkdtempSync(join(tmpdir(), 'action-test-'));
  }

  static async start(settings: Omit<LocalFabricSettings, 'engine'> = {}): Promise<Bench> {
    const script = { now: overAtOnce('') };
    const engine = scriptedEngine(() => script.now, systemClock);
    return new Bench(await startLocalFabric({ ...settings, engine }), script);
  }

  /** What the batches accepted from now on do. */
  set script(script: BatchScript) {
    this.#script.now = script;
  }

  async close(): Promise<void> {
    await this.fabric.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Starts a step whose checkout holds `jobs/job.py`. */
  start(given: Given = {}): Started {
    this.#steps += 1;
    return startOn(this.fabric, join(this.#folder, `step-${this.#steps}`), given);
  }

  /** Batches that have not ended. */
  get active(): number {
    return this.fabric.batches.filter((batch) => batch.active).length;
  }

  /** Upload folders that are there now. */
  get uploads(): string[] {
    const folder = join(this.fabric.folderOf(defaultIds.lakehouse), 'Files', '.github');
    return existsSync(folder) ? readdirSync(folder) : [];
  }
}

/** Starts a step of the built action on a local Fabric, in a new folder. */
export function startOn(fabric: LocalFabric, folder: string, given: Given = {}): Started {
  const checkout = join(folder, 'checkout');
  const temp = join(folder, 'temp');
  const { signIn, inputs, runtime, quickPost, job = "print('hello')\n", ...rest } = given;
  mkdirSync(join(checkout, 'jobs'), { recursive: true });
  writeFileSync(join(checkout, 'jobs', 'job.py'), job);

  const { NODE_EXTRA_CA_CERTS: certificate = '', ...oidc } = fabric.env;
  const step = startStep({
    ...rest,
    ...(quickPost === true ? { postRuntime: quickClock } : {}),
    action: root,
    workspace: checkout,
    tempFolder: temp,
    inputs: {
      workspace: 'analytics',
      lakehouse: 'orders',
      file: 'jobs/job.py',
      ...fabric.inputs,
      ...(signIn === 'secret' ? { 'client-secret': fabric.clientSecret } : {}),
      ...inputs,
    },
    runtime: {
      NODE_EXTRA_CA_CERTS: certificate,
      ...(signIn === undefined ? oidc : {}),
      ...runtime,
    },
  });
  return { step, checkout, temp };
}

/** Looks again and again until `look` gives something. Throws when nothing comes of it. */
export async function until<Value>(
  what: string,
  look: () => Value | undefined | false,
  milliseconds = 20_000,
): Promise<Value> {
  const giveUpAt = Date.now() + milliseconds;
  for (;;) {
    const value = look();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > giveUpAt) throw new Error(`This never happened: ${what}`);
    await sleep(5);
  }
}
