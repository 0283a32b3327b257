import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { batchBody, filled, fingerprintOf } from '../../../src/livy/request.ts';

const words = { submission: 'a'.repeat(32), runId: '4711', attempt: '2' };
const run = {
  serverUrl: 'https://github.com',
  repository: 'octo/orders',
  workflow: 'nightly',
  runId: '4711',
  attempt: '2',
  runKey: 'job',
};

test('each of the three words is replaced wherever it stands', () => {
  expect(filled('x/{submission}/{run-id}-{attempt}-{attempt}', words)).toBe(
    `x/${words.submission}/4711-2-2`,
  );
});

test('any other text stays, whatever braces it has', () => {
  const other = fc.string().filter((text) => !/\{(submission|run-id|attempt)\}/.test(text));
  fc.assert(fc.property(other, (text) => expect(filled(text, words)).toBe(text)));
});

test('what was put in is not read again', () => {
  const odd = { submission: '{run-id}', runId: '{attempt}', attempt: '{submission}' };
  expect(filled('{submission}{run-id}{attempt}', odd)).toBe('{run-id}{attempt}{submission}');
});

test('args and values of conf are filled, keys and the rest are not', () => {
  const plan = {
    name: '{attempt}',
    file: 'abfss://w@h/l/Files/{attempt}.py',
    args: ['{submission}', '--n={attempt}'],
    conf: { 'spark.{attempt}': '{run-id}' },
  };
  expect(batchBody(plan, words.submission, run, new Map())).toMatchObject({
    file: 'abfss://w@h/l/Files/{attempt}.py',
    args: [words.submission, '--n=2'],
    conf: { 'spark.{attempt}': '4711' },
  });
});

test('the fingerprint is of the request as it was written', () => {
  const plan = { name: 'n', file: 'f', args: ['{submission}', '{attempt}'] };
  const tags = (nonce: string, attempt: string): string | undefined =>
    batchBody(plan, nonce, { ...run, attempt }, new Map()).tags['fingerprint'];
  expect(tags('a'.repeat(32), '1')).toBe(tags('b'.repeat(32), '2'));
  expect(tags('a'.repeat(32), '1')).toBe(fingerprintOf(plan, new Map()));
});

test('only a batch that nobody waits for is marked as detached', () => {
  const plan = { name: 'n', file: 'f' };
  expect(batchBody(plan, words.submission, run, new Map()).tags).not.toHaveProperty('detached');
  expect(
    batchBody(plan, words.submission, run, new Map(), { detached: true }).tags['detached'],
  ).toBe('true');
});
