import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { readActionFile } from '../../local/runner/action-file.ts';
import { exportsOf } from '../../local/step/exports.ts';
import { Bench, endless, root, until } from './bench.ts';

jest.setTimeout(30_000);

// A runner that dies takes the reader of the log with it: the next line that is written fails.

let bench: Bench;
let folder: string;
let main: ChildProcessByStdio<null, Readable, Readable> | undefined;
beforeAll(async () => {
  bench = await Bench.start();
  bench.script = endless;
  folder = mkdtempSync(join(tmpdir(), 'action-closed-log-'));
  mkdirSync(join(folder, 'temp'));
  writeFileSync(join(folder, 'job.py'), '');
});
afterEach(() => void main?.kill('SIGKILL'));
afterAll(async () => {
  await bench.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The main step as a process whose streams the test can close, which the fake runner never does. */
function startMain(): ChildProcessByStdio<null, Readable, Readable> {
  const { fabric } = bench;
  const file = (name: string): string => {
    writeFileSync(join(folder, name), '');
    return join(folder, name);
  };
  return spawn(process.execPath, [readActionFile(root).main], {
    cwd: folder,
    env: {
      ...exportsOf(fabric, fabric.certificatePath).variables,
      INPUT_WORKSPACE: 'analytics',
      INPUT_LAKEHOUSE: 'orders',
      INPUT_FILE: 'job.py',
      GITHUB_WORKSPACE: folder,
      RUNNER_TEMP: join(folder, 'temp'),
      GITHUB_STATE: file('state'),
      GITHUB_OUTPUT: file('output'),
      GITHUB_STEP_SUMMARY: file('summary'),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

test('a runner that dies right after the submit leaves no batch behind', async () => {
  const child = (main = startMain());
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  await until('the batch is accepted', () => bench.active === 1);
  child.stdout.destroy();
  child.stderr.destroy();
  expect(await ended).toBe(1);
  expect(bench.fabric.batches.map(({ cancels }) => cancels)).toEqual([1]);
  expect(bench.active).toBe(0);
});
