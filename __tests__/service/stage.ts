import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach } from '@jest/globals';
import type { BatchScript } from '../../local/engine/scripted.ts';
import { scriptedEngine } from '../../local/engine/scripted.ts';
import type { EngineJob } from '../../local/engine/engine.ts';
import { startLocalFabric, type LocalFabric } from '../../local/fabric.ts';
import type { RequestLine } from '../../local/faults.ts';
import type { JournalEntry } from '../../local/listener.ts';
import { defaultIds, type LocalFabricSettings } from '../../local/settings.ts';
import { cleanUp } from '../../src/cleanup.ts';
import { undiciTransport, type HttpRequest, type Transport } from '../../src/http/transport.ts';
import { runJob } from '../../src/job.ts';
import type { World } from '../../src/job/connect.ts';
import { Interrupt } from '../../src/job/interrupt.ts';
import { uploadFolderName } from '../../src/job/upload-folder.ts';
import { RecordingRunner } from './recording-runner.ts';
import { inThisRealm, isBatches, isSubmit } from './requests.ts';
import { Step, type StepOptions } from './step.ts';
import { VirtualTime } from './virtual-time.ts';

export { claims, isBatches, isList, isStatus, isSubmit } from './requests.ts';

/** What a test says of its stage; the rest is a happy step that signs in with the secret. */
export interface StageOptions {
  script: BatchScript | ((job: EngineJob) => BatchScript);
  settings?: Partial<Omit<LocalFabricSettings, 'engine' | 'clock'>>;
  inputs?: Readonly<Record<string, string>>;
  env?: Readonly<Record<string, string>>;
  /** Files of the checkout. */
  files?: Readonly<Record<string, string | Uint8Array>>;
  /** `oidc`: no secret, and GitHub's issuer answers. */
  identity?: 'secret' | 'oidc';
  /** How long each request is on its way, in milliseconds of the virtual clock. */
  latency?: number;
  /** Requests during which time goes on. */
  slow?: (request: HttpRequest) => boolean;
}

const open: Stage[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((stage) => stage.close()));
});

/** A local Fabric, a recording runner and virtual time for one step; closed at the end of the test. */
export async function stage(options: StageOptions): Promise<Stage> {
  const time = new VirtualTime();
  const fabric = await startLocalFabric({
    ...options.settings,
    engine: scriptedEngine(options.script, time),
    clock: time,
  });
  const made = new Stage(options, time, fabric);
  open.push(made);
  return made;
}

export class Stage {
  readonly time: VirtualTime;
  readonly fabric: LocalFabric;
  readonly runner: RecordingRunner;
  readonly interrupt = new Interrupt();
  /** Every request as the action made it. */
  readonly sent: HttpRequest[] = [];
  readonly folder = mkdtempSync(join(tmpdir(), 'service-test-'));
  readonly #network: ReturnType<typeof undiciTransport>;
  readonly #checkout = join(this.folder, 'checkout');
  readonly #inputs: Record<string, string>;
  readonly #env: Record<string, string>;
  readonly #latency: number;
  readonly #slow: (request: HttpRequest) => boolean;
  #nonces = 0;
  #steps = 0;

  constructor(options: StageOptions, time: VirtualTime, fabric: LocalFabric) {
    this.time = time;
    this.fabric = fabric;
    this.#latency = options.latency ?? 0;
    this.#slow = options.slow ?? (() => false);
    this.#network = undiciTransport({ ca: fabric.certificate });
    // It is read now: what a step still sends after a test has ended could read nothing any more.
    this.#network.warm([]);
    mkdirSync(this.#checkout);
    for (const [name, content] of Object.entries(options.files ?? {})) this.checkOut(name, content);
    const oidc = options.identity === 'oidc';
    this.#inputs = {
      ...fabric.inputs,
      workspace: defaultIds.workspace,
      lakehouse: defaultIds.lakehouse,
      file: 'Files/jobs/main.py',
      ...(oidc ? {} : { 'client-secret': fabric.clientSecret }),
      ...options.inputs,
    };
    this.#env = {
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_REPOSITORY: 'octo-org/orders',
      GITHUB_WORKFLOW: 'orders',
      GITHUB_RUN_ID: '9000000001',
      GITHUB_RUN_NUMBER: '12',
      GITHUB_RUN_ATTEMPT: '1',
      GITHUB_API_URL: fabric.env['GITHUB_API_URL'] ?? '',
      GITHUB_WORKSPACE: this.#checkout,
      RUNNER_TEMP: join(this.folder, 'temp'),
      ...(oidc ? fabric.env : {}),
      ...options.env,
    };
    this.runner = this.#newRunner(this.#inputs, this.#env);
  }

  get world(): World {
    return this.worldOf(this.runner);
  }

  worldOf(runner: RecordingRunner): World {
    return { runner, clock: this.time, random: () => 0.5, transport: this.#transport() };
  }

  /** Main, to its end. */
  run(): Promise<boolean> {
    return runJob({
      world: this.world,
      interrupt: this.interrupt,
      newNonce: this.#newNonce,
    });
  }

  /**
   * A step on a runner of its own against the same local Fabric, with the inputs and the environment
   * of the stage unless it says otherwise.
   */
  step({ inputs = {}, env = {}, without = [], clockAhead = 0 }: StepOptions = {}): Step {
    this.#steps += 1;
    const kept = Object.entries({ ...this.#inputs, ...inputs }).filter(
      ([name]) => !without.includes(name),
    );
    const temp = { RUNNER_TEMP: join(this.folder, `temp-${this.#steps}`) };
    return new Step({
      newRunner: () => this.#newRunner(Object.fromEntries(kept), { ...this.#env, ...temp, ...env }),
      worldOf: (runner) => this.worldOf(runner),
      newNonce: this.#newNonce,
      clockAhead,
    });
  }

  /** Another step with the same inputs, beside this one; it starts when it is told to. */
  secondStep(): { runner: RecordingRunner; start: () => void; end: Promise<boolean> } {
    const runner = this.#newRunner(this.#inputs, this.#env);
    let start = (): void => undefined;
    const end = new Promise<void>((resolve) => (start = resolve)).then(() =>
      runJob({
        world: this.worldOf(runner),
        interrupt: new Interrupt(),
        newNonce: this.#newNonce,
      }),
    );
    return { runner, start, end };
  }

  /** Post, with the states that main saved; `without`: states that main did not come to save. */
  async post(without: readonly string[] = []): Promise<RecordingRunner> {
    const runner = this.#newRunner(this.#inputs, this.#env);
    for (const [name, value] of Object.entries(this.runner.states)) {
      if (!without.includes(name)) runner.states[name] = value;
    }
    await cleanUp(this.worldOf(runner));
    return runner;
  }

  /** Runs at the first request that fits, before it has an effect: a place in time to count from. */
  once(fits: (line: RequestLine) => boolean, run: () => void): void {
    let seen = false;
    const when = (line: RequestLine): boolean => {
      if (!seen && fits(line)) {
        seen = true;
        run();
      }
      return false;
    };
    this.fabric.faults.add({ when, fault: { kind: 'cut' } });
  }

  /** Runs so many milliseconds after the next request that fits. */
  afterNext(fits: (line: RequestLine) => boolean, milliseconds: number, run: () => void): void {
    this.once(fits, () => this.time.after(milliseconds, run));
  }

  /** Runs so many milliseconds after the next submit. */
  afterSubmit(milliseconds: number, run: () => void): void {
    this.afterNext(isSubmit, milliseconds, run);
  }

  /** Requests to Fabric's Livy API of one method, such as `POST`. */
  batchRequests(method: string): JournalEntry[] {
    return this.fabric.requests.filter((entry) => isBatches(entry) && entry.method === method);
  }

  /** Path of a file in the default lakehouse. */
  inLakehouse(path: string): string {
    return join(this.fabric.folderOf(defaultIds.lakehouse), path);
  }

  /** A file of the checkout, made or changed. */
  checkOut(name: string, content: string | Uint8Array): void {
    const path = join(this.#checkout, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }

  /** A path in the default lakehouse that was last changed `age` milliseconds ago by its clock. */
  putInLakehouse(path: string, content: string | Uint8Array, age = 0): void {
    const file = this.inLakehouse(path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    const seconds = (this.time.now() - age) / 1_000;
    for (const changed of [file, dirname(file)]) utimesSync(changed, seconds, seconds);
  }

  /** The requests that change something in OneLake. */
  get writes(): JournalEntry[] {
    return this.fabric.requests.filter(
      ({ host, method }) => host === 'onelake' && !['GET', 'HEAD'].includes(method),
    );
  }

  logFile(name: 'stdout.log' | 'stderr.log' | 'livy.log'): Buffer {
    return this.runner.logFile(name);
  }

  get error(): { title: string; message: string } {
    return this.runner.onlyError;
  }

  get story(): string {
    return this.runner.story;
  }

  async close(): Promise<void> {
    await this.#network.close();
    await this.fabric.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #transport(): Transport {
    const network: Transport = (request, signal) =>
      this.#network.transport(request, signal).catch(inThisRealm);
    const timeless = this.time.transport(network);
    return async (request, signal) => {
      this.sent.push(request);
      if (this.#latency > 0) await this.time.sleep(this.#latency);
      return this.#slow(request) ? network(request, signal) : timeless(request, signal);
    };
  }

  readonly #newNonce = (): string => nonce(this.#nonces++);

  #newRunner(
    inputs: Readonly<Record<string, string>>,
    env: Readonly<Record<string, string>>,
  ): RecordingRunner {
    return new RecordingRunner({
      inputs,
      env,
      idToken: async (audience) => {
        if (this.#latency > 0) await this.time.sleep(this.#latency);
        return this.time.during(() => this.#idToken(audience));
      },
    });
  }

  async #idToken(audience: string): Promise<string> {
    const { env } = this.fabric;
    const url = `${env['ACTIONS_ID_TOKEN_REQUEST_URL'] ?? ''}&audience=${encodeURIComponent(audience)}`;
    const reply = await this.#network.transport({
      method: 'GET',
      url,
      headers: { authorization: `Bearer ${env['ACTIONS_ID_TOKEN_REQUEST_TOKEN'] ?? ''}` },
    });
    const chunks: Uint8Array[] = [];
    for await (const chunk of reply.body) chunks.push(chunk);
    const body: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    if (typeof body === 'object' && body !== null && 'value' in body) {
      const { value } = body;
      if (typeof value === 'string') return value;
    }
    throw new Error(`The issuer answered ${reply.status}.`);
  }
}

/** Name of the upload folder of the n-th submission of a stage. */
export function uploadName(submission: number): string {
  return uploadFolderName(nonce(submission), owner);
}

/** The repository of every step of a stage. */
export const owner = { serverUrl: 'https://github.com', repository: 'octo-org/orders' };

/** The nonce of the n-th submission of a stage. */
export function nonce(submission: number): string {
  return `${submission + 1}`.padStart(4, '0').padEnd(32, 'ab12cd34');
}
