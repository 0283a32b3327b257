import { existsSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';

function runsIn(pid: string, folder: string): boolean {
  try {
    const where = readlinkSync(`/proc/${pid}/cwd`);
    return (
      where.startsWith(`${folder}/`) ||
      readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`${folder}/`)
    );
  } catch {
    return false;
  }
}

/**
 * Ends the processes that work in a throw-away folder: a jest that had to be killed leaves the steps
 * of its tests behind, and their server is gone. Only where the system has /proc.
 */
export function killLeftovers(folder: string): void {
  if (!existsSync('/proc/self/cwd')) return;
  const own = String(process.pid);
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name) && name !== own)) {
    if (!runsIn(pid, folder)) continue;
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It ended by itself.
    }
  }
}
