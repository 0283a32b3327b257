import { cleanUp } from './cleanup.ts';
import { systemClock } from './clock.ts';
import { undiciTransport } from './http/transport.ts';
import { actionsRunner, writerOf } from './runner.ts';

// Where nobody reads the log any more, there is still a batch to end.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

const runner = actionsRunner({ env: process.env, write: writerOf(process.stdout) });
const { transport } = undiciTransport();

const clean = await cleanUp({ runner, clock: systemClock, random: Math.random, transport });
process.exitCode = clean ? 0 : 1;
process.stdout.write('', () => process.exit());
