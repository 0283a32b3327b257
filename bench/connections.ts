/**
 * What it saves to open connections while GitHub's and Entra's answers are awaited. `node bench/connections.ts`:
 * the real client over real TLS, each byte on its way for 50 ms in either direction (a relay before each host of
 * local Fabric; agreeing on TCP itself is not delayed), until the submit arrives: with connections opened ahead,
 * and with each opened by its first request. Eleven runs of each, in turn.
 */
import './stage/without-jest.ts';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { goodBatch, scriptedEngine } from '../local/engine/scripted.ts';
import { startLocalFabric } from '../local/fabric.ts';
import { defaultIds } from '../local/settings.ts';
import { RecordingRunner } from '../__tests__/service/recording-runner.ts';
import { isSubmit } from '../__tests__/service/requests.ts';
import { systemClock } from '../src/clock.ts';
import { undiciTransport } from '../src/http/transport.ts';
import { runJob } from '../src/job.ts';
import { Interrupt } from '../src/job/interrupt.ts';
import { report } from './measure/claims.ts';
import { median } from './measure/statistics.ts';

/** Milliseconds of a byte's way, in one direction. */
const way = 50;
const runs = 11;
const hosts = ['authority-host', 'fabric-endpoint', 'onelake-endpoint'] as const;

const folder = mkdtempSync(join(tmpdir(), 'bench-connections-'));
const fabric = await startLocalFabric({
  engine: scriptedEngine(goodBatch('x\n', 1), systemClock),
});
const relays: Server[] = [];
const inputs: Record<string, string> = {
  ...fabric.inputs,
  workspace: defaultIds.workspace,
  lakehouse: defaultIds.lakehouse,
  file: 'Files/jobs/main.py',
  'client-secret': fabric.clientSecret,
  wait: 'false',
};
for (const host of hosts) inputs[host] = await relayed(inputs[host] ?? '');

const found: Record<'ahead' | 'with its request', number[]> = { ahead: [], 'with its request': [] };
for (let run = 0; run < runs; run += 1)
  for (const kind of ['ahead', 'with its request'] as const) {
    const ms = await untilSubmit(kind === 'ahead');
    console.log(`opened ${kind}: the submit arrives after ${ms.toFixed(0)} ms`);
    found[kind].push(ms);
  }
for (const relay of relays) relay.close();
await fabric.close();
rmSync(folder, { recursive: true, force: true });
const [ahead, later] = [median(found.ahead), median(found['with its request'])];
report({
  claims: [
    {
      claim: `Connections opened ahead (ids, secret, lakehouse file; a way and back of ${2 * way} ms): ways and back saved before the submit`,
      measured: `${((later - ahead) / (2 * way)).toFixed(1)} (${later.toFixed(0)} to ${ahead.toFixed(0)} ms, medians of ${runs})`,
    },
  ],
});
process.exit();

async function untilSubmit(opensAhead: boolean): Promise<number> {
  const { transport, warm, close } = undiciTransport({ ca: fabric.certificate });
  const runner = new RecordingRunner({
    inputs,
    env: { RUNNER_TEMP: folder, GITHUB_RUN_ATTEMPT: '1', GITHUB_WORKSPACE: folder },
    idToken: () => Promise.reject(new Error('a secret is used')),
  });
  const world = { runner, clock: systemClock, random: Math.random, transport };
  const before = fabric.requests.length;
  const begun = Date.now();
  const green = await runJob({
    world: opensAhead ? { ...world, warm } : world,
    interrupt: new Interrupt(),
    newNonce: () => `${begun}`.padStart(32, '0'),
  });
  await close();
  const submit = fabric.requests.slice(before).find(isSubmit);
  if (!green || !submit) throw new Error(runner.story);
  return submit.at - begun;
}

/** The same host behind a relay in which each piece of data takes its time. */
async function relayed(origin: string): Promise<string> {
  const { hostname, port } = new URL(origin);
  const delay = (from: Socket, to: Socket): void => {
    from.on('data', (piece) => void sleep(way).then(() => to.writable && to.write(piece)));
    from.on('close', () => void sleep(way).then(() => to.end()));
    from.on('error', () => to.destroy());
  };
  const relay = createServer((near) => {
    const far = connect(Number(port), hostname);
    delay(near, far);
    delay(far, near);
  });
  relays.push(relay);
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
  const address = relay.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `https://${hostname}:${address.port}`;
}
