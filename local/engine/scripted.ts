import { randomUUID } from 'node:crypto';
import type { Clock } from '../../src/clock.ts';
import { scriptedStages, type ScriptedStage } from './scripted-stages.ts';
import type {
  DriverStream,
  Engine,
  EngineJob,
  EngineLog,
  EnginePhase,
  EngineRun,
  EngineSnapshot,
  LogCut,
  MonitoringResource,
} from './engine.ts';

/** One thing that happens to a batch, `at` seconds after the engine got it. */
export interface ScriptStep {
  at: number;
  phase?: EnginePhase;
  /** Bytes (or text, as UTF-8) that are appended to a log. */
  stdout?: string | Uint8Array;
  stderr?: string | Uint8Array;
  livy?: string | Uint8Array;
  /** The current file of this stream is closed and gets the name of the hour; this step's bytes go to a new one. */
  roll?: DriverStream;
  /** The next attempt of the application begins: both streams begin anew, with this step's bytes. */
  restart?: true;
  error?: { code: string; message: string };
  /** What Spark tells of these stages from here on, in place of what it told before. */
  stages?: readonly ScriptedStage[];
  /** Spark's id for the application, where it is known before the application runs. */
  applicationId?: string;
  /** Fields over the body that the API would build, from here on; `null` takes a field away. */
  overlay?: Record<string, unknown>;
}

/** What a batch does. */
export interface BatchScript {
  /** In the order of time. */
  steps: readonly ScriptStep[];
  /** Seconds from a cancel to the end; 0 unless given. */
  cancelSeconds?: number;
  /** A cancel has no effect. */
  deafToCancel?: boolean;
  applicationId?: string;
}

const driverStreams: readonly DriverStream[] = ['stdout', 'stderr'];

const terminal: ReadonlySet<EnginePhase> = new Set(['success', 'dead', 'killed', 'error']);

/** True for a phase that nothing follows. */
export function isTerminal(phase: EnginePhase): boolean {
  return terminal.has(phase);
}

/** A batch that starts, prints and ends well, within `seconds`. */
export function goodBatch(stdout: string, seconds = 10): BatchScript {
  return {
    steps: [
      { at: 0, phase: 'starting', livy: 'spark-submit\n' },
      { at: seconds * 0.3, phase: 'running' },
      { at: seconds * 0.5, stdout },
      { at: seconds, phase: 'success' },
    ],
  };
}

/** An engine that follows a script: all of it is computed from the clock, so there are no timers. */
export function scriptedEngine(
  script: BatchScript | ((job: EngineJob) => BatchScript),
  clock: Pick<Clock, 'now'>,
): Engine {
  return {
    kind: 'script',
    run: (job) => new ScriptedRun(typeof script === 'function' ? script(job) : script, clock),
    close: () => Promise.resolve(),
  };
}

class ScriptedRun implements EngineRun {
  readonly #script: BatchScript;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #start: number;
  readonly #applicationId: string;
  #endAt = Number.POSITIVE_INFINITY;

  constructor(script: BatchScript, clock: Pick<Clock, 'now'>) {
    this.#script = script;
    this.#clock = clock;
    this.#start = clock.now();
    this.#applicationId =
      script.applicationId ?? `application_${this.#start}_${randomUUID().slice(0, 4)}`;
  }

  snapshot(): EngineSnapshot {
    const snapshot: EngineSnapshot = { phase: 'queued' };
    for (const step of this.#past()) {
      const at = this.#start + step.at * 1_000;
      if (step.phase === 'starting') snapshot.startingAt ??= at;
      if (step.phase === 'running') {
        snapshot.startingAt ??= at;
        snapshot.runningAt ??= at;
        snapshot.applicationId ??= this.#applicationId;
      }
      if (step.phase !== undefined) {
        snapshot.phase = step.phase;
        if (isTerminal(step.phase)) snapshot.endedAt = at;
      }
      if (step.error) snapshot.error = step.error;
      if (step.applicationId !== undefined) snapshot.applicationId = step.applicationId;
      if (step.overlay) snapshot.overlay = { ...snapshot.overlay, ...step.overlay };
    }
    if (!isTerminal(snapshot.phase) && this.#clock.now() >= this.#endAt) {
      snapshot.phase = 'killed';
      snapshot.endedAt = this.#endAt;
    }
    return snapshot;
  }

  read(log: EngineLog, from: number, to: number): Buffer {
    const parts: Buffer[] = [];
    let start = 0;
    for (const step of this.#past()) {
      const piece = bytesOf(step, log);
      if (start < to && start + piece.length > from)
        parts.push(piece.subarray(Math.max(0, from - start), to - start));
      start += piece.length;
    }
    return Buffer.concat(parts);
  }

  length(log: EngineLog): number {
    return this.#past().reduce((sum, step) => sum + bytesOf(step, log).length, 0);
  }

  cuts(): LogCut[] {
    const cuts: LogCut[] = [];
    const written = { stdout: 0, stderr: 0 };
    for (const step of this.#past()) {
      const time = this.#start + step.at * 1_000;
      for (const stream of driverStreams) {
        const at = written[stream];
        if (step.roll === stream) cuts.push({ kind: 'roll', stream, at, time });
        if (step.restart) cuts.push({ kind: 'restart', stream, at, time });
        written[stream] += bytesOf(step, stream).length;
      }
    }
    return cuts;
  }

  /** Stages only. */
  monitoring(resource: MonitoringResource): Promise<unknown> {
    if (resource.kind !== 'stages') return Promise.resolve(undefined);
    const told = this.#past().flatMap(({ stages = [] }) => stages);
    return Promise.resolve(scriptedStages(told, resource));
  }

  cancel(): void {
    if (this.#script.deafToCancel) return;
    this.#endAt = Math.min(
      this.#endAt,
      this.#clock.now() + (this.#script.cancelSeconds ?? 0) * 1_000,
    );
  }

  /** The steps that have happened; a cancel that took effect ends the script. */
  #past(): ScriptStep[] {
    const now = Math.min(this.#clock.now(), this.#endAt);
    return this.#script.steps.filter(({ at }) => this.#start + at * 1_000 <= now);
  }
}

const nothing = Buffer.alloc(0);

/** What a step writes to a log. Bytes are not copied: a log may be large and is read in small parts. */
function bytesOf(step: ScriptStep, log: EngineLog): Buffer {
  const bytes = step[log];
  if (bytes === undefined) return nothing;
  if (typeof bytes === 'string') return Buffer.from(bytes);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
