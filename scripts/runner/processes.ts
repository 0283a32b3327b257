import { execFileSync } from 'node:child_process';

/** Command lines of the processes of this machine that name a text. */
export function processesNaming(text: string): string[] {
  const table = execFileSync('ps', ['-A', '-ww', '-o', 'pid=', '-o', 'args='], {
    encoding: 'utf8',
    maxBuffer: 16 * 1024 * 1024,
  });
  return table.split('\n').filter((line) => line.includes(text) && !line.includes('<defunct>'));
}
