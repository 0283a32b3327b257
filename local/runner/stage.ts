import { Commands } from './commands.ts';
import { stepEnvironment, type GithubContext } from './environment.ts';
import { FileCommands, type FileCommandResult } from './file-commands.ts';
import type { Masks } from './masks.ts';
import { StepLog, type Annotation, type Group, type LogLine } from './step-log.ts';
import { StepProcess, type Wait } from './step-process.ts';

export type Conclusion = 'success' | 'failure' | 'cancelled';

/** What one process of the action did, and what the runner made of it. */
export interface StageResult {
  conclusion: Conclusion;
  /** 128 and the signal's number when a signal ended the process. */
  exitCode: number;
  signal: NodeJS.Signals | undefined;
  /** The process's own lines, before the runner reads them as commands and masks them. */
  stdout: readonly string[];
  stderr: readonly string[];
  commands: {
    /** At most ten of each level. */
    annotations: readonly Annotation[];
    /** Every mask of the job up to here. */
    masks: readonly string[];
    /** Set by the deprecated commands, not by the files. */
    outputs: Readonly<Record<string, string>>;
    state: Readonly<Record<string, string>>;
    groups: readonly Group[];
    /** The stored log: what a reader of the workflow's log sees. */
    log: readonly LogLine[];
    /** The texts of `log`. */
    lines: readonly string[];
  };
  files: FileCommandResult;
}

export interface StageParts {
  node: string;
  script: string;
  workspace: string;
  tempFolder: string;
  /** The `env` of the workflow. */
  env: ReadonlyMap<string, string>;
  /** Further variables that the runner adds; not part of the `env` context. */
  runtime: ReadonlyMap<string, string>;
  state: ReadonlyMap<string, string>;
  inputs: ReadonlyMap<string, string>;
  github: GithubContext;
  runner: Readonly<Record<string, string>>;
  path: readonly string[];
  masks: Masks;
  debug: boolean;
  now: () => number;
  wait: Wait | undefined;
  onLine: (line: LogLine) => void;
  /** Lines of the runner itself at the head of the log. */
  head: (log: StepLog) => void;
}

/** One process of an action under way: its main or its post. */
export class Stage {
  readonly process: StepProcess;
  readonly ended: Promise<StageResult>;
  readonly #log: StepLog;
  readonly #commands: Commands;
  readonly #files: FileCommands;
  readonly #streams = { stdout: new Array<string>(), stderr: new Array<string>() };
  #cancelled = false;

  constructor(parts: StageParts) {
    this.#log = new StepLog(parts);
    this.#commands = new Commands(this.#log, parts.workspace);
    this.#files = new FileCommands(parts.tempFolder);
    parts.head(this.#log);
    const environment = stepEnvironment({
      ...parts,
      env: new Map([...parts.env, ...parts.runtime]),
      github: { ...parts.github, ...this.#files.files },
    });
    this.process = new StepProcess({
      ...parts,
      folder: parts.workspace,
      environment,
      onLine: (stream, line) => {
        this.#streams[stream].push(line);
        this.#commands.line(line);
      },
    });
    this.ended = this.#follow();
  }

  /** The workflow is cancelled, or the step's time is over. */
  cancel(): void {
    if (this.#cancelled) return;
    this.#cancelled = true;
    void this.process.cancel();
  }

  /** File commands are read however the process ended. (ActionRunner.cs, StepsRunner.cs) */
  async #follow(): Promise<StageResult> {
    const end = await this.process.ended;
    const cancelled = this.#cancelled;
    const files = this.#files.read(this.#log);
    if (cancelled) this.#log.error('The operation was canceled.');
    const failed = end.exitCode !== 0 || this.#log.failed;
    return {
      conclusion: cancelled ? 'cancelled' : failed ? 'failure' : 'success',
      ...end,
      ...this.#streams,
      commands: {
        annotations: this.#log.annotations,
        masks: this.#log.masks.values,
        outputs: Object.fromEntries(this.#commands.outputs),
        state: Object.fromEntries(this.#commands.state),
        groups: this.#log.groups,
        log: this.#log.lines,
        lines: this.#log.lines.map(({ text }) => text),
      },
      files,
    };
  }
}
