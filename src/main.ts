import { randomBytes } from 'node:crypto';
import { systemClock } from './clock.ts';
import { stackOf } from './errors/stack.ts';
import { isProxied } from './http/proxy.ts';
import { undiciTransport } from './http/transport.ts';
import { runJob } from './job.ts';
import { tellLate } from './job/end-in-time.ts';
import { Interrupt } from './job/interrupt.ts';
import { actionsRunner, writerOf } from './runner.ts';

/** The runner kills the process 10 s after a cancel: by then the log must say where things stand; milliseconds. */
const beforeKill = 8_700;

function endInTime(): void {
  tellLate(runner, interrupt);
  process.exit(1);
}

const interrupt = new Interrupt();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK'] as const) {
  process.on(name, () => {
    if (!interrupt.raised) setTimeout(endInTime, beforeKill).unref();
    interrupt.raise(name);
  });
}
// The runner is gone, and nobody reads the log: it will not send a signal any more.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', () => interrupt.raise('SIGHUP'));

const runner = actionsRunner({ env: process.env, write: writerOf(process.stdout) });
const { transport, warm } = undiciTransport({ proxied: isProxied((name) => process.env[name]) });
const world = { runner, clock: systemClock, random: Math.random, transport, warm };

try {
  const green = await runJob({ world, interrupt, newNonce: () => randomBytes(16).toString('hex') });
  process.exitCode = green ? 0 : 1;
} catch (thrown) {
  process.exitCode = 1;
  runner.error(`This action failed by a fault of its own: ${stackOf(thrown)}`, 'Fault');
}
// Connections that are kept alive must not keep the step alive.
process.stdout.write('', () => process.exit());
