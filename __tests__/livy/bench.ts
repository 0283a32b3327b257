import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fetchLivy } from '../../local/livy/class-path.ts';
import { startLivy, type LivyServer } from '../../local/livy/server.ts';
import { startStep, type StepHandle, type StepOptions } from '../../local/runner/step.ts';
import { findSpark, type SparkInstallation } from '../../local/spark/installation.ts';
import { thisMachine } from '../../local/spark/machine.ts';
import { root } from '../action/bench.ts';

/** Real servers of Apache Livy, the jobs that they may run, and the built action as a runner runs it. */
export class LivyBench {
  readonly installation: SparkInstallation;
  readonly #jars: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'livy-real-'));
  readonly #servers: LivyServer[] = [];
  #steps = 0;

  private constructor(installation: SparkInstallation, jars: string) {
    this.installation = installation;
    this.#jars = jars;
    mkdirSync(this.jobs);
  }

  /** Fetches what is not in the cache yet. */
  static async start(): Promise<LivyBench> {
    const machine = thisMachine();
    const log = (line: string): void => void process.stderr.write(`${line}\n`);
    const installation = await findSpark({ log, machine });
    return new LivyBench(installation, await fetchLivy({ machine, java: installation.java, log }));
  }

  get jobs(): string {
    return join(this.#folder, 'jobs');
  }

  /** Python examples that come with Spark. */
  get examples(): string {
    return join(this.installation.pyspark.sparkHome, 'examples', 'src', 'main', 'python');
  }

  async server(conf: Readonly<Record<string, string>> = {}, port = 0): Promise<LivyServer> {
    const server = await startLivy({
      installation: this.installation,
      jars: this.#jars,
      stateFolder: join(this.#folder, `server-${this.#servers.length}`),
      jobFolders: [this.jobs, this.examples],
      conf,
      port,
    });
    this.#servers.push(server);
    return server;
  }

  /** Writes a job; gives its path. */
  job(name: string, content: string | Uint8Array): string {
    const path = join(this.jobs, name);
    writeFileSync(path, content);
    return path;
  }

  step(
    inputs: Readonly<Record<string, string>>,
    options: Pick<StepOptions, 'onLine' | 'beforePost'> = {},
  ): StepHandle {
    const folder = join(this.#folder, `step-${this.#steps++}`);
    mkdirSync(join(folder, 'checkout'), { recursive: true });
    return startStep({
      action: root,
      workspace: join(folder, 'checkout'),
      tempFolder: join(folder, 'temp'),
      inputs,
      ...options,
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.close()));
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** What the server answers, as JSON. */
export async function ask(url: string, init?: RequestInit): Promise<unknown> {
  const reply = await fetch(url, init);
  return reply.json();
}

/** Submits a batch past the action. */
export function submit(url: string, body: unknown): Promise<unknown> {
  return ask(`${url}/batches`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}
