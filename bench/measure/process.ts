import { spawn } from 'node:child_process';

/** What one process used up to its end. */
export interface Used {
  /** User and system time together, in milliseconds. */
  cpuMs: number;
  /** From its start to its end, in milliseconds. */
  passedMs: number;
}

// The shell knows what its children used (wait4), to the millisecond, the end of the process included.
const measured = '"$@" >/dev/null 2>&1 3>&- & echo $! >&3; wait $! 2>/dev/null; times';
const time = /(\d+)m([\d.]+)s (\d+)m([\d.]+)s/g;

/** A process under measurement. */
export interface Measured {
  /** Its id, once it is there. */
  pid: Promise<number>;
  used: Promise<Used>;
}

/** Starts a command with exactly this environment; its output is thrown away. Needs bash. */
export function measure(
  command: readonly string[],
  options: { env: Readonly<Record<string, string>>; cwd: string },
): Measured {
  const begin = performance.now();
  const shell = spawn('bash', ['-c', measured, 'bash', ...command], {
    cwd: options.cwd,
    env: { ...options.env },
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
  });
  let told = '';
  shell.stdout?.on('data', (bytes: Buffer) => (told += bytes.toString('utf8')));
  const pid = new Promise<number>((resolve) =>
    shell.stdio[3]?.once('data', (bytes: Buffer) => resolve(Number(bytes.toString('utf8')))),
  );
  const used = new Promise<Used>((resolve, reject) => {
    shell.once('error', reject);
    shell.once('close', () => {
      // The first line is the shell's own time, the second that of its children: minutes and seconds, twice.
      const children = [...told.matchAll(time)][1]?.slice(1).map(Number);
      if (children) {
        const [minutes = NaN, seconds = NaN, systemMinutes = NaN, systemSeconds = NaN] = children;
        const cpuMs = 1_000 * (60 * (minutes + systemMinutes) + seconds + systemSeconds);
        resolve({ cpuMs, passedMs: performance.now() - begin });
      } else reject(new Error(`bash told no times: ${told}`));
    });
  });
  return { pid, used };
}
