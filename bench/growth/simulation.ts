import { fork } from 'node:child_process';
import { join } from 'node:path';
import { listAt, numberAt } from '../../src/http/json.ts';
import type { Point } from './measure.ts';

/** What the simulator told: see `simulated.ts`. */
export interface Simulated {
  requests: Point[];
  cpu: Point[];
  matrix: Point[];
}

/** Plays the simulations in a process of their own. */
export function simulated(): Promise<Simulated> {
  return new Promise((resolve, reject) => {
    const child = fork(join(import.meta.dirname, 'simulated.ts'), [], {
      execArgv: ['--disable-warning=ExperimentalWarning'],
    });
    const points = (message: unknown, key: string): Point[] =>
      listAt(message, key).map((point) => ({
        work: numberAt(point, 'work') ?? NaN,
        cost: numberAt(point, 'cost') ?? NaN,
      }));
    child.once('message', (message) =>
      resolve({
        requests: points(message, 'requests'),
        cpu: points(message, 'cpu'),
        matrix: points(message, 'matrix'),
      }),
    );
    child.once('error', reject);
    child.once('close', (code) =>
      reject(new Error(`The simulation ended with ${code ?? 'a signal'}.`)),
    );
  });
}
