import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RingReader, type RingEvent } from '../../../src/log/ring.ts';

/** What a reader gave, in order. */
interface Given {
  lines: string[];
  events: RingEvent[];
}

/** A ring of `size` lines, and a reader that reads it as a follower does. */
class Play {
  readonly #size: number;
  readonly #page: number;
  readonly reader: RingReader;
  readonly given: Given = { lines: [], events: [] };
  /** Lines that some window showed, by their place in all that was printed. */
  readonly served = new Set<number>();
  readonly #printed: string[] = [];

  /** `smallest`: the size that the reader takes a ring to have at least; as many lines unless given. */
  constructor(size: number, page = 1_000, smallest = size) {
    this.#size = size;
    this.#page = page;
    this.reader = new RingReader(smallest);
  }

  get printed(): readonly string[] {
    return this.#printed;
  }

  print(lines: readonly string[]): void {
    this.#printed.push(...lines);
  }

  read(): void {
    for (let reads = 0; reads < 100; reads += 1) {
      const start = Math.max(0, this.#printed.length - this.#size);
      const from = this.reader.next;
      const asked = this.#page + this.reader.end - from;
      const lines = this.#printed.slice(start + from, start + from + asked);
      lines.forEach((_, index) => this.served.add(start + from + index));
      const total = this.#printed.length - start;
      const fresh = this.reader.take({ from, lines, total });
      if (!fresh) continue;
      this.given.events.push(...fresh.events);
      this.given.lines.push(...fresh.lines);
      if (lines.length < asked) return;
    }
    throw new Error('The reader never comes to the end of the ring.');
  }

  finish(): Given {
    this.read();
    this.given.events.push(...this.reader.finish());
    return this.given;
  }
}

function numbered(count: number, from = 0): string[] {
  return Array.from({ length: count }, (_, index) => `line ${from + index}`);
}

const kinds = ({ events }: Given): string[] => events.map(({ kind }) => kind);

describe('a ring', () => {
  test('that never fills up gives every line once, and nothing to tell', () => {
    const play = new Play(200);
    for (const count of [0, 3, 0, 100, 96]) {
      play.print(numbered(count, play.printed.length));
      play.read();
    }
    expect(play.finish()).toEqual({ lines: play.printed, events: [] });
  });

  test('that is full gives every line once while readings overlap', () => {
    const play = new Play(200);
    for (let reading = 0; reading < 20; reading += 1) {
      play.print(numbered(150, play.printed.length));
      play.read();
    }
    expect(play.finish()).toEqual({ lines: play.printed, events: [] });
  });

  test('that moved past all that was read tells that lines are lost, and how many it keeps', () => {
    const play = new Play(200);
    play.print(numbered(50));
    play.read();
    play.print(numbered(400, 50));
    const given = play.finish();
    expect(given.events).toEqual([{ kind: 'lost', kept: 200 }]);
    expect(given.lines).toEqual([...numbered(50), ...numbered(200, 250)]);
  });

  test('whose first reading finds as many lines as it holds may have dropped some before', () => {
    const play = new Play(200);
    play.print(numbered(500));
    expect(play.finish().events).toEqual([{ kind: 'doubtful', atStart: true }]);
  });

  test('that goes on filling up after such a first reading has dropped none', () => {
    const play = new Play(100_000, 500, 200);
    play.print(numbered(300));
    play.read();
    play.print(numbered(10, 300));
    expect(play.finish()).toEqual({ lines: play.printed, events: [] });
  });

  test('of one line over and over, once full, tells that it cannot know, once', () => {
    const play = new Play(200);
    for (let reading = 0; reading < 5; reading += 1) {
      play.print(Array.from({ length: 190 }, () => 'tick'));
      play.read();
    }
    expect(kinds(play.finish())).toEqual(['doubtful']);
  });

  test('that was seen to move and then repeats itself tells that it cannot know, once', () => {
    const play = new Play(200);
    for (let reading = 0; reading < 3; reading += 1) {
      play.print(numbered(150, play.printed.length));
      play.read();
    }
    for (let reading = 0; reading < 6; reading += 1) {
      play.print(Array.from({ length: 190 }, () => 'tick'));
      play.read();
    }
    expect(kinds(play.finish())).toEqual(['doubtful']);
  });

  test('of one line over and over that is not full tells nothing', () => {
    const play = new Play(200);
    for (let reading = 0; reading < 3; reading += 1) {
      play.print(Array.from({ length: 60 }, () => 'tick'));
      play.read();
    }
    expect(play.finish()).toEqual({ lines: play.printed, events: [] });
  });

  test('where a blank line alone joins two readings tells that lines may be missing', () => {
    const play = new Play(200);
    play.print([...numbered(50), '']);
    play.read();
    play.print([...numbered(350, 50), '', ...numbered(199, 400)]);
    expect(kinds(play.finish())).toEqual(['doubtful']);
  });

  test('that is large is not joined by chance while it still holds what joins', () => {
    const play = new Play(1_000);
    play.print([...numbered(999), '']);
    play.read();
    // The window that the reader asks for first begins with a blank line, as what was read ends.
    play.print([...numbered(200, 999), '', ...numbered(99, 1_199)]);
    const given = play.finish();
    expect(given.lines).toEqual(play.printed);
    expect(given.events.filter((event) => !('atStart' in event && event.atStart))).toEqual([]);
  });

  test('that is large and moves is not read whole each time', () => {
    const play = new Play(10_000, 1_000);
    play.print(numbered(10_000));
    play.read();
    for (let reading = 0; reading < 10; reading += 1) {
      play.print(numbered(40, play.printed.length));
      play.served.clear();
      play.read();
      expect(play.served.size).toBeLessThan(1_000);
    }
  });
});

const bursts = fc.array(fc.nat({ max: 60 }), { minLength: 1, maxLength: 30 });

describe('windows of a ring with every overlap', () => {
  test('lines that differ: each served one once, in order; a lost one is told', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), bursts, (size, counts) => {
        const play = new Play(size);
        for (const count of counts) {
          play.print(numbered(count, play.printed.length));
          play.read();
        }
        const { lines, events } = play.finish();
        expect(new Set(lines).size).toBe(lines.length);
        expect(lines).toEqual([...play.served].sort((a, b) => a - b).map((at) => `line ${at}`));
        expect(events.length > 0 || lines.length === play.printed.length).toBe(true);
      }),
    );
  });

  test('pages: a log that is longer than one reply comes whole', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), bursts, (page, counts) => {
        const play = new Play(10_000, page);
        for (const count of counts) {
          play.print(numbered(count, play.printed.length));
          play.read();
        }
        expect(play.finish()).toEqual({ lines: play.printed, events: [] });
      }),
    );
  });

  test('lines that repeat: none comes twice, and where one is lost something is told', () => {
    const words = fc.array(fc.constantFrom('a', 'b', ''), { maxLength: 12 });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.array(words, { minLength: 1, maxLength: 12 }),
        (size, parts) => {
          const play = new Play(size);
          for (const part of parts) {
            play.print(part);
            play.read();
          }
          const { lines, events } = play.finish();
          expect(isSubsequence(lines, play.printed)).toBe(true);
          expect(events.length > 0 || lines.length === play.printed.length).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });
});

function isSubsequence(lines: readonly string[], all: readonly string[]): boolean {
  let at = 0;
  for (const line of all) if (line === lines[at]) at += 1;
  return at === lines.length;
}
