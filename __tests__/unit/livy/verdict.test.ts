import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { BatchStatus } from '../../../src/livy/status.ts';
import { isCapacityRefusal, Judge, read, type Verdict } from '../../../src/livy/verdict.ts';

/** The words of the design's table and of the swagger, by the field in which they mean something. */
const stateOnTheWay =
  'not_submitted submitting not_started starting running recovering busy idle shutting_down'.split(
    ' ',
  );
const fabricOnTheWay = 'unknown queued libraryPackaging submitting cancelling'.split(' ');
const meaning = {
  success: { state: ['success'], result: ['succeeded'], fabric: [''] },
  failure: { state: ['dead', 'error'], result: ['failed'], fabric: ['error'] },
  // `cancelled` in state: not in the swagger, which public clients accept all the same (fabric.md 1.4).
  cancel: { state: ['killed', 'cancelled'], result: ['cancelled'], fabric: ['cancelled'] },
  expired: { state: [''], result: [''], fabric: ['expired'] },
  onTheWay: {
    state: stateOnTheWay,
    result: ['uncertain'],
    fabric: fabricOnTheWay.map((word) => word.toLowerCase()),
  },
};
type Field = 'state' | 'result' | 'fabric';
type Meaning = keyof typeof meaning | 'absent' | 'other';

function meant(field: Field, word: string | undefined): Meaning {
  if (word === undefined) return 'absent';
  const lower = word.toLowerCase();
  if (meaning.success[field].includes(lower)) return 'success';
  if (meaning.failure[field].includes(lower)) return 'failure';
  if (meaning.cancel[field].includes(lower)) return 'cancel';
  if (meaning.expired[field].includes(lower)) return 'expired';
  return meaning.onTheWay[field].includes(lower) ? 'onTheWay' : 'other';
}

/** Every word that means something in any field, and words that mean nothing in any. */
const words = [
  ...new Set([
    ...['success', 'Succeeded', 'dead', 'error', 'Failed', 'killed', 'Cancelled', 'expired'],
    ...['Uncertain', ...stateOnTheWay, ...fabricOnTheWay],
    ...['finished', 'completed', 'succeed', 'unsuccessful', 'success ', 'PartiallySucceeded', '0'],
  ]),
];
const oddCases = [
  (word: string) => word,
  (word: string) => word.toUpperCase(),
  (word: string) =>
    Array.from(word)
      .map((c, i) => (i % 2 ? c.toUpperCase() : c.toLowerCase()))
      .join(''),
];
const anyWord = [undefined, ...words];

function status(fields: Partial<BatchStatus> = {}): BatchStatus {
  return { id: 'b', messages: [], log: [], tags: {}, ...fields };
}

/** What the table allows for a reading without an end time, as short texts. */
function allowed(state?: string, result?: string, fabric?: string): string[] {
  const s = meant('state', state);
  const r = meant('result', result);
  const f = meant('fabric', fabric);
  const all = [s, r, f];
  const has = (what: Meaning): boolean => all.includes(what);
  const failed = 'Failed BATCH_FAILED';
  const cancelled = 'Cancelled CANCELLED_ELSEWHERE';
  const expired = 'NotStarted QUEUE_EXPIRED';
  if (has('success')) {
    if (has('failure') || has('cancel')) return ['settle 60000 Failed STATE_CONFLICT'];
    // The table does not name this pair; it is not "nothing against it".
    if (has('expired')) return ['settle 60000 Failed STATE_CONFLICT', expired, failed];
    const other = s === 'success' ? r : s;
    if (other === 'onTheWay') return ['settle 15000 Succeeded'];
    // A word that nobody knows may speak against the proof.
    if (other === 'other') return ['undecided'];
    // Fabric's own word lagging: not in the table.
    if (f === 'onTheWay' || f === 'other')
      return ['Succeeded', 'settle 15000 Succeeded', 'undecided'];
    return ['Succeeded'];
  }
  const ends = [
    ...(has('failure') ? [failed] : []),
    ...(has('cancel') ? [cancelled] : []),
    ...(has('expired') ? [expired] : []),
  ];
  return ends.length > 0 ? ends : ['undecided'];
}

function verdictText(verdict: Verdict): string {
  return verdict.code === undefined ? verdict.result : `${verdict.result} ${verdict.code}`;
}

function readingText(batch: BatchStatus): string {
  const reading = read(batch);
  if (reading.kind === 'verdict') return verdictText(reading.verdict);
  if (reading.kind === 'undecided') return 'undecided';
  return `settle ${reading.milliseconds} ${verdictText(reading.then)}`;
}

describe('the verdict table', () => {
  test('holds for every word in every field, known, unknown, absent and in odd case', () => {
    const wrong: string[] = [];
    for (const state of anyWord)
      for (const result of anyWord)
        for (const fabricState of anyWord)
          for (const [index, odd] of oddCases.entries()) {
            if (index > 0 && state === undefined && result === undefined) continue;
            const batch = status({
              state: state === undefined ? undefined : odd(state),
              result: result === undefined ? undefined : odd(result),
              fabricState: fabricState === undefined ? undefined : odd(fabricState),
            });
            const said = readingText(batch);
            const may = allowed(batch.state, batch.result, batch.fabricState);
            if (!may.includes(said))
              wrong.push(
                `${batch.state}, ${batch.result}, ${batch.fabricState}: ${said}, not ${may.join(' | ')}`,
              );
          }
    expect(wrong.slice(0, 20)).toEqual([]);
  });

  test('green is never read from anything but `success` in state or `Succeeded` in result', () => {
    const text = fc.option(fc.oneof(fc.constantFrom(...words), fc.string()), { nil: undefined });
    fc.assert(
      fc.property(text, text, text, fc.boolean(), (state, result, fabricState, ended) => {
        const reading = read(
          status({ state, result, fabricState, endedAt: ended ? 1 : undefined }),
        );
        const verdict =
          reading.kind === 'verdict'
            ? reading.verdict
            : reading.kind === 'settle'
              ? reading.then
              : undefined;
        if (verdict?.result !== 'Succeeded') return;
        expect(state?.toLowerCase() === 'success' || result?.toLowerCase() === 'succeeded').toBe(
          true,
        );
        expect([
          meant('state', state),
          meant('result', result),
          meant('fabric', fabricState),
        ]).not.toContain('failure');
      }),
    );
  });

  test('tells the unknown word, and only where there is one', () => {
    for (const state of anyWord)
      for (const result of anyWord)
        for (const fabricState of anyWord) {
          const reading = read(status({ state, result, fabricState }));
          if (reading.kind !== 'undecided') continue;
          const odd = [
            meant('state', state) === 'other' ? state : undefined,
            meant('result', result) === 'other' ? result : undefined,
            meant('fabric', fabricState) === 'other' ? fabricState : undefined,
          ].flatMap((word) => (word === undefined ? [] : [word.toLowerCase()]));
          if (odd.length === 0) expect(reading.unknownWord).toBeUndefined();
          else expect(odd).toContain(reading.unknownWord?.toLowerCase());
        }
  });

  test.each([
    [{ state: 'success' }, true],
    [{ result: 'Succeeded' }, true],
    [{ state: 'dead' }, true],
    [{ result: 'Failed' }, true],
    [{ state: 'killed' }, true],
    [{ fabricState: 'cancelled' }, true],
    [{ fabricState: 'expired' }, true],
  ])('%j is the end of the batch', (fields, terminal) => {
    const reading = read(status(fields));
    expect(reading.kind === 'verdict' && reading.verdict.terminal).toBe(terminal);
  });

  test('an end time without a word that tells the end becomes Unknown, never red or green', () => {
    for (const fields of [{}, { state: 'finished' }, { result: 'Weird' }]) {
      const judge = new Judge(30 * 60_000);
      const batch = status({ ...fields, endedAt: 1 });
      const verdicts = [0, 15_000, 60_000, 120_000].flatMap(
        (now) => judge.take(batch, now, false).verdict ?? [],
      );
      expect(verdicts[0]).toEqual({ result: 'Unknown', code: 'UNKNOWN_STATE', terminal: false });
    }
  });
});

const capacity =
  "[TooManyRequestsForCapacity] HTTP Response code 430: This Spark job can't be run because you have hit a Spark compute or API rate limit.";

describe('the capacity error', () => {
  test.each([
    { state: 'dead' },
    { state: 'error' },
    { fabricState: 'error' },
    { result: 'Failed' },
  ])('with no application, %j is NotStarted', (fields) => {
    const batch = status({ ...fields, messages: [capacity] });
    expect(isCapacityRefusal(batch)).toBe(true);
    expect(readingText(batch)).toBe('NotStarted CAPACITY_FULL');
  });

  test.each([
    ['its name', '[TooManyRequestsForCapacity] This Spark job cannot be run now.'],
    ['its status', 'HTTP Response code 430: the limit of the capacity was hit.'],
  ])('is known by %s alone', (_, message) => {
    const batch = status({ state: 'dead', messages: [message] });
    expect(readingText(batch)).toBe('NotStarted CAPACITY_FULL');
  });

  test('with an application it is a failure like any other', () => {
    const batch = status({ state: 'dead', messages: [capacity], appId: 'application_1_2' });
    expect(isCapacityRefusal(batch)).toBe(false);
    expect(readingText(batch)).toBe('Failed BATCH_FAILED');
  });

  test('with an application that started, by its time, it is a failure as well', () => {
    const batch = status({ state: 'dead', messages: [capacity], runningAt: 5 });
    expect(readingText(batch)).toBe('Failed BATCH_FAILED');
  });

  test('in the words of a batch that goes on it decides nothing', () => {
    expect(readingText(status({ state: 'running', messages: [capacity] }))).toBe('undecided');
    expect(readingText(status({ state: 'success', messages: [capacity] }))).toBe('Succeeded');
    expect(readingText(status({ state: 'killed', messages: ['HTTP 430'] }))).toBe(
      'Cancelled CANCELLED_ELSEWHERE',
    );
  });

  test('an application that was seen earlier is remembered: such a batch is never submitted again', () => {
    const judge = new Judge(60_000);
    judge.take(status({ state: 'running', appId: 'application_1_2' }), 0, false);
    const end = judge.take(status({ state: 'dead', messages: [capacity] }), 2_000, false);
    expect(end.verdict?.result).toBe('Failed');
  });
});

describe('the judge', () => {
  const outage = 30 * 60_000;
  const take = (judge: Judge, now: number, fields: Partial<BatchStatus>, life = false) =>
    judge.take(status(fields), now, life);

  test('a proof of success stands after 15 s of an uncertain other word', () => {
    for (const fields of [
      { state: 'success', result: 'Uncertain' },
      { state: 'running', result: 'Succeeded' },
    ]) {
      const judge = new Judge(outage);
      expect(take(judge, 0, fields).verdict).toBeUndefined();
      expect(take(judge, 14_999, fields).verdict).toBeUndefined();
      expect(take(judge, 15_000, fields).verdict).toMatchObject({ result: 'Succeeded' });
    }
  });

  test('a proof of success stands at once when the other word agrees or goes', () => {
    const judge = new Judge(outage);
    expect(take(judge, 0, { state: 'success', result: 'Uncertain' }).verdict).toBeUndefined();
    expect(take(judge, 2_000, { state: 'success', result: 'Succeeded' }).verdict).toMatchObject({
      result: 'Succeeded',
      terminal: true,
    });
    expect(take(new Judge(outage), 0, { state: 'success' }).verdict?.result).toBe('Succeeded');
  });

  test('a word that nobody knows beside a proof of success is watched: it may speak against it', () => {
    for (const fields of [
      { state: 'success', result: 'PartiallySucceeded' },
      { state: 'rolled_back', result: 'Succeeded' },
    ]) {
      const judge = new Judge(outage);
      expect(take(judge, 0, fields).newWord).toMatch(/^(partiallysucceeded|rolled_back)$/);
      expect(take(judge, outage - 1, fields).verdict).toBeUndefined();
      expect(take(judge, outage, fields).verdict?.code).toBe('UNKNOWN_STATE');
      const gone = new Judge(outage);
      take(gone, 0, fields);
      expect(take(gone, 60_000, { state: 'success' }).verdict?.result).toBe('Succeeded');
    }
  });

  test('a conflict lasts 60 s, then it is Failed', () => {
    for (const fields of [
      { state: 'success', result: 'Failed' },
      { state: 'dead', result: 'Succeeded' },
      { state: 'success', result: 'Cancelled' },
      { state: 'killed', result: 'Succeeded' },
      { state: 'success', fabricState: 'error' },
      { state: 'success', fabricState: 'cancelled' },
    ]) {
      const judge = new Judge(outage);
      expect(take(judge, 0, fields).verdict).toBeUndefined();
      expect(take(judge, 15_000, fields).verdict).toBeUndefined();
      expect(take(judge, 59_999, fields).verdict).toBeUndefined();
      expect(take(judge, 60_000, fields).verdict).toMatchObject({
        result: 'Failed',
        code: 'STATE_CONFLICT',
      });
    }
  });

  test('a conflict whose words change goes on, and one that resolves is judged by its last words', () => {
    const changing = new Judge(outage);
    take(changing, 0, { state: 'success', result: 'Failed' });
    expect(take(changing, 30_000, { state: 'dead', result: 'Succeeded' }).verdict).toBeUndefined();
    expect(take(changing, 60_000, { state: 'success', result: 'Cancelled' }).verdict?.code).toBe(
      'STATE_CONFLICT',
    );
    const resolved = new Judge(outage);
    take(resolved, 0, { state: 'success', result: 'Failed' });
    expect(take(resolved, 30_000, { state: 'success', result: 'Succeeded' }).verdict?.result).toBe(
      'Succeeded',
    );
  });

  test('a conflict that comes while a proof settles is not green after 15 s', () => {
    const judge = new Judge(outage);
    take(judge, 0, { state: 'success', result: 'Uncertain' });
    expect(take(judge, 15_000, { state: 'success', result: 'Failed' }).verdict).toBeUndefined();
    expect(take(judge, 30_000, { state: 'success', result: 'Failed' }).verdict).toBeUndefined();
    expect(take(judge, 75_000, { state: 'success', result: 'Failed' }).verdict?.code).toBe(
      'STATE_CONFLICT',
    );
  });

  test('a settling that was interrupted by other words starts anew', () => {
    const judge = new Judge(outage);
    take(judge, 0, { state: 'success', result: 'Uncertain' });
    take(judge, 5_000, { state: 'running', result: 'Uncertain' });
    expect(take(judge, 16_000, { state: 'success', result: 'Uncertain' }).verdict).toBeUndefined();
    expect(take(judge, 31_000, { state: 'success', result: 'Uncertain' }).verdict?.result).toBe(
      'Succeeded',
    );
  });

  test('a new word is told once, whatever its case', () => {
    const judge = new Judge(outage);
    expect(take(judge, 0, { state: 'Hibernating' }).newWord?.toLowerCase()).toBe('hibernating');
    expect(take(judge, 2_000, { state: 'Hibernating' }).newWord).toBeUndefined();
    expect(take(judge, 4_000, { state: 'HIBERNATING' }).newWord).toBeUndefined();
    expect(take(judge, 6_000, { state: 'running' }).newWord).toBeUndefined();
    expect(take(judge, 8_000, { state: 'thawing' }).newWord).toBe('thawing');
    expect(take(judge, 10_000, { state: 'hibernating' }).newWord).toBeUndefined();
  });

  test.each([{ state: 'hibernating' }, {}])(
    '%j for longer than the outage without a sign of life is Unknown',
    (fields) => {
      const judge = new Judge(outage);
      expect(take(judge, 0, fields).verdict).toBeUndefined();
      expect(take(judge, outage - 1, fields).verdict).toBeUndefined();
      expect(take(judge, outage + 1, fields).verdict).toEqual({
        result: 'Unknown',
        code: 'UNKNOWN_STATE',
        terminal: false,
      });
    },
  );

  test('a sign of life, or a word that is known, starts the outage anew', () => {
    const log = new Judge(outage);
    take(log, 0, { state: 'hibernating' });
    take(log, outage - 1, { state: 'hibernating' }, true);
    expect(take(log, outage + 60_000, { state: 'hibernating' }).verdict).toBeUndefined();
    const word = new Judge(outage);
    take(word, 0, { state: 'hibernating' });
    take(word, outage - 1, { state: 'running' });
    expect(take(word, outage + 60_000, { state: 'hibernating' }).verdict).toBeUndefined();
  });

  test('a known word decides nothing for as long as it lasts', () => {
    for (const fields of [
      ...stateOnTheWay.map((state) => ({ state })),
      ...fabricOnTheWay
        .filter((word) => word !== 'unknown')
        .map((fabricState) => ({ fabricState })),
      { state: 'running', result: 'Uncertain' },
    ]) {
      const judge = new Judge(outage);
      for (let now = 0; now < 24 * 3_600_000; now += 600_000)
        expect(take(judge, now, fields).verdict).toBeUndefined();
    }
  });

  test('404 for 60 s is missing; one reading in between starts the time anew', () => {
    const judge = new Judge(outage);
    expect(judge.missing(0)).toBe(false);
    expect(judge.missing(59_999)).toBe(false);
    expect(judge.missing(60_000)).toBe(true);
    expect(take(judge, 62_000, { state: 'running' }).verdict).toBeUndefined();
    expect(judge.missing(64_000)).toBe(false);
    expect(judge.missing(123_999)).toBe(false);
    expect(judge.missing(124_000)).toBe(true);
  });

  test('whatever the history, green needs the proof in the last reading, and nothing against it', () => {
    const word = fc.option(fc.constantFrom(...words), { nil: undefined });
    const reading = fc.record({
      state: word,
      result: word,
      fabricState: word,
      wait: fc.constantFrom(0, 2_000, 15_000, 60_000, 3_600_000),
      life: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(reading, { maxLength: 12 }), (readings) => {
        const judge = new Judge(outage);
        let now = 0;
        for (const { state, result, fabricState, wait, life } of readings) {
          now += wait;
          const { verdict } = take(judge, now, { state, result, fabricState }, life);
          if (verdict?.result !== 'Succeeded') continue;
          const all = [
            meant('state', state),
            meant('result', result),
            meant('fabric', fabricState),
          ];
          expect(all).toContain('success');
          expect(all).not.toContain('failure');
          expect(all).not.toContain('cancel');
          expect(all).not.toContain('expired');
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
