import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { batchPage, batchStatus, stateWords } from '../../../src/livy/status.ts';

const full = {
  id: '3f6c2f5e-7d1e-4f0e-9f57-0d9a4b4dbf11',
  name: 'job',
  appId: 'application_1_2',
  state: 'dead',
  result: 'Failed',
  cancellationReason: 'someone asked',
  errorInfo: [{ message: 'first', errorCode: 'E1', source: 'User' }, { message: 'second' }],
  log: ['stdout: ', 'last words'],
  tags: { submission: 'n', attempt: '1' },
  livyInfo: { runningAt: '2026-11-02T08:00:00Z', deadAt: '2026-11-02T08:01:00Z' },
  fabricBatchStateInfo: { state: 'error', errorMessage: 'no room' },
};

/** JSON whose objects have the names of a batch's fields and values of any type. */
const fieldNames = [
  ...Object.keys(full),
  ...['message', 'errorMessage', 'runningAt', 'currentState', 'items', 'totalCountOfMatchedItems'],
];
const nearly = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(null, true, 0, -1, 1e300, '', 'x', '2026-11-02T08:00:00Z', '__proto__'),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...fieldNames), tie('value'), { maxKeys: 6 }),
  ),
})).value;
const anything = fc.oneof(fc.jsonValue(), nearly);

describe('the status of a batch', () => {
  test('reads every field of the swagger', () => {
    expect(batchStatus(full)).toMatchObject({
      id: full.id,
      name: 'job',
      appId: 'application_1_2',
      state: 'dead',
      result: 'Failed',
      fabricState: 'error',
      log: ['stdout: ', 'last words'],
      tags: { submission: 'n', attempt: '1' },
      runningAt: Date.UTC(2026, 10, 2, 8, 0, 0),
      endedAt: Date.UTC(2026, 10, 2, 8, 1, 0),
    });
  });

  test('gathers what is said of a failure, Fabric first', () => {
    const { messages } = batchStatus(full);
    expect(messages[0]).toBe('no room');
    for (const text of ['someone asked', 'first', 'second'])
      expect(messages.join('\n')).toContain(text);
  });

  test.each([
    ['successAt', 'livyInfo'],
    ['deadAt', 'livyInfo'],
    ['killedAt', 'livyInfo'],
    ['endedAt', 'schedulerInfo'],
  ])('knows the end by %s of %s', (name, where) => {
    expect(batchStatus({ [where]: { [name]: '2026-11-02T08:01:00Z' } }).endedAt).toBe(
      Date.UTC(2026, 10, 2, 8, 1, 0),
    );
  });

  test('takes only an id as a batch of which nothing is known', () => {
    const bare = batchStatus({ id: 'x' });
    expect(bare).toMatchObject({ id: 'x', messages: [], log: [], tags: {} });
    for (const value of [bare.state, bare.result, bare.fabricState, bare.appId, bare.endedAt])
      expect(value).toBeUndefined();
  });

  test('never throws and keeps its types, whatever the body', () => {
    fc.assert(
      fc.property(anything, (body) => {
        const status = batchStatus(body);
        for (const text of [
          status.id,
          status.name,
          status.appId,
          status.state,
          status.result,
          status.fabricState,
        ])
          expect(['string', 'undefined']).toContain(typeof text);
        for (const text of [...status.messages, ...status.log, ...Object.values(status.tags)])
          expect(typeof text).toBe('string');
        for (const time of [status.runningAt, status.endedAt])
          expect(time === undefined || Number.isFinite(time)).toBe(true);
        expect(typeof stateWords(status)).toBe('string');
      }),
      { numRuns: 2_000 },
    );
  });

  test('fields of another type count as absent', () => {
    const wrong = batchStatus({
      id: {},
      name: [],
      appId: null,
      state: true,
      result: [],
      log: 'text',
      tags: ['a'],
      errorInfo: { message: 'x' },
      livyInfo: 7,
      fabricBatchStateInfo: 'error',
    });
    expect(wrong).toMatchObject({ messages: [], log: [], tags: {} });
    for (const value of [wrong.id, wrong.name, wrong.appId, wrong.state, wrong.result])
      expect(value).toBeUndefined();
    expect(wrong.fabricState).toBeUndefined();
  });

  test('an id of Apache Livy is a number, also 0', () => {
    expect(batchStatus({ id: 0 }).id).toBe('0');
    expect(batchStatus({ id: 17 }).id).toBe('17');
  });
});

describe('a page of the list', () => {
  test('gives its items and the count', () => {
    expect(batchPage({ items: [full, { id: 'y' }], totalCountOfMatchedItems: 7 })).toMatchObject({
      items: [{ id: full.id }, { id: 'y' }],
      total: 7,
    });
    expect(batchPage({ items: [] })).toEqual({ items: [], total: undefined });
  });

  test('is none when it has no items, and never throws', () => {
    for (const body of [undefined, null, [], 'text', {}, { items: 'x' }])
      expect(batchPage(body)).toBeUndefined();
    fc.assert(
      fc.property(anything, (body) => {
        const page = batchPage(body);
        for (const item of page?.items ?? []) expect(Array.isArray(item.messages)).toBe(true);
      }),
    );
  });
});
