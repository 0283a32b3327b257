import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Follower, type LogEvent } from '../../../src/log/follower.ts';
import { LogRefused, type LogSource } from '../../../src/log/sources.ts';
import { chunks } from '../cuts.ts';

/** A server's log file: what there is of it, and how the server serves it. */
class FakeLog implements LogSource {
  file: Buffer = Buffer.alloc(0);
  exists = true;
  offsetsCount = true;
  tellsLength = true;
  /** Most bytes of one partial reply. */
  most = 1_048_576;
  /** Sizes of the chunks of a body. */
  sizes: readonly number[] = [1_000];
  /** Replies that break off: after so many bytes, for each read in turn. */
  breaks: (number | undefined)[] = [];
  /** Statuses that a read is refused with, in turn. */
  refusals: (number | undefined)[] = [];
  served = 0;
  reads = 0;

  partial(offset: number): Promise<AsyncIterable<Uint8Array> | undefined> {
    if (!this.offsetsCount) return this.whole();
    return this.#reply(() => this.file.subarray(offset, offset + this.most));
  }

  whole(): Promise<AsyncIterable<Uint8Array> | undefined> {
    return this.#reply(() => this.file);
  }

  length(): Promise<number | undefined> {
    return Promise.resolve(this.exists && this.tellsLength ? this.file.length : undefined);
  }

  #reply(content: () => Buffer): Promise<AsyncIterable<Uint8Array> | undefined> {
    this.reads += 1;
    if (this.reads > 2_000) throw new Error('The log is read without an end.');
    const refusal = this.refusals.shift();
    if (refusal !== undefined) return Promise.reject(new LogRefused(refusal));
    if (!this.exists) return Promise.resolve(undefined);
    return Promise.resolve(this.#body(content(), this.breaks.shift()));
  }

  async *#body(bytes: Buffer, breakAfter: number | undefined): AsyncIterable<Uint8Array> {
    const sent = breakAfter === undefined ? bytes : bytes.subarray(0, breakAfter);
    for (const chunk of chunks(sent, this.sizes)) {
      this.served += chunk.length;
      yield await Promise.resolve(chunk);
    }
    if (breakAfter !== undefined && breakAfter < bytes.length) throw new Error('other side closed');
  }
}

interface Scene {
  log: FakeLog;
  follower: Follower;
  events: LogEvent[];
  got: () => Buffer;
  /** A tick whose failure is no matter: nothing is lost by it. */
  tick: () => Promise<void>;
  finish: () => Promise<void>;
}

function scene(): Scene {
  const log = new FakeLog();
  const events: LogEvent[] = [];
  const parts: Uint8Array[] = [];
  const follower = new Follower(log, {
    bytes: (chunk) => {
      parts.push(Buffer.from(chunk));
      return Promise.resolve();
    },
    event: (event) => void events.push(event),
  });
  return {
    log,
    follower,
    events,
    got: () => Buffer.concat(parts),
    tick: () => follower.tick().catch(() => undefined),
    finish: async () => {
      for (let tries = 0; tries < 6; tries++) {
        try {
          await follower.finish();
          return;
        } catch {
          // Read again, as the job does.
        }
      }
      throw new Error('The log could not be read to its end.');
    },
  };
}

function numbered(from: number, to: number): string {
  let text = '';
  for (let line = from; line < to; line++) text += `line ${line} of the log, ünïcödé\n`;
  return text;
}

describe('following a log', () => {
  test('passes on what is new, each byte once', async () => {
    const { log, follower, got, events } = scene();
    let text = '';
    for (let step = 0; step < 20; step++) {
      text += numbered(step * 50, step * 50 + 50);
      log.file = Buffer.from(text);
      await follower.tick();
    }
    await follower.finish();
    expect(got().toString()).toBe(text);
    expect(follower.read).toBe(log.file.length);
    expect(events).toEqual([]);
  });

  test('reads little more than what is new while offsets count', async () => {
    const { log, follower } = scene();
    let text = '';
    for (let step = 0; step < 100; step++) {
      text += numbered(step * 100, step * 100 + 100);
      log.file = Buffer.from(text);
      await follower.tick();
    }
    expect(log.served).toBeLessThan(2.5 * log.file.length);
  });

  test('a log that is not there yet is none, and is no error', async () => {
    const { log, follower, got } = scene();
    log.exists = false;
    await follower.tick();
    expect(follower.seen).toBe(false);
    log.exists = true;
    await follower.tick();
    expect(follower.seen).toBe(true);
    log.file = Buffer.from('hello\n');
    await follower.tick();
    log.exists = false;
    await follower.tick();
    log.exists = true;
    await follower.finish();
    expect(got().toString()).toBe('hello\n');
  });

  test('a log that never was is none at the end as well', async () => {
    const { log, follower, got } = scene();
    log.exists = false;
    await follower.finish();
    expect(follower.seen).toBe(false);
    expect(got()).toHaveLength(0);
  });

  test('the whole file comes back when the application has ended', async () => {
    for (const size of [10, 4_095, 4_096, 4_097, 50_000]) {
      const { log, follower, got, events } = scene();
      const text = numbered(0, 3_000);
      log.file = Buffer.from(text).subarray(0, size);
      await follower.tick();
      log.offsetsCount = false;
      log.file = Buffer.from(text);
      await follower.finish();
      expect(got().equals(log.file)).toBe(true);
      expect(events.filter((event) => event.kind === 'restarted')).toEqual([]);
    }
  });

  test('offsets that stop counting between two ticks repeat nothing', async () => {
    const { log, follower, got } = scene();
    log.file = Buffer.from(numbered(0, 1_000));
    await follower.tick();
    log.offsetsCount = false;
    await follower.tick();
    expect(got().equals(log.file)).toBe(true);
    log.file = Buffer.from(numbered(0, 3_000));
    await follower.tick();
    await follower.finish();
    expect(got().equals(log.file)).toBe(true);
  });

  test('a size that is ignored, or small, loses and repeats nothing', async () => {
    for (const most of [100, 5_000, 1_048_576, Number.POSITIVE_INFINITY]) {
      const { log, follower, got } = scene();
      log.most = most;
      log.file = Buffer.from(numbered(0, 60_000));
      await follower.tick();
      await follower.tick();
      await follower.finish();
      expect(got().equals(log.file)).toBe(true);
    }
  });

  test('a reply that was cut throws, and loses nothing', async () => {
    const { log, follower, got } = scene();
    log.file = Buffer.from(numbered(0, 1_000));
    log.breaks = [7_777];
    await expect(follower.tick()).rejects.toThrow();
    log.breaks = [4_096 + 3];
    await follower.tick().catch(() => undefined);
    await follower.tick();
    await follower.finish();
    expect(got().equals(log.file)).toBe(true);
  });

  test('a refusal is thrown to the caller', async () => {
    const { log, follower, got } = scene();
    log.file = Buffer.from('x\n');
    log.refusals = [503];
    await expect(follower.tick()).rejects.toThrow(LogRefused);
    await follower.tick();
    expect(got().toString()).toBe('x\n');
  });

  test('a new attempt is told, and its log is passed on from its start', async () => {
    const { log, follower, got, events } = scene();
    const first = Buffer.from(numbered(0, 1_000));
    const second = Buffer.from(`second attempt\n${numbered(5_000, 7_000)}`);
    log.file = first;
    await follower.tick();
    log.file = second;
    await follower.tick();
    await follower.finish();
    expect(events).toContainEqual({ kind: 'restarted', after: first.length });
    expect(events.filter((event) => event.kind === 'restarted')).toHaveLength(1);
    expect(got().equals(Buffer.concat([first, second]))).toBe(true);
  });

  test('a new attempt that is shorter is told as well', async () => {
    const { log, follower, got, events } = scene();
    const first = Buffer.from(numbered(0, 1_000));
    const second = Buffer.from('second attempt\nshort\n');
    log.file = first;
    await follower.tick();
    log.file = second;
    await follower.tick();
    await follower.finish();
    expect(events.some((event) => event.kind === 'restarted')).toBe(true);
    expect(got().equals(Buffer.concat([first, second]))).toBe(true);
  });

  test('a new attempt that begins like the first is not taken for it', async () => {
    const { log, follower, got, events } = scene();
    const banner = numbered(0, 400);
    const first = Buffer.from(banner + numbered(10_000, 11_000));
    const second = Buffer.from(banner + numbered(20_000, 23_000));
    log.file = first;
    await follower.tick();
    log.file = second;
    await follower.tick();
    await follower.finish();
    expect(events.some((event) => event.kind === 'restarted')).toBe(true);
    expect(got().equals(Buffer.concat([first, second]))).toBe(true);
  });

  test('a new attempt that is shorter, and begins after the last tick, is read at the end', async () => {
    const { log, follower, got } = scene();
    const first = Buffer.from(numbered(0, 1_000));
    const second = Buffer.from('second attempt\nshort\n');
    log.file = first;
    await follower.tick();
    log.file = second;
    await follower.finish();
    expect(got().equals(Buffer.concat([first, second]))).toBe(true);
  });

  test('a reply that ends early without an error is no new file: nothing comes twice', async () => {
    const { log, follower, got, events } = scene();
    const text = Buffer.from(numbered(0, 1_000));
    log.file = text;
    await follower.tick();
    log.offsetsCount = false;
    for (const size of [300, 20_000]) {
      log.file = text.subarray(0, size);
      await follower.tick();
      await follower.finish();
    }
    log.file = text;
    await follower.finish();
    expect(got().equals(text)).toBe(true);
    expect(events).toEqual([]);
  });

  test('an offset that the server refuses is the end of offsets, not of the log', async () => {
    const { log, follower, got, events } = scene();
    log.file = Buffer.from(numbered(0, 100));
    await follower.tick();
    log.partial = () => Promise.reject(new LogRefused(400));
    for (const lines of [300, 900]) {
      log.file = Buffer.from(numbered(0, lines));
      await follower.tick();
      expect(got().equals(log.file)).toBe(true);
    }
    expect(events).toEqual([{ kind: 'coarse' }]);
  });

  test('where offsets never count, the file is read again only when it has doubled, and that is told', async () => {
    const { log, follower, got, events } = scene();
    log.offsetsCount = false;
    let text = '';
    for (let step = 0; step < 64; step++) {
      text += numbered(step * 200, step * 200 + 200);
      log.file = Buffer.from(text);
      await follower.tick();
    }
    await follower.finish();
    expect(got().equals(log.file)).toBe(true);
    expect(events.filter((event) => event.kind === 'coarse')).toHaveLength(1);
    expect(log.served).toBeLessThan(6 * log.file.length);
  });
});

describe('a log that repeats itself', () => {
  const repeats = ['x', '\n', 'tick\n', `${'-'.repeat(99)}\n`, '0123456789abcdef'.repeat(256)];

  test.each(repeats.map((unit) => [unit.length, unit]))(
    'every %i bytes is passed on once, offsets or not',
    async (_, unit) => {
      for (const tellsLength of [true, false])
        for (const endsAfter of [0, 1, 3, 9]) {
          const { log, got, tick, finish } = scene();
          log.tellsLength = tellsLength;
          const step = unit.toString().repeat(Math.ceil(3_000 / unit.toString().length));
          for (let at = 1; at <= 8; at++) {
            log.offsetsCount = at <= endsAfter;
            log.file = Buffer.from(step.repeat(at));
            await tick();
            const so = got();
            expect(log.file.subarray(0, so.length).equals(so)).toBe(true);
          }
          log.offsetsCount = false;
          await finish();
          expect(got().length).toBe(log.file.length);
          expect(got().equals(log.file)).toBe(true);
        }
    },
  );
});

describe('whatever the server does', () => {
  /** Texts of which replies are hard to place. */
  const content = fc.oneof(
    fc
      .tuple(
        fc.constantFrom('a', 'ab\n', 'tick\n', '0123456789'),
        fc.integer({ min: 1, max: 6_000 }),
      )
      .map(([unit, count]) => unit.repeat(count)),
    fc.integer({ min: 0, max: 900 }).map((lines) => numbered(0, lines)),
    fc
      .tuple(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 0, max: 12_000 }), fc.string())
      .map(([lines, count, end]) => numbered(0, lines) + 'z'.repeat(count) + end),
    fc
      .tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 0, max: 300 }))
      .map(([times, lines]) => numbered(0, lines).repeat(times)),
  );
  const move = fc.record({
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    exists: fc.boolean(),
    refusal: fc.option(fc.constantFrom(429, 500, 503), { nil: undefined, freq: 6 }),
    breakAfter: fc.option(fc.integer({ min: 0, max: 30_000 }), { nil: undefined }),
    most: fc.constantFrom(1_000, 4_096, 9_999, 1_048_576, Number.POSITIVE_INFINITY),
  });

  test('the bytes passed on are the file, none twice, none lost', async () => {
    await fc.assert(
      fc.asyncProperty(
        content,
        fc.array(move, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 0, max: 9 }),
        fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1, maxLength: 5 }),
        fc.boolean(),
        fc.array(fc.option(fc.integer({ min: 0, max: 40_000 }), { nil: undefined }), {
          maxLength: 3,
        }),
        async (text, moves, endsAfter, sizes, tellsLength, lastBreaks) => {
          const { log, got, tick, finish, events } = scene();
          const file = Buffer.from(text);
          log.sizes = sizes;
          log.tellsLength = tellsLength;
          let size = 0;
          let served = false;
          for (const [index, { share, exists, refusal, breakAfter, most }] of moves.entries()) {
            size += Math.floor((file.length - size) * share);
            log.file = file.subarray(0, size);
            log.exists = served || exists;
            served = log.exists;
            log.offsetsCount = index < endsAfter;
            log.refusals = [refusal];
            log.breaks = [breakAfter];
            // Without a limit that moves on, a partial reply tells nothing new.
            log.most = most;
            await tick();
            expect(file.subarray(0, got().length).equals(got())).toBe(true);
          }
          log.file = file;
          log.exists = true;
          log.offsetsCount = false;
          log.refusals = [];
          log.breaks = lastBreaks;
          await finish();
          expect(got().length).toBe(file.length);
          expect(got().equals(file)).toBe(true);
          expect(events.filter((event) => event.kind === 'restarted')).toEqual([]);
        },
      ),
      { numRuns: 500 },
    );
  });
});
