import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { GitHubRefusal } from '../../../src/github/api.ts';
import { Writing } from '../../../src/job/comment/writing.ts';
import { hiddenState, readState, type CommentRow } from '../../../src/report/comment/rows.ts';
import { Random } from '../../simulation/random.ts';
import { VirtualClock } from '../virtual-clock.ts';
import { SharedThread, type Fate } from './comment-thread.ts';

const body = (state: Parameters<typeof hiddenState>[0]): string => `text\n\n${hiddenState(state)}`;

function row(call: string, more: Partial<CommentRow> = {}): CommentRow {
  return {
    ...{ call, name: call, file: 'jobs/a.py', run: '9', attempt: 1, sha: '' },
    ...{ ok: false, always: false, result: 'Failed', code: 'BATCH_FAILED', cause: '', url: '' },
    at: 1,
    ...more,
  };
}

type Outcome = 'written' | 'nothing' | GitHubRefusal;

interface Writer {
  row: CommentRow;
  creates?: boolean;
  /** When it begins; milliseconds. */
  at?: number;
}

/** Lets writers write until each has ended; `ends`: when, in milliseconds from the start. */
async function together(
  clock: VirtualClock,
  thread: SharedThread,
  random: () => number,
  writers: readonly Writer[],
): Promise<{ outcomes: Outcome[]; ends: number[]; unreadable: number }> {
  const ends: number[] = [];
  let unreadable = 0;
  const outcomes = await Promise.all(
    writers.map(async (writer, index): Promise<Outcome> => {
      if (writer.at) await clock.sleep(writer.at);
      const writing = new Writing({
        thread: thread.forWriter(),
        clock,
        random,
        row: writer.row,
        body,
        creates: writer.creates ?? true,
        until: clock.now() + 30_000,
        signal: new AbortController().signal,
        onUnreadable: () => (unreadable += 1),
      });
      try {
        return await writing.run();
      } catch (thrown) {
        if (thrown instanceof GitHubRefusal) return thrown;
        throw thrown;
      } finally {
        ends[index] = clock.elapsed;
      }
    }),
  );
  return { outcomes, ends, unreadable };
}

function callsIn(thread: SharedThread): (string | undefined)[] {
  return thread.comments.flatMap((one) => readState(one.body)?.rows.map(({ call }) => call) ?? []);
}

interface Play {
  seed: number;
  writers: number;
  /** Within how many milliseconds they begin. */
  spread: number;
  /** Is there a comment with a row already? */
  existing: boolean;
}

/**
 * Writers, each request on its way for up to `way` milliseconds either way, and of 100 requests some
 * that fail. From a reading to the effect of its write there are two ways: less than the least pause.
 */
async function play(
  { seed, writers, spread, existing }: Play,
  { way, faults, deletedAt }: { way: number; faults: number; deletedAt?: number },
): Promise<{
  thread: SharedThread;
  outcomes: Outcome[];
  ends: number[];
  expected: string[];
}> {
  const random = new Random(seed);
  const clock = new VirtualClock();
  const fates: readonly Fate[] = ['failing', 'lost', 'lost', 'limited'];
  const thread = new SharedThread({
    clock,
    latency: () => random.int(10, way),
    fate: () => (random.chance(faults / 100) ? (fates[random.int(0, 3)] ?? 'well') : 'well'),
  });
  if (existing) thread.add(body({ rows: [row('there')], runs: ['9'] }));
  if (deletedAt !== undefined) clock.after(deletedAt, () => (thread.comments = []));
  const names = Array.from({ length: writers }, (_, index) => `c${index}`);
  const { outcomes, ends } = await together(
    clock,
    thread,
    () => random.next(),
    names.map((name) => ({ row: row(name), at: random.int(0, spread) })),
  );
  return { thread, outcomes, ends, expected: [...names, ...(existing ? ['there'] : [])].sort() };
}

const plays = fc.record({
  seed: fc.integer({ min: 0, max: 2 ** 31 }),
  writers: fc.integer({ min: 2, max: 20 }),
  spread: fc.constantFrom(0, 500, 3_000, 20_000),
  existing: fc.boolean(),
});

describe('writers at the same time', () => {
  test('lose nothing, and leave one comment', async () => {
    await fc.assert(
      fc.asyncProperty(plays, async (given) => {
        const { thread, outcomes, expected } = await play(given, { way: 300, faults: 0 });
        expect(outcomes).toEqual(outcomes.map(() => 'written'));
        expect(thread.comments).toHaveLength(1);
        expect(callsIn(thread).sort()).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });

  test('lose nothing on slow ways with failing requests, lost replies and limits, where each came to its end', async () => {
    let whole = 0;
    await fc.assert(
      fc.asyncProperty(plays, async (given) => {
        const { thread, outcomes, expected } = await play(given, { way: 900, faults: 8 });
        if (!outcomes.every((outcome) => outcome === 'written')) return;
        whole += 1;
        expect(thread.comments).toHaveLength(1);
        expect(callsIn(thread).sort()).toEqual(expected);
      }),
      { numRuns: 50 },
    );
    expect(whole).toBeGreaterThan(25);
  });

  test('make a new one where a person deletes it: with the rows of all that are still at it', async () => {
    const deletions = fc.tuple(plays, fc.integer({ min: 500, max: 6_000 }));
    await fc.assert(
      fc.asyncProperty(deletions, async ([given, deletedAt]) => {
        const few = { ...given, writers: Math.min(given.writers, 8) };
        const played = await play(few, { way: 300, faults: 0, deletedAt });
        // Who ended later than that looked after the deletion.
        const late = played.ends.flatMap((end, index) =>
          end > deletedAt + 700 && played.outcomes[index] === 'written' ? [`c${index}`] : [],
        );
        expect(callsIn(played.thread)).toEqual(expect.arrayContaining(late));
        expect(played.thread.comments.length).toBeLessThan(2);
      }),
      { numRuns: 50 },
    );
  });
});

describe('one writer', () => {
  const one = async (
    thread: SharedThread,
    clock: VirtualClock,
    writer: Writer,
  ): Promise<{ outcome: Outcome | undefined; unreadable: number }> => {
    const { outcomes, unreadable } = await together(clock, thread, () => 0.5, [writer]);
    return { outcome: outcomes[0], unreadable };
  };
  const scene = (
    fate?: (method: string) => Fate,
  ): { clock: VirtualClock; thread: SharedThread } => {
    const clock = new VirtualClock();
    return {
      clock,
      thread: new SharedThread({ clock, latency: () => 100, ...(fate && { fate }) }),
    };
  };

  test('writes once, and is done some seconds later', async () => {
    const { clock, thread } = scene();
    await expect(one(thread, clock, { row: row('a') })).resolves.toMatchObject({
      outcome: 'written',
    });
    expect(thread.writes).toEqual(['create']);
    expect(clock.elapsed).toBeLessThan(6_000);
  });

  test('that makes none leaves nothing where there is none, and joins one that is there', async () => {
    const { clock, thread } = scene();
    const green = { row: row('a', { ok: true, result: 'Succeeded' }), creates: false };
    await expect(one(thread, clock, green)).resolves.toMatchObject({ outcome: 'nothing' });
    expect(thread.writes).toEqual([]);
    thread.add(body({ rows: [row('b')], runs: ['9'] }));
    await expect(one(thread, clock, green)).resolves.toMatchObject({ outcome: 'written' });
    expect(callsIn(thread)).toEqual(['a', 'b']);
  });

  test('that comes late from an older run writes nothing over the newer one', async () => {
    const { clock, thread } = scene();
    thread.add(body({ rows: [row('a', { run: '10' })], runs: ['10'] }));
    await one(thread, clock, { row: row('a', { run: '9', attempt: 7, at: 99 }) });
    expect(thread.writes).toEqual([]);
  });

  test('heals what a dead one left: a second comment goes into the first', async () => {
    const { clock, thread } = scene();
    for (const call of ['a', 'b']) thread.add(body({ rows: [row(call)], runs: ['9'] }));
    await one(thread, clock, { row: row('c') });
    expect(thread.comments.map(({ id }) => id)).toEqual([1]);
    expect(callsIn(thread)).toEqual(['a', 'b', 'c']);
  });

  test('starts anew, and says so once, where the data cannot be read', async () => {
    const { clock, thread } = scene();
    thread.add('text that a person changed');
    const { outcome, unreadable } = await one(thread, clock, { row: row('a') });
    expect([outcome, unreadable, callsIn(thread)]).toEqual(['written', 1, ['a']]);
  });

  test('gives up where GitHub fails to the last, and at once where it refuses', async () => {
    const failing = scene(() => 'failing');
    const { outcome } = await one(failing.thread, failing.clock, { row: row('a') });
    expect(outcome).toBeInstanceOf(GitHubRefusal);
    expect(failing.clock.elapsed).toBeLessThan(31_000);
    const refused = scene();
    refused.thread.refuses = new GitHubRefusal('forbidden', 'GitHub answered 403');
    await one(refused.thread, refused.clock, { row: row('a') });
    expect(refused.clock.elapsed).toBeLessThan(1_000);
  });
});
