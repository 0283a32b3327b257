import { execFileSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { retryAt } from '../../../src/http/retry-after.ts';

const now = Date.UTC(2026, 3, 17, 0, 0, 0);
const header = (value: string): number | undefined => retryAt({ 'retry-after': value }, '', now);

describe('Retry-After', () => {
  test('in seconds', () => {
    expect(header('30')).toBe(now + 30_000);
    expect(header('0')).toBe(now);
    expect(header(' 5 ')).toBe(now + 5_000);
  });

  test('as an HTTP date', () => {
    expect(header('Fri, 17 Apr 2026 00:01:00 GMT')).toBe(now + 60_000);
  });

  test('that says nothing is absent', () => {
    for (const value of ['', 'soon', 'NaN', 'Infinity', '-', '1h'])
      expect(header(value)).toBeUndefined();
    expect(retryAt({}, '', now)).toBeUndefined();
  });

  test('is read before the text', () => {
    expect(retryAt({ 'retry-after': '30' }, 'until: 4/17/2026 12:22:35 PM (UTC)', now)).toBe(
      now + 30_000,
    );
  });
});

describe('the text of RequestBlocked', () => {
  test.each([
    ['until: 4/17/2026 12:22:35 PM (UTC)', Date.UTC(2026, 3, 17, 12, 22, 35)],
    ['until: 4/17/2026 12:02:05 AM (UTC)', Date.UTC(2026, 3, 17, 0, 2, 5)],
    ['until: 12/1/2026 1:02:03 PM (UTC)', Date.UTC(2026, 11, 1, 13, 2, 3)],
    ['until: 12/31/2026 11:59:59 PM (UTC)', Date.UTC(2026, 11, 31, 23, 59, 59)],
  ])('%s', (text, at) => {
    const body = `{"errorCode":"RequestBlocked","message":"Request is blocked by the upstream service ${text}"}`;
    expect(retryAt({}, body, now)).toBe(at);
  });

  test('every minute of a day is read as it was written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 24 * 3_600 - 1 }), (second) => {
        const at = Date.UTC(2026, 3, 18) + second * 1_000;
        const date = new Date(at);
        const hour = date.getUTCHours();
        const two = (value: number): string => String(value).padStart(2, '0');
        const text = `until: 4/18/2026 ${hour % 12 || 12}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} ${hour < 12 ? 'AM' : 'PM'} (UTC)`;
        expect(retryAt({}, text, now)).toBe(at);
      }),
    );
  });

  test.each(['America/New_York', 'Asia/Kolkata'])('is UTC also on a runner in %s', (TZ) => {
    const module = new URL('../../../src/http/retry-after.ts', import.meta.url).href;
    const script = `import { retryAt } from '${module}';
      process.stdout.write(String(retryAt({}, 'until: 4/17/2026 12:22:35 PM (UTC)', 0)));`;
    const args = ['--no-warnings', '--input-type=module', '--eval', script];
    const told = execFileSync(process.execPath, args, { env: { ...process.env, TZ } });
    expect(Number(told)).toBe(Date.UTC(2026, 3, 17, 12, 22, 35));
  });

  test('that is no time is absent', () => {
    for (const text of ['until: tomorrow', 'until: 99/99/2026 12:22:35 PM (UTC)', 'until: ', '{}'])
      expect(retryAt({}, text, now)).toBeUndefined();
  });
});

test('whatever header and body: a time, or absent', () => {
  const value = fc.oneof(
    fc.string(),
    fc.integer().map(String),
    fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
  );
  fc.assert(
    fc.property(value, fc.string(), (retryAfter, body) => {
      const at = retryAt({ 'retry-after': retryAfter }, body, now);
      expect(at === undefined || Number.isFinite(at)).toBe(true);
    }),
  );
});
