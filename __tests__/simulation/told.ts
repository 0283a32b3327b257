import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { isObject } from '../../src/http/json.ts';
import type { Violation } from './oracle/all.ts';
import type { Tally } from './tally.ts';

/** What a worker process tells of its seeds. */
export interface Told {
  failures: { seed: number; violations: Violation[] }[];
  tally: Tally;
}

/** Which seeds a worker plays: `first`, `first + step`, … up to `last`. */
export interface Seeds {
  first: number;
  last: number;
  step: number;
  stopAtFirst?: boolean;
  /** Leaves out schedules that take long, and those in which little happens. */
  short?: boolean;
}

function isTold(value: unknown): value is Told {
  return isObject(value) && Array.isArray(value['failures']) && isObject(value['tally']);
}

export interface WorkerOptions {
  /** The tree whose simulator plays; by default this one. */
  root?: string;
  /** Milliseconds after which a worker that has not ended is killed. */
  patience?: number;
}

/** Plays seeds in a process of its own. Throws when that process ends without its counts. */
export async function work(seeds: Seeds, options: WorkerOptions = {}): Promise<Told> {
  const { root = join(import.meta.dirname, '..', '..'), patience } = options;
  const { first, last, step, stopAtFirst = false, short = false } = seeds;
  const numbers = [first, last, step, stopAtFirst ? 1 : 0, short ? 1 : 0].map(String);
  const path = join(root, '__tests__', 'simulation', 'worker.ts');
  const quiet = ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=64'];
  const child = spawn(process.execPath, [...quiet, path, ...numbers], {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(patience === undefined ? {} : { timeout: patience, killSignal: 'SIGKILL' as const }),
  });
  let [text, trouble] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (piece: string) => (text += piece));
  child.stderr.setEncoding('utf8').on('data', (piece: string) => (trouble += piece));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  if (code !== 0)
    throw new Error(
      code === null ? 'the simulation did not end' : `the simulation broke: ${trouble}`,
    );
  const told: unknown = JSON.parse(text);
  if (!isTold(told)) throw new Error('the simulation told nothing');
  return told;
}
