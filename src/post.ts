import { cleanUp } from './cleanup.ts';
import { systemClock } from './clock.ts';
import { undiciTransport } from './http/transport.ts';
import { actionsRunner, writerOf } from './runner.ts';

const runner = actionsRunner({ env: process.env, write: writerOf(process.stdout) });
const { transport } = undiciTransport();

const clean = await cleanUp({ runner, clock: systemClock, random: Math.random, transport });
process.exitCode = clean ? 0 : 1;
process.stdout.write('', () => process.exit());
