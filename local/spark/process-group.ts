import { execFile, spawn } from 'node:child_process';
import { errorCode } from './error-code.ts';

/** How long the processes of a batch may take to end by themselves once asked to. */
const graceMs = 3_000;
const waitMs = 100;

/**
 * The process groups below a process, its own (`leader`) included. PySpark's worker daemon makes a
 * group of its own, so that the leader's group alone is not all of a batch.
 */
async function groupsBelow(leader: number): Promise<Set<number>> {
  const table = await processTable();
  const groups = new Set([leader]);
  const family = new Set([leader]);
  // `ps` lists in no order that can be relied on: repeat until nothing is added.
  for (let size = 0; size !== family.size;) {
    size = family.size;
    for (const { pid, parent, group } of table) {
      if (!family.has(parent) && !groups.has(group)) continue;
      family.add(pid);
      groups.add(group);
    }
  }
  return groups;
}

function processTable(): Promise<{ pid: number; parent: number; group: number }[]> {
  return new Promise((resolve) => {
    execFile('ps', ['-A', '-o', 'pid=', '-o', 'ppid=', '-o', 'pgid='], (_error, stdout) => {
      const rows = stdout.split('\n').map((line) => line.trim().split(/\s+/).map(Number));
      resolve(
        rows.flatMap(([pid, parent, group]) =>
          pid === undefined || parent === undefined || group === undefined
            ? []
            : [{ pid, parent, group }],
        ),
      );
    });
  });
}

/** Sends a signal to a process group; false if there is no such group any more. */
export function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-group, signal);
    return true;
  } catch (error) {
    const code = errorCode(error);
    // EPERM on macOS: only zombies are left.
    if (code === 'ESRCH' || code === 'EPERM') return false;
    throw error;
  }
}

/** Ends a process, and all below it: SIGTERM, and SIGKILL to what is left after a few seconds. */
export async function endGroups(leader: number): Promise<void> {
  const groups = await groupsBelow(leader);
  for (const group of groups) signalGroup(group, 'SIGTERM');
  const deadline = Date.now() + graceMs;
  while (Date.now() < deadline && [...groups].some((group) => signalGroup(group, 0))) {
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
  for (const group of groups) signalGroup(group, 'SIGKILL');
}

/**
 * A small shell that outlives this process to end a group if this process is killed: its stdin then
 * closes without the word that all is well. Returns how to dismiss it.
 */
export function watchGroup(group: number): () => void {
  const script = 'read -r word && exit 0; kill -s TERM -- "-$1"; sleep 3; kill -s KILL -- "-$1"';
  const watcher = spawn('/bin/sh', ['-c', script, 'sh', String(group)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watcher.on('error', () => undefined);
  watcher.stdin.on('error', () => undefined);
  watcher.unref();
  return () => watcher.stdin.end('done\n');
}
