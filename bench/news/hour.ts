import type { BatchScript } from '../../local/engine/scripted.ts';
import { stage } from '../../__tests__/service/stage.ts';
import type { Claim } from '../measure/claims.ts';

const atMost = 1_100;
/** Of a client that reads status and both logs every 5 s. */
const flat = 2_160;

const lines = 3_590;
const written = Array.from({ length: lines }, (_, index) => `e${index}\n`).join('');

/** Both logs grow every second for an hour. */
const moving: BatchScript = {
  steps: [
    { at: 0, phase: 'running' },
    ...Array.from({ length: lines }, (_, index) => ({
      at: 2 + index,
      stdout: `o${index}\n`,
      stderr: `e${index}\n`,
    })),
    { at: 3_600, phase: 'success' },
  ],
};

/** How many requests an hour costs; the same on every machine. Throws `Error` unless its log is whole. */
export async function hourClaim(): Promise<Claim> {
  const step = await stage({ script: moving });
  try {
    if (!(await step.run())) throw new Error(step.story);
    const told = step.logFile('stderr.log').toString('utf8');
    if (told !== written) throw new Error('The log is not whole.');
    const count = step.fabric.requests.length;
    return {
      claim: `Requests of an hour with both logs moving (a poll every 5 s: ${flat.toLocaleString('en-US')})`,
      contract: `at most ${atMost.toLocaleString('en-US')}`,
      measured: count.toLocaleString('en-US'),
      met: count <= atMost,
    };
  } finally {
    await step.close();
  }
}
