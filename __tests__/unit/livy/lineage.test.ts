import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { earlierBatch, ofLowerAttempts, type OwnLineage } from '../../../src/livy/lineage.ts';
import type { KnownBatch } from '../../../src/livy/search.ts';
import { batchStatus } from '../../../src/livy/status.ts';

const own: OwnLineage = {
  lineage: 'of this call',
  attempt: 3,
  fingerprint: 'of this request',
  submitterId: 'me',
};

type Given = Partial<Record<'id' | 'state' | 'submitterId', string>> & {
  tags?: Record<string, string>;
};

function batch({ tags = {}, ...given }: Given = {}): KnownBatch {
  const body = { id: 'b1', state: 'running', submitterId: 'me', ...given };
  const known = { lineage: own.lineage, attempt: '2', fingerprint: own.fingerprint, ...tags };
  return { ...batchStatus({ ...body, tags: known }), id: body.id };
}

describe('batches of lower attempts', () => {
  test('have the lineage and a lower attempt', () => {
    const all = [
      batch({ id: 'first', tags: { attempt: '1' } }),
      batch({ id: 'second' }),
      batch({ id: 'same attempt', tags: { attempt: '3' } }),
      batch({ id: 'higher attempt', tags: { attempt: '4' } }),
      batch({ id: 'no attempt', tags: { attempt: '' } }),
      batch({ id: 'odd attempt', tags: { attempt: '1.5' } }),
      batch({ id: 'another call', tags: { lineage: 'another' } }),
    ];
    expect(ofLowerAttempts(all, own).map(({ id }) => id)).toEqual(['first', 'second']);
  });

  test('without tags are none of ours', () => {
    expect(ofLowerAttempts([batchStatus({ id: 'b', state: 'running' })], own)).toEqual([]);
  });
});

const words = ['attach-if-running', 'attach', 'new'] as const;
const over = ['dead', 'killed', 'error'];

describe('on-rerun', () => {
  test('attaches to the one that is active and the same', () => {
    for (const word of ['attach-if-running', 'attach'] as const)
      expect(earlierBatch([batch()], own, word)).toMatchObject({ kind: 'attach' });
  });

  test('waits for the end of one that is being cancelled, whatever it is', () => {
    const ending = { ...batch({ tags: { fingerprint: 'another' } }), fabricState: 'cancelling' };
    for (const word of ['attach-if-running', 'attach'] as const)
      expect(earlierBatch([ending], own, word)).toMatchObject({ kind: 'ending' });
    expect(earlierBatch([ending], own, 'new')).toMatchObject({ kind: 'cancel' });
    expect(earlierBatch([{ ...ending, state: 'killed' }], own, 'attach')).toEqual({ kind: 'none' });
  });

  test('new cancels what is active, whatever it is', () => {
    const other = batch({ submitterId: 'another', tags: { fingerprint: 'another' } });
    expect(earlierBatch([other], own, 'new')).toMatchObject({ kind: 'cancel' });
  });

  test('attach alone takes one that succeeded', () => {
    const done = batch({ state: 'success' });
    expect(earlierBatch([done], own, 'attach')).toMatchObject({ kind: 'attach' });
    for (const word of ['attach-if-running', 'new'] as const)
      expect(earlierBatch([done], own, word)).toEqual({ kind: 'none' });
  });

  test('one that succeeded with other work is passed over', () => {
    const done = batch({ state: 'success', tags: { fingerprint: 'another' } });
    expect(earlierBatch([done], own, 'attach')).toEqual({ kind: 'none' });
  });

  test('what failed or was cancelled is passed over', () => {
    for (const word of words)
      for (const state of over)
        expect(earlierBatch([batch({ state })], own, word)).toEqual({ kind: 'none' });
  });

  test('one that is active and other work is refused, with each reason', () => {
    const other = batch({ submitterId: 'another', tags: { fingerprint: 'another' } });
    const found = earlierBatch([other], own, 'attach-if-running');
    expect(found).toMatchObject({
      kind: 'differs',
      why: [expect.stringContaining('request'), expect.stringContaining('identity')],
    });
  });

  test('an identity that is not told on either side is not the same', () => {
    const nobody = batchStatus({ state: 'running', tags: batch().tags });
    expect(earlierBatch([{ ...nobody, id: 'b' }], own, 'attach')).toMatchObject({
      kind: 'differs',
    });
    const unknown = { ...own, submitterId: undefined };
    expect(earlierBatch([batch()], unknown, 'attach')).toMatchObject({ kind: 'differs' });
    expect(earlierBatch([{ ...nobody, id: 'b' }], unknown, 'attach')).toMatchObject({
      kind: 'differs',
    });
  });

  test('never takes one of several active ones', () => {
    const state = fc.constantFrom('running', 'starting', 'not_started', 'busy', 'unheard-of');
    fc.assert(
      fc.property(
        fc.array(state, { minLength: 2, maxLength: 5 }),
        fc.constantFrom(...words),
        (states, word) => {
          const several = states.map((each, index) => batch({ id: `b${index}`, state: each }));
          expect(earlierBatch(several, own, word)).toEqual({ kind: 'ambiguous', batches: several });
        },
      ),
    );
  });

  test('a batch whose word nobody knows counts as active', () => {
    expect(earlierBatch([batch({ state: 'unheard-of' })], own, 'new')).toMatchObject({
      kind: 'cancel',
    });
  });
});
