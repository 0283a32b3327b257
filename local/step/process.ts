import { execFileSync, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode } from '../spark/error-code.ts';
import { textOf, writeWhole, type StepFolder } from './folder.ts';

/** The word after the script that makes it the background process. */
export const serveWord = 'serve';

/** Longer than Spark's processes may take to end by themselves; milliseconds. */
const stopWithin = 15_000;
const lookEvery = 50;

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) !== 'ESRCH';
  }
}

/**
 * Starts this script again as the background process, in a session of its own, so that it outlives
 * the step and no stream of the step stays open. Its id is in the folder at once.
 */
export function startServing(script: string, folder: StepFolder): void {
  const log = openSync(folder.log, 'a', 0o600);
  try {
    const child = spawn(process.execPath, [script, serveWord, folder.path], {
      detached: true,
      stdio: ['ignore', log, log],
    });
    child.on('error', (error) => writeWhole(folder.problem, error.message));
    if (child.pid !== undefined) writeWhole(folder.pid, String(child.pid));
    child.unref();
  } finally {
    closeSync(log);
  }
}

/** The background process of a folder, as long as it runs. */
export function servingPid(folder: StepFolder): number | undefined {
  const pid = Number(textOf(folder.pid) ?? '');
  return Number.isInteger(pid) && pid > 1 && namesFolder(pid, folder) ? pid : undefined;
}

/** The id may have gone to another process: ours names its folder. Where `ps` cannot be asked the id has to do. */
function namesFolder(pid: number, folder: StepFolder): boolean {
  try {
    const args = execFileSync('ps', ['-ww', '-o', 'args=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return args.includes(folder.path) && !args.includes('<defunct>');
  } catch (error) {
    // Exit code 1: there is no such process.
    const answered = error instanceof Error && 'status' in error && error.status === 1;
    return !answered && isRunning(pid);
  }
}

/**
 * Tells the background process to end, and waits. `killed`: it did not end in time; what Spark still
 * runs then ends by its own watch. `absent`: there was none.
 */
export async function stopServing(folder: StepFolder): Promise<'ended' | 'killed' | 'absent'> {
  writeWhole(folder.stop, '');
  const pid = servingPid(folder);
  if (pid === undefined) return 'absent';
  signal(pid, 'SIGTERM');
  const deadline = Date.now() + stopWithin;
  while (servingPid(folder) !== undefined) {
    if (Date.now() > deadline) {
      signal(pid, 'SIGKILL');
      return 'killed';
    }
    await sleep(lookEvery);
  }
  return 'ended';
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended meanwhile, which was wanted.
  }
}
