import { describe, expect, test } from '@jest/globals';
import { Follower, type LogEvent } from '../../../src/log/follower.ts';
import { LogRefused, type LogSource, type StreamFiles } from '../../../src/log/sources.ts';

/** A server that serves the files of a stream by name; the one that grows stands last. */
class FakeFiles implements StreamFiles {
  readonly plain = { name: 'stdout', length: undefined };
  files: [name: string, text: string][] = [['stdout', '']];
  /** False: a part of a file is refused, once there is more than its beginning. */
  offsetsServed = true;

  list(): Promise<{ name: string; length: number }[]> {
    return Promise.resolve(this.files.map(([name, text]) => ({ name, length: text.length })));
  }

  file(name: string): LogSource {
    const text = (): string | undefined => this.files.find(([other]) => other === name)?.[1];
    const body = async (from: number): Promise<AsyncIterable<Uint8Array> | undefined> => {
      const whole = await Promise.resolve(text());
      return whole === undefined ? undefined : one(Buffer.from(whole).subarray(from));
    };
    return {
      partial: (offset) =>
        this.offsetsServed ? body(offset) : Promise.reject(new LogRefused(400)),
      whole: () => body(0),
      length: () => Promise.resolve(text()?.length),
    };
  }

  lastAttempt(): Promise<number | undefined> {
    return Promise.resolve(undefined);
  }
}

async function* one(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield await Promise.resolve(bytes);
}

function scene(): {
  server: FakeFiles;
  follower: Follower;
  events: LogEvent['kind'][];
  got: () => string;
} {
  const server = new FakeFiles();
  const events: LogEvent['kind'][] = [];
  const parts: Uint8Array[] = [];
  const sinks = {
    bytes: (chunk: Uint8Array) => Promise.resolve(void parts.push(Buffer.from(chunk))),
    event: ({ kind }: LogEvent) => void events.push(kind),
  };
  return {
    server,
    follower: new Follower(server.file('stdout'), sinks, server),
    events,
    got: () => Buffer.concat(parts).toString(),
  };
}

function numbered(from: number, to: number): string {
  return Array.from({ length: to - from }, (_, index) => `line ${from + index}\n`).join('');
}

describe('a file that was rolled away', () => {
  test('with a part only of what was read: the rest of that is not read again', async () => {
    const { server, follower, got, events } = scene();
    server.files = [['stdout', numbered(0, 5)]];
    await follower.tick();
    server.files = [
      ['stdout-01', numbered(0, 3)],
      ['stdout', numbered(3, 8)],
    ];
    await follower.tick();
    expect(got()).toBe(numbered(0, 8));
    expect(events).toEqual(['rolled']);
  });

  test('where offsets do not serve is read by name as soon as it is there', async () => {
    const { server, follower, got, events } = scene();
    server.files = [['stdout', numbered(0, 100)]];
    await follower.tick();
    server.offsetsServed = false;
    server.files = [['stdout', numbered(0, 300)]];
    await follower.tick();
    expect(events).toEqual(['coarse']);
    server.files = [
      ['stdout-01', numbered(0, 350)],
      ['stdout', numbered(350, 352)],
    ];
    await follower.tick();
    expect(got()).toBe(numbered(0, 352));
    expect(events).toEqual(['coarse', 'rolled']);
  });
});
