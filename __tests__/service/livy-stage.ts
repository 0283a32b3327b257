import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from '@jest/globals';
import { LivyDouble } from './livy-double.ts';
import { RecordingRunner } from './recording-runner.ts';
import { nonce } from './stage.ts';
import { Step } from './step.ts';
import { VirtualTime } from './virtual-time.ts';

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A step against a double of Apache Livy, on virtual time. */
export interface LivyStage {
  time: VirtualTime;
  livy: LivyDouble;
  step: Step;
}

export const livyUrl = 'http://livy.example:8998/livy';
const env = {
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_REPOSITORY: 'octo-org/orders',
  GITHUB_WORKFLOW: 'orders',
  GITHUB_RUN_ID: '9000000001',
  GITHUB_RUN_ATTEMPT: '1',
};

export function livyStage(
  inputs: Readonly<Record<string, string>> = {},
  more: Readonly<Record<string, string>> = {},
): LivyStage {
  const time = new VirtualTime();
  const livy = new LivyDouble(() => time.now());
  const folder = mkdtempSync(join(tmpdir(), 'livy-test-'));
  folders.push(folder);
  let nonces = 0;
  const step = new Step({
    newRunner: () =>
      new RecordingRunner({
        inputs: { 'livy-url': livyUrl, file: '/jobs/main.py', name: 'orders', ...inputs },
        env: { ...env, RUNNER_TEMP: folder, ...more },
      }),
    worldOf: (runner) => ({
      runner,
      clock: time,
      random: () => 0.5,
      transport: time.transport(livy.transport),
    }),
    newNonce: () => nonce(nonces++),
    clockAhead: 0,
  });
  return { time, livy, step };
}

export function nameOf(submission: number): string {
  return `orders ${nonce(submission).slice(0, 12)}`;
}
