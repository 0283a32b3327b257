import { describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { Redactor } from '../../../src/log/redactor.ts';
import { chunks } from '../cuts.ts';

function redacted(parts: readonly Uint8Array[], secrets: readonly string[]): string {
  const redactor = new Redactor(() => secrets);
  return Buffer.concat([...parts.map((part) => redactor.push(part)), redactor.end()]).toString(
    'latin1',
  );
}

/** Few letters, so that secrets and their beginnings come up all the time. */
const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 2, maxLength: 6 });
/** Small cuts: most secrets lie over one. */
const cuts = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 });
const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '\n'), maxLength: 80 });

describe('the redactor', () => {
  test('replaces a secret, also where the chunks cut it', () => {
    const log = Buffer.from('before s3cr3t-value after s3cr3t');
    for (const size of [1, 2, 3, 7, 100])
      expect(redacted(chunks(log, [size]), ['s3cr3t-value'])).toBe('before *** after s3cr3t');
  });

  test('lets bytes through as they are where there is no secret', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), cuts, (bytes, sizes) => {
        expect(redacted(chunks(bytes, sizes), ['not in there, surely'])).toBe(
          Buffer.from(bytes).toString('latin1'),
        );
        expect(redacted(chunks(bytes, sizes), [])).toBe(Buffer.from(bytes).toString('latin1'));
      }),
    );
  });

  test('an empty secret replaces nothing', () => {
    expect(redacted([Buffer.from('abc')], [''])).toBe('abc');
  });

  test('one secret: equals replacing in the whole, for any cuts', () => {
    fc.assert(
      fc.property(text, letters, cuts, (log, secret, sizes) => {
        expect(redacted(chunks(Buffer.from(log), sizes), [secret])).toBe(
          log.replaceAll(secret, '***'),
        );
      }),
      { numRuns: 2_000 },
    );
  });

  test('many secrets: none is left, and the cuts make no difference', () => {
    fc.assert(
      fc.property(
        text,
        fc.array(letters, { minLength: 1, maxLength: 4 }),
        cuts,
        (log, secrets, sizes) => {
          const clean = redacted(chunks(Buffer.from(log), sizes), secrets);
          for (const secret of secrets) expect(clean).not.toContain(secret);
          expect(clean).toBe(redacted([Buffer.from(log)], secrets));
        },
      ),
      { numRuns: 3_000 },
    );
  });

  test('a secret that begins with another is replaced whole', () => {
    expect(redacted([Buffer.from('abcd abc')], ['abc', 'abcd'])).toBe('*** ***');
    expect(redacted(chunks(Buffer.from('abcd abc'), [1]), ['abc', 'abcd'])).toBe('*** ***');
  });

  test('secrets of several bytes a character are found', () => {
    const log = Buffer.from('x pässwörd😀 y');
    expect(redacted(chunks(log, [1]), ['pässwörd😀'])).toBe('x *** y');
  });

  test('secrets that are learned later count from then on', () => {
    let secrets = ['first-token'];
    const redactor = new Redactor(() => secrets);
    const early = redactor.push(Buffer.from('first-token '));
    secrets = ['first-token', 'second-token'];
    const late = redactor.push(Buffer.from('second-token first-token'));
    expect(Buffer.concat([early, late, redactor.end()]).toString()).toBe('*** *** ***');
  });

  test('holds back less than the longest secret', () => {
    const redactor = new Redactor(() => ['0123456789']);
    const log = Buffer.from('x'.repeat(50) + '012345678');
    expect(redactor.push(log).length).toBeGreaterThanOrEqual(log.length - 9);
    expect(redactor.push(Buffer.from('x')).toString()).toBe('012345678x');
  });

  test('a stream that is cut inside a secret shows no more than its first few bytes', () => {
    const secret = 's3cret~7d2eac71cc48e94d';
    expect(redacted([Buffer.from(`with ${secret.slice(0, 20)}`)], [secret])).toBe('with ***');
    expect(redacted([Buffer.from(`with ${secret.slice(0, 8)}`)], [secret])).toBe('with ***');
    expect(redacted([Buffer.from('it is')], [secret])).toBe('it is');
    expect(redacted([Buffer.from(`${secret} ${secret.slice(0, 12)}`)], [secret])).toBe('*** ***');
  });

  test('passes once over the bytes for each secret, however often one of them stands there', () => {
    const log = Buffer.from('a line with s3cr3t-value in it\n'.repeat(2_000));
    const search = jest.spyOn(Buffer.prototype, 'indexOf');
    redacted([log], ['s3cr3t-value', 'not in there', 'nor this one']);
    const passed = search.mock.calls.map(([, from], at) => {
      const found: unknown = search.mock.results[at]?.value;
      return (typeof found === 'number' && found >= 0 ? found : log.length) - Number(from ?? 0);
    });
    search.mockRestore();
    const sum = passed.reduce((all, one) => all + one, 0);
    expect(sum).toBeLessThan(20 * log.length);
  });
});
