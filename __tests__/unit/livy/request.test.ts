import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { batchBody, nonceDigits, type BatchPlan } from '../../../src/livy/request.ts';

const run = {
  serverUrl: 'https://github.com',
  repository: 'owner/repo',
  workflow: 'nightly',
  runId: '4711',
  attempt: '2',
  runKey: 'job/step/null/0',
};
const nonce = '0123456789abcdef0123456789abcdef';
const file = 'abfss://w@onelake.dfs.fabric.microsoft.com/l/Files/.github/one/job.py';
const plan: BatchPlan = { name: 'a job', file, args: ['a', 'b'], conf: { 'spark.x': '1' } };
const contents = new Map([[file, 'a'.repeat(64)]]);
const hexNonce = fc
  .array(fc.constantFrom(...Array.from('0123456789abcdef')), { minLength: 32, maxLength: 32 })
  .map((digits) => digits.join(''));

describe('the body of a submit', () => {
  test('carries the tags of rule 2, all of them texts', () => {
    const { tags } = batchBody(plan, nonce, run, contents);
    expect(tags).toMatchObject({
      submission: nonce,
      attempt: '2',
      repository: 'owner/repo',
      'run-id': '4711',
    });
    expect(tags['lineage']).toMatch(/^\S{16,}$/);
    expect(tags['fingerprint']).toMatch(/^\S{16,}$/);
    for (const value of Object.values(tags)) expect(typeof value).toBe('string');
  });

  test('the name ends with 12 digits of the nonce', () => {
    fc.assert(
      fc.property(hexNonce, fc.string({ maxLength: 400 }), (anyNonce, name) => {
        const digits = nonceDigits(anyNonce);
        expect(digits).toMatch(/^[0-9a-f]{12}$/);
        expect(anyNonce).toContain(digits);
        const body = batchBody({ ...plan, name }, anyNonce, run, contents);
        expect(body.name.endsWith(digits)).toBe(true);
      }),
    );
  });

  test('holds what was planned and nothing that was not asked for', () => {
    const bare = batchBody({ name: 'n', file }, nonce, run, contents);
    expect(Object.keys(bare).sort()).toEqual(['file', 'name', 'tags']);
    const { args, conf, file: sent } = batchBody(plan, nonce, run, contents);
    expect({ args, conf, sent }).toEqual({
      args: ['a', 'b'],
      conf: { 'spark.x': '1' },
      sent: file,
    });
  });

  test('the nonce is in nothing but the submission tag and the name', () => {
    const { tags, name, ...rest } = batchBody(plan, nonce, run, contents);
    const { submission, ...otherTags } = tags;
    expect(submission).toBe(nonce);
    expect(name).toContain('a job');
    expect(JSON.stringify([rest, otherTags])).not.toContain(nonceDigits(nonce));
  });
});

const tag = (
  name: string,
  change: Partial<BatchPlan> = {},
  hashes = contents,
): string | undefined => batchBody({ ...plan, ...change }, nonce, run, hashes).tags[name];

describe('the fingerprint', () => {
  test('is the same for the same contents under another URI and another nonce', () => {
    const other = file.replace('/one/', '/two/');
    const moved = batchBody(
      { ...plan, file: other },
      'f'.repeat(32),
      run,
      new Map([[other, 'a'.repeat(64)]]),
    );
    expect(moved.tags['fingerprint']).toBe(tag('fingerprint'));
  });

  test('is the same in another attempt', () => {
    const later = batchBody(plan, nonce, { ...run, attempt: '3' }, contents);
    expect(later.tags['fingerprint']).toBe(tag('fingerprint'));
  });

  test.each<[string, Partial<BatchPlan>]>([
    ['args', { args: ['a', 'c'] }],
    ['args joined', { args: ['a b'] }],
    ['the order of args', { args: ['b', 'a'] }],
    ['one arg more', { args: ['a', 'b', ''] }],
    ['a value of conf', { conf: { 'spark.x': '2' } }],
    ['a key of conf', { conf: { 'spark.y': '1' } }],
    ['no conf', { conf: {} }],
    ['className', { className: 'a.B' }],
    ['driverCores', { driverCores: 4 }],
    ['driverMemory', { driverMemory: '28g' }],
    ['executorCores', { executorCores: 4 }],
    ['executorMemory', { executorMemory: '28g' }],
    ['numExecutors', { numExecutors: 4 }],
    ['a file that is not ours', { file: 'abfss://w@h/l/Files/other.py' }],
  ])('is another with another request: %s', (_, change) => {
    expect(tag('fingerprint', change)).not.toBe(tag('fingerprint'));
  });

  test('is another with other contents under the same URI', () => {
    expect(tag('fingerprint', {}, new Map([[file, 'b'.repeat(64)]]))).not.toBe(tag('fingerprint'));
  });

  test('two different lists of args never share one', () => {
    const args = fc.array(fc.string(), { maxLength: 4 });
    fc.assert(
      fc.property(args, args, (a, b) => {
        fc.pre(JSON.stringify(a) !== JSON.stringify(b));
        expect(tag('fingerprint', { args: a })).not.toBe(tag('fingerprint', { args: b }));
      }),
    );
  });
});

describe('the lineage', () => {
  const lineage = (change: Partial<typeof run>): string | undefined =>
    batchBody(plan, nonce, { ...run, ...change }, contents).tags['lineage'];

  test('is the same for every attempt and request of a call, and another for another call', () => {
    expect(lineage({ attempt: '9' })).toBe(lineage({}));
    expect(tag('lineage', { args: [] })).toBe(lineage({}));
    for (const change of [
      { serverUrl: 'https://ghe.example' },
      { repository: 'owner/other' },
      { workflow: 'daily' },
      { runId: '4712' },
      { runKey: 'job/step/null/1' },
    ])
      expect(lineage(change)).not.toBe(lineage({}));
  });

  test('does not run its parts together', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 2 }), fc.string(), fc.nat(), (workflow, runKey, at) => {
        const cut = 1 + (at % (workflow.length - 1));
        fc.pre(workflow !== workflow.slice(0, cut));
        expect(
          lineage({ workflow: workflow.slice(0, cut), runKey: workflow.slice(cut) + runKey }),
        ).not.toBe(lineage({ workflow, runKey }));
      }),
    );
  });
});
