import { spawn, type ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { LineSplitter } from './lines.ts';

/** Resolves after so many milliseconds, or at once when `stop` is aborted. */
export type Wait = (milliseconds: number, stop: AbortSignal) => Promise<void>;

/** What the runner waits. (ProcessInvoker.cs) */
export const waits = {
  /** After SIGINT, before SIGTERM. */
  interrupt: 7_500,
  /** After SIGTERM, before SIGKILL. */
  terminate: 2_500,
  /** After the exit, for streams that a child process still holds open. */
  streams: 5_000,
} as const;

const realWait: Wait = (milliseconds, stop) =>
  sleep(milliseconds, undefined, { signal: stop }).catch(() => undefined);

export interface ProcessEnd {
  /** As .NET reports it: 128 and the signal's number when a signal ended the process. */
  exitCode: number;
  signal: NodeJS.Signals | undefined;
}

/**
 * The node process of one entry of an action, as the runner starts it: script as its only argument,
 * stdin closed, stdout and stderr read line by line. It leads a process group of its own, which is
 * how the whole tree is found when it has to go.
 */
export class StepProcess {
  /** Resolves when the process is gone and its streams are read to the end. */
  readonly ended: Promise<ProcessEnd>;
  readonly #child: ChildProcess;
  readonly #wait: Wait;
  /** Aborted at the exit of the process. */
  readonly #exited = new AbortController();
  readonly #closed = new AbortController();

  constructor(parts: {
    node: string;
    script: string;
    folder: string;
    environment: Record<string, string>;
    onLine: (stream: 'stdout' | 'stderr', line: string) => void;
    wait?: Wait | undefined;
  }) {
    this.#wait = parts.wait ?? realWait;
    this.#child = spawn(parts.node, [parts.script], {
      cwd: parts.folder,
      env: parts.environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    this.#read('stdout', parts.onLine);
    this.#read('stderr', parts.onLine);
    this.ended = new Promise((resolve, reject) => {
      this.#child.once('error', reject);
      this.#child.once('exit', () => {
        this.#exited.abort();
        void this.#closeStreams();
      });
      this.#child.once('close', (code, signal) => {
        this.#closed.abort();
        resolve({
          exitCode: code ?? 128 + (signal ? constants.signals[signal] : 0),
          signal: signal ?? undefined,
        });
      });
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Sends a signal to the node process only. Tells whether it was there to take it. */
  signal(name: NodeJS.Signals): boolean {
    return this.#child.kill(name);
  }

  /**
   * What the runner does at a cancel or a step time-out: SIGINT to the node process only, later
   * SIGTERM to it, later SIGKILL to the whole tree. (ProcessInvoker.cs, CancelAndKillProcessTree)
   */
  async cancel(): Promise<void> {
    const steps = [
      ['SIGINT', waits.interrupt],
      ['SIGTERM', waits.terminate],
    ] as const;
    for (const [name, milliseconds] of steps) {
      if (this.#exited.signal.aborted) return;
      if (this.signal(name)) await this.#wait(milliseconds, this.#exited.signal);
    }
    if (!this.#exited.signal.aborted) this.#killTree();
  }

  /** A child process may hold the streams open: the runner gives it a while. (ProcessExitedHandler) */
  async #closeStreams(): Promise<void> {
    await this.#wait(waits.streams, this.#closed.signal);
    if (this.#closed.signal.aborted) return;
    this.#killTree();
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
  }

  #killTree(): void {
    if (this.pid === undefined) return;
    try {
      process.kill(-this.pid, 'SIGKILL');
    } catch {
      // The group is gone, which is what was wanted.
    }
  }

  #read(name: 'stdout' | 'stderr', onLine: (stream: typeof name, line: string) => void): void {
    const splitter = new LineSplitter();
    const stream = this.#child[name];
    stream?.on('data', (bytes: Uint8Array) => {
      for (const line of splitter.push(bytes)) onLine(name, line);
    });
    stream?.once('close', () => {
      for (const line of splitter.end()) onLine(name, line);
    });
  }
}
