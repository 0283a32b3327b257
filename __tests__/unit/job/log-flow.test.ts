import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { Writable } from 'node:stream';
import { afterAll, describe, expect, test } from '@jest/globals';
import { ShownStream } from '../../../src/job/shown-stream.ts';
import { showSubmitLog, type SubmitLogParts } from '../../../src/job/submit-log.ts';
import { Follower } from '../../../src/log/follower.ts';
import type { LogSource, StreamName } from '../../../src/log/sources.ts';
import { actionsRunner, writerOf } from '../../../src/runner.ts';
import { VirtualClock } from '../virtual-clock.ts';

const folder = mkdtempSync(join(tmpdir(), 'log-flow-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let scenes = 0;

const linesInChunk = 500;
/** Lines of a chunk, whose last one goes on in the next. */
const chunk = Buffer.from(
  'part\n' + 'a line of some length, as a driver prints it\n'.repeat(linesInChunk - 1) + 'first ',
);

/** A job's output that takes what it is given only when it is told to. */
class Output extends Writable {
  writes = 0;
  bytes = 0;
  open = true;
  #waiting: (() => void) | undefined;

  constructor() {
    super({ highWaterMark: 1_024 });
  }

  override _write(text: Buffer, _encoding: string, done: () => void): void {
    this.writes += 1;
    this.bytes += text.length;
    if (this.open) done();
    else this.#waiting = done;
  }

  drain(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.();
  }
}

/** A log that is one reply of so many chunks; `pulled` counts those that were taken. */
function logOf(chunks: number): { source: LogSource; reply: { pulled: number } } {
  const reply = { pulled: 0 };
  async function* body(): AsyncIterable<Uint8Array> {
    for (; reply.pulled < chunks; reply.pulled += 1) yield await Promise.resolve(chunk);
  }
  const source: LogSource = {
    partial: () => Promise.resolve(undefined),
    whole: () => Promise.resolve(body()),
    length: () => Promise.resolve(undefined),
  };
  return { source, reply };
}

function scene(name: StreamName, chunks: number) {
  const output = new Output();
  const { source, reply } = logOf(chunks);
  const path = join(folder, String(scenes++));
  const stream = new ShownStream({
    runner: actionsRunner({ env: {}, write: writerOf(output) }),
    folder: path,
    secrets: () => ['a secret that is not there'],
    name,
    shown: true,
    limit: 0,
    follow: (sinks) => new Follower(source, sinks),
    onAttempt: () => undefined,
  });
  return { output, reply, stream, file: () => readFileSync(join(path, `${name}.log`)) };
}

describe('a reply of any size', () => {
  test('becomes no more writes than chunks, however many its lines', async () => {
    const { output, stream } = scene('stdout', 40);
    await stream.follower.finish();
    await stream.end();
    expect(stream.printed).toBe(40 * linesInChunk + 1);
    expect(output.writes).toBeLessThanOrEqual(41);
  });

  test('of stderr becomes a write for each group of 5,000 lines', async () => {
    const { output, stream } = scene('stderr', 100);
    await stream.follower.finish();
    await stream.end();
    expect(stream.printed).toBe(100 * linesInChunk + 1);
    expect(output.writes).toBeLessThanOrEqual(12);
  });

  test('is read no further than the output takes it, and lies in the file that far', async () => {
    const { output, reply, stream, file } = scene('stdout', 200);
    output.open = false;
    const reading = stream.follower.finish();
    for (let drained = 0; drained < 20; drained += 1) {
      for (let turns = 0; turns < 5; turns += 1) await turn();
      // The chunk that is being written is the last that was asked for.
      expect(output.writes).toBe(reply.pulled + 1);
      expect(file().length).toBe((reply.pulled + 1) * chunk.length);
      output.drain();
    }
    output.open = true;
    output.drain();
    await reading;
    await stream.end();
    expect(file().length).toBe(200 * chunk.length);
    expect(output.bytes).toBe(200 * chunk.length + 1);
  });

  test('of stderr is held until its group is written, and no more of it', async () => {
    const { output, reply, stream } = scene('stderr', 200);
    output.open = false;
    const reading = stream.follower.finish();
    for (let turns = 0; turns < 500; turns += 1) await turn();
    expect(output.writes).toBe(1);
    expect(reply.pulled * linesInChunk).toBeLessThanOrEqual(5_000 + linesInChunk);
    output.open = true;
    output.drain();
    await reading;
    await stream.end();
    expect(stream.printed).toBe(200 * linesInChunk + 1);
  });

  test('of the Livy log, where it stands in for the driver log, is shown as it comes', async () => {
    const output = new Output();
    const { source, reply } = logOf(200);
    const parts: SubmitLogParts = {
      clock: new VirtualClock(),
      runner: actionsRunner({ env: {}, write: writerOf(output) }),
      logs: {
        service: 'Fabric',
        rest: '',
        names: [],
        perApplication: true,
        follower: (_, __, sinks) => new Follower(source, sinks),
        freeAt: () => 0,
        submitLog: () => source,
      },
      secrets: () => [],
      folder: join(folder, String(scenes++)),
      shown: 'both',
    };
    parts.runner.info = () => undefined;
    parts.clock.sleep = () => new Promise(() => undefined);
    output.open = false;
    const showing = showSubmitLog(parts, [], new AbortController().signal);
    for (let turns = 0; turns < 500; turns += 1) await turn();
    expect(reply.pulled).toBe(0);
    output.open = true;
    output.drain();
    expect((await showing).length).toBe(4_000);
    expect(output.bytes).toBe(200 * chunk.length + 1);
  });
});
