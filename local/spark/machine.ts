import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { homedir } from 'node:os';

/** What a program wrote and how it ended. `exitCode` is null if it could not be started or was killed. */
export interface CommandResult {
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

/** What the search for Python and Java may ask a machine, so that tests can search other ones. */
export interface Machine {
  platform: NodeJS.Platform;
  env: Readonly<Record<string, string | undefined>>;
  /** The user's home folder. */
  home: string;
  /** Names in a folder, sorted; none if it is no folder. */
  list(folder: string): string[];
  /** Runs a program by its path; never throws. */
  run(program: string, args: readonly string[]): Promise<CommandResult>;
}

const probeTimeoutMs = 20_000;

/** The machine that this process runs on. */
export function thisMachine(): Machine {
  return {
    platform: process.platform,
    env: process.env,
    home: homedir(),
    list(folder) {
      try {
        return readdirSync(folder).sort();
      } catch {
        return [];
      }
    },
    run(program, args) {
      return new Promise((resolve) => {
        const child = execFile(
          program,
          [...args],
          { timeout: probeTimeoutMs },
          (_error, stdout, stderr) => resolve({ exitCode: child.exitCode, stdout, stderr }),
        );
      });
    },
  };
}

/** Folders of `PATH`, in order, each once. */
export function pathFolders(machine: Machine): string[] {
  const folders = (machine.env['PATH'] ?? '').split(':').filter((folder) => folder !== '');
  return [...new Set(folders)];
}

/** Folders in which GitHub's runners and setup-* actions keep tools. */
export function toolCaches(machine: Machine): string[] {
  const named = [machine.env['RUNNER_TOOL_CACHE'], machine.env['AGENT_TOOLSDIRECTORY']];
  const known = ['/opt/hostedtoolcache', '/Users/runner/hostedtoolcache'];
  return [...new Set([...named, ...known].filter((folder) => folder !== undefined))];
}

/** Ends the start of a local Spark: what is missing, what was found instead, and the fix. */
export class MissingToolError extends Error {
  override name = 'MissingToolError';
}
