import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StepLog } from './step-log.ts';

/** The context key of each file, which is `GITHUB_<KEY>` in the environment, and its prefix. */
const prefixes = {
  path: 'add_path_',
  env: 'set_env_',
  step_summary: 'step_summary_',
  state: 'save_state_',
  output: 'set_output_',
} as const;

type FileKey = keyof typeof prefixes;

/** Bytes of a step summary; a larger one is dropped whole. (CreateStepSummaryCommand) */
const summaryLimit = 1024 * 1024;

/** What a process wrote into its file commands. */
export interface FileCommandResult {
  outputs: Map<string, string>;
  state: Map<string, string>;
  env: Map<string, string>;
  /** Folders for PATH, the last added first. */
  path: string[];
  summary: string | undefined;
}

/**
 * The file commands of one process: fresh files before it, read when it is gone.
 * (actions/runner, FileCommandManager.cs)
 */
export class FileCommands {
  /** By context key. */
  readonly files: Record<FileKey, string>;

  constructor(tempFolder: string) {
    const folder = join(tempFolder, '_runner_file_commands');
    const suffix = randomUUID();
    mkdirSync(folder, { recursive: true });
    const file = (key: FileKey): string => join(folder, prefixes[key] + suffix);
    this.files = {
      path: file('path'),
      env: file('env'),
      step_summary: file('step_summary'),
      state: file('state'),
      output: file('output'),
    };
    for (const path of Object.values(this.files)) writeFileSync(path, '');
  }

  /** Reads and deletes the files. A broken one is an error of the step; the others still count. */
  read(log: StepLog): FileCommandResult {
    const result: FileCommandResult = {
      outputs: new Map(),
      state: new Map(),
      env: new Map(),
      path: [],
      summary: undefined,
    };
    const attempt = (key: FileKey, read: () => void): void => {
      try {
        read();
      } catch (problem) {
        const why = problem instanceof Error ? problem.message : String(problem);
        log.fail(`Unable to process file command '${key}' successfully.`, why);
      }
    };
    attempt('path', () => (result.path = paths(textOf(this.files.path))));
    attempt('env', () => this.#readEnv(result.env, log));
    attempt('step_summary', () => (result.summary = this.#readSummary(log)));
    attempt('state', () => {
      for (const [key, value] of keyValuePairs(textOf(this.files.state))) {
        result.state.set(key, value);
      }
    });
    attempt('output', () => {
      for (const [key, value] of keyValuePairs(textOf(this.files.output))) {
        result.outputs.set(named(key), value);
      }
    });
    for (const path of Object.values(this.files)) rmSync(path, { force: true });
    return result;
  }

  #readEnv(env: Map<string, string>, log: StepLog): void {
    for (const [key, value] of keyValuePairs(textOf(this.files.env))) {
      if (key.toUpperCase() === 'NODE_OPTIONS') {
        log.error("Can't store NODE_OPTIONS output parameter using '$GITHUB_ENV' command.");
      } else {
        env.set(named(key), value);
      }
    }
  }

  #readSummary(log: StepLog): string | undefined {
    const file = this.files.step_summary;
    const size = existsSync(file) ? statSync(file).size : 0;
    if (size === 0) return undefined;
    if (size > summaryLimit) {
      log.error(
        `$GITHUB_STEP_SUMMARY upload aborted, supports content up to a size of ${summaryLimit / 1024}k, got ${Math.floor(size / 1024)}k. For more information see: https://docs.github.com/actions/using-workflows/workflow-commands-for-github-actions#adding-a-markdown-summary`,
      );
      return undefined;
    }
    const lines = textOf(file).split(/\r\n|\n|\r/);
    if (lines.at(-1) === '') lines.pop();
    return lines.map((line) => `${log.masks.hide(line)}\n`).join('');
  }
}

function named(key: string): string {
  if (key === '') throw new Error("Value cannot be null. (Parameter 'name')");
  return key;
}

/** The text of a file without its byte order mark; nothing if the step deleted it. */
function textOf(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8').replace(/^\ufeff/, '') : '';
}

/** Each folder once, where it was added last. (AddPathFileCommand) */
function paths(text: string): string[] {
  const lines = text.split(/\r\n|\n|\r/).filter((line) => line !== '');
  return [...new Set(lines.reverse())];
}

/**
 * `NAME=VALUE` lines and `NAME<<DELIMITER` heredocs, in which a line ends with `\n` only, so that a
 * `\r` is part of the value. Pairs before a broken line count. (FileCommandManager.cs,
 * EnvFileKeyValuePairs)
 */
export function* keyValuePairs(text: string): Generator<[key: string, value: string]> {
  const lines = text.split('\n');
  const endsOpen = lines.at(-1) !== '';
  if (!endsOpen) lines.pop();
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    if (line === '') continue;
    const equals = line.indexOf('=');
    const heredoc = line.indexOf('<<');
    if (equals >= 0 && (heredoc < 0 || equals < heredoc)) {
      yield [line.slice(0, equals), line.slice(equals + 1)];
      continue;
    }
    if (heredoc < 0) throw new Error(`Invalid format '${line}'`);
    const key = line.slice(0, heredoc);
    const delimiter = line.slice(heredoc + 2);
    if (key === '' || delimiter === '') {
      throw new Error(
        `Invalid format '${line}'. Name must not be empty and delimiter must not be empty`,
      );
    }
    const end = lines.indexOf(delimiter, at + 1);
    if (end < 0) {
      throw new Error(
        endsOpen && at + 1 < lines.length
          ? 'Invalid value. EOF marker missing new line.'
          : `Invalid value. Matching delimiter not found '${delimiter}'`,
      );
    }
    yield [key, lines.slice(at + 1, end).join('\n')];
    at = end;
  }
}
