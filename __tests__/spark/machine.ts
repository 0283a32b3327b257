import type { CommandResult, Machine } from '../../local/spark/machine.ts';

const doesNotRun: CommandResult = { exitCode: 127, stdout: '', stderr: 'not found' };

/** A machine that is only told: its programs by path, and what each of them prints. */
export function toldMachine(
  programs: Record<string, CommandResult>,
  rest: { platform?: NodeJS.Platform; env?: Record<string, string>; home?: string } = {},
): Machine & { ran: string[] } {
  const paths = Object.keys(programs);
  const ran: string[] = [];
  return {
    platform: rest.platform ?? 'linux',
    env: rest.env ?? { PATH: '/usr/bin' },
    home: rest.home ?? '/home/ada',
    ran,
    list(folder) {
      const below = paths.filter((path) => path.startsWith(`${folder}/`));
      return [
        ...new Set(below.map((path) => path.slice(folder.length + 1).split('/')[0] ?? '')),
      ].sort();
    },
    run(program, args) {
      ran.push(program);
      return Promise.resolve(
        programs[[program, ...args].join(' ')] ?? programs[program] ?? doesNotRun,
      );
    },
  };
}

export function python(version: string, executable: string, pip = true): CommandResult {
  const answer = { version: version.split('.').map(Number), executable, pip };
  return { exitCode: 0, stdout: JSON.stringify(answer), stderr: '' };
}

export function java(version: string, home: string): CommandResult {
  const stderr = `Property settings:\n    java.home = ${home}\n    java.version = ${version}\n`;
  return { exitCode: 0, stdout: '', stderr };
}
