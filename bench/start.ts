/**
 * What the start of the action costs beside that of node. `node bench/start.ts`: `node -e 0`, the built bundle up
 * to an input error, and the built bundle up to its first request (whose arrival ends it), 15 times each, in turn.
 * CPU is user and system time of the whole process. Prints the medians and their ratios.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { scriptedEngine } from '../local/engine/scripted.ts';
import { startLocalFabric } from '../local/fabric.ts';
import { defaultIds } from '../local/settings.ts';
import { systemClock } from '../src/clock.ts';
import { report } from './measure/claims.ts';
import { measure, type Used } from './measure/process.ts';
import { median } from './measure/statistics.ts';
import { root, runnerEnvironment } from './start/environment.ts';

const runs = 15;
/** CPU to an input error, as a ratio to bare node's. */
const atMost = 2.7;
const node = process.execPath;
const bundle = join(root, 'dist/main/index.js');

const folder = mkdtempSync(join(tmpdir(), 'bench-start-'));
const fabric = await startLocalFabric({ engine: scriptedEngine({ steps: [] }, systemClock) });
let arrived = (): void => undefined;
fabric.faults.add({
  when: () => {
    arrived();
    return true;
  },
  fault: { kind: 'hold', moment: 'before', until: new Promise(() => undefined) },
});
const inputs = {
  ...fabric.inputs,
  workspace: defaultIds.workspace,
  lakehouse: defaultIds.lakehouse,
  'client-secret': fabric.clientSecret,
};
const trust = { NODE_EXTRA_CA_CERTS: fabric.certificatePath };
const wrong = runnerEnvironment(join(folder, 'wrong'), inputs, trust);
const right = runnerEnvironment(join(folder, 'right'), { ...inputs, file: 'Files/x.py' }, trust);

const ways = {
  bare: () => measure([node, '-e', '0'], { env: wrong, cwd: folder }).used,
  wrong: () => measure([node, bundle], { env: wrong, cwd: folder }).used,
  right: toFirstRequest,
};
const found: Record<keyof typeof ways, Used[]> = { bare: [], wrong: [], right: [] };
try {
  for (let run = 0; run <= runs; run += 1) {
    for (const way of ['bare', 'wrong', 'right'] as const) {
      const used = await ways[way]();
      // The first of each fills the caches of the machine.
      if (run > 0) found[way].push(used);
    }
  }
} finally {
  await fabric.close();
  rmSync(folder, { recursive: true, force: true });
}

const of = (way: keyof typeof ways, what: keyof Used): number =>
  median(found[way].map((used) => used[what]));
const ratio = (way: 'wrong' | 'right', what: keyof Used): number =>
  of(way, what) / of('bare', what);
const told = (way: 'wrong' | 'right', what: keyof Used): string =>
  `${ratio(way, what).toFixed(2)} (${of(way, what).toFixed(0)} ms, bare node ${of('bare', what).toFixed(0)} ms)`;
report({
  claims: [
    {
      claim: `CPU to an input error, as a ratio to bare node's, median of ${runs}`,
      contract: `at most ${atMost}`,
      measured: told('wrong', 'cpuMs'),
      met: ratio('wrong', 'cpuMs') <= atMost,
    },
    { claim: 'Time to an input error, as a ratio', measured: told('wrong', 'passedMs') },
    { claim: 'CPU to the first request on the wire, as a ratio', measured: told('right', 'cpuMs') },
    { claim: 'Time to the first request, as a ratio', measured: told('right', 'passedMs') },
  ],
});

/** The action up to the arrival of its first request, which is the end of it. */
async function toFirstRequest(): Promise<Used> {
  const begin = performance.now();
  const first = new Promise<number>((resolve) => {
    arrived = () => resolve(performance.now() - begin);
  });
  const { pid, used } = measure([node, bundle], { env: right, cwd: folder });
  const early = used.then(() => {
    throw new Error('The action ended before its first request.');
  });
  const passedMs = await Promise.race([first, early]);
  process.kill(await pid, 'SIGKILL');
  early.catch(() => undefined);
  return { cpuMs: (await used).cpuMs, passedMs };
}
