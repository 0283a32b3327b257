import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type {
  EngineJob,
  EngineLog,
  EngineRun,
  EngineSnapshot,
  MonitoringResource,
} from '../engine/engine.ts';
import type { SparkInstallation } from './installation.ts';
import { LogFile } from './log-file.ts';
import { SparkApi } from './monitoring/spark-api.ts';
import { endGroups, signalGroup, watchGroup } from './process-group.ts';
import { propertiesText } from './properties.ts';
import { shownCommand, shownConf, submission, type BatchFolders } from './submit.ts';

export interface SparkSettings {
  installation: SparkInstallation;
  /** Absolute; `batches/<id>/` and `spark-events/<id>/` are made below it. */
  stateFolder: string;
  memoryCapMiB: number;
  /** The environment of the caller, of which a job sees a few names only. */
  env: Readonly<Record<string, string | undefined>>;
}

/** How much of the end of each stream goes to the Livy log when no application came to be. */
const failureTail = 64 * 1024;
/** Within so many bytes of stderr a driver says where its UI listens. */
const startOfStderr = 1024 * 1024;

/** One batch: waits until it is started, then is one `spark-submit` in a process group of its own. */
export class SparkBatch implements EngineRun {
  readonly #job: EngineJob;
  readonly #settings: SparkSettings;
  readonly #folders: BatchFolders;
  readonly #logs: Record<EngineLog, LogFile>;
  readonly #onEnd: () => void;
  readonly #snapshot: EngineSnapshot = { phase: 'queued' };
  readonly #sparkApi = new SparkApi();
  #leader: number | undefined;
  #cancelled = false;
  /** Resolves when the batch has ended and nothing of it runs any more. */
  readonly gone: Promise<void>;
  #setGone: () => void = () => undefined;
  #ending: Promise<void> | undefined;

  /** @param onEnd is called once, when the batch no longer takes a place among the running ones. */
  constructor(job: EngineJob, settings: SparkSettings, onEnd: () => void) {
    if (!/^[\w-]+$/.test(job.id))
      throw new Error(`A batch id names folders; this one cannot: ${job.id}`);
    this.#job = job;
    this.#settings = settings;
    this.#onEnd = onEnd;
    const root = join(settings.stateFolder, 'batches', job.id);
    this.#folders = {
      root,
      work: join(root, 'work'),
      scratch: join(root, 'scratch'),
      events: join(settings.stateFolder, 'spark-events', job.id),
    };
    const { work, scratch, events } = this.#folders;
    for (const folder of [work, scratch, events]) mkdirSync(folder, { recursive: true });
    const log = (name: EngineLog): LogFile => new LogFile(join(root, `${name}.log`));
    this.#logs = { stdout: log('stdout'), stderr: log('stderr'), livy: log('livy') };
    this.gone = new Promise((resolve) => (this.#setGone = resolve));
  }

  /** Gives a queued batch to Spark. */
  start(): void {
    if (this.#snapshot.phase !== 'queued') return;
    this.#snapshot.phase = 'starting';
    this.#snapshot.startingAt = Date.now();
    try {
      this.#spawn();
    } catch (error) {
      this.#couldNotStart(error);
    }
  }

  snapshot(): EngineSnapshot {
    this.#lookForApplication();
    return { ...this.#snapshot };
  }

  read(log: EngineLog, from: number, to: number): Buffer {
    return this.#logs[log].read(from, to);
  }

  length(log: EngineLog): number {
    return this.#logs[log].length();
  }

  async monitoring(resource: MonitoringResource): Promise<unknown> {
    const { applicationId, endedAt } = this.snapshot();
    if (applicationId === undefined) return undefined;
    const live = endedAt === undefined;
    // Spark renames the log at the end of the application, which a driver that was killed does not see.
    const log = readdirSync(this.#folders.events).find((name) => name.startsWith(applicationId));
    return this.#sparkApi.get(resource, {
      application: applicationId,
      live,
      stderr: () => this.#logs.stderr.read(0, startOfStderr).toString('utf8'),
      eventLog: join(this.#folders.events, log ?? ''),
    });
  }

  cancel(): void {
    if (this.#cancelled || this.#snapshot.endedAt !== undefined) return;
    this.#cancelled = true;
    this.#say('cancel was asked for');
    if (this.#leader === undefined) {
      this.#end('killed');
      this.#setGone();
      return;
    }
    this.#ending = endGroups(this.#leader);
  }

  #spawn(): void {
    const { installation, memoryCapMiB, env } = this.#settings;
    const submit = submission(this.#job, installation, this.#folders, memoryCapMiB, env);
    const properties = join(this.#folders.root, 'spark.properties');
    writeFileSync(properties, propertiesText(submit.properties), { mode: 0o600 });
    this.#say(shownCommand(submit));
    for (const line of shownConf(this.#job.request.conf ?? {})) this.#say(`conf ${line}`);
    for (const note of submit.notes) this.#say(note);

    const stdout = openSync(this.#logs.stdout.path, 'a');
    const stderr = openSync(this.#logs.stderr.path, 'a');
    try {
      const child = spawn(submit.command, submit.args, {
        cwd: this.#folders.work,
        env: submit.env,
        detached: true,
        stdio: ['ignore', stdout, stderr],
      });
      child.on('error', (error) => this.#couldNotStart(error));
      const { pid } = child;
      if (pid === undefined) return;
      this.#leader = pid;
      const dismissWatch = watchGroup(pid);
      child.on('exit', (code, signal) => {
        dismissWatch();
        void this.#exited(pid, code, signal);
      });
    } finally {
      closeSync(stdout);
      closeSync(stderr);
    }
  }

  async #exited(pid: number, code: number | null, signal: NodeJS.Signals | null): Promise<void> {
    // What a job started and left running ends with it, as it would with its cluster.
    signalGroup(pid, 'SIGKILL');
    this.#lookForApplication();
    this.#say(
      `spark-submit ended ${signal === null ? `with exit code ${code ?? 'none'}` : `by ${signal}`}`,
    );
    if (code !== 0 && this.#snapshot.applicationId === undefined) this.#showFailure();
    this.#end(code === 0 ? 'success' : this.#cancelled ? 'killed' : 'dead');
    await this.#ending;
    rmSync(this.#folders.scratch, { recursive: true, force: true, maxRetries: 3 });
    this.#setGone();
  }

  #couldNotStart(error: unknown): void {
    if (this.#snapshot.endedAt !== undefined) return;
    const message = error instanceof Error ? error.message : String(error);
    this.#snapshot.error = { code: 'SPARK_SUBMIT_NOT_STARTED', message };
    this.#say(`spark-submit could not be started: ${message}`);
    this.#end('error');
    this.#setGone();
  }

  #end(phase: 'success' | 'dead' | 'killed' | 'error'): void {
    this.#snapshot.phase = phase;
    this.#snapshot.endedAt = Date.now();
    this.#onEnd();
  }

  /** In local mode an application's id is the time of its start: `local-<milliseconds since the epoch>`. */
  #lookForApplication(): void {
    if (this.#snapshot.phase !== 'starting') return;
    for (const name of readdirSync(this.#folders.events)) {
      const match = /^(local-(\d+))/.exec(name);
      if (match?.[1] === undefined) continue;
      this.#snapshot.phase = 'running';
      this.#snapshot.applicationId = match[1];
      this.#snapshot.runningAt = Number(match[2]);
      return;
    }
  }

  /** As Livy does, what the job wrote itself comes first: PythonRunner puts its errors into stdout. */
  #showFailure(): void {
    const { stdout, stderr, livy } = this.#logs;
    for (const log of [stdout, stderr]) {
      const length = log.length();
      livy.append(log.read(length - failureTail, length).toString('utf8'));
    }
  }

  #say(line: string): void {
    this.#logs.livy.append(`${new Date().toISOString()} ${line}\n`);
  }
}
