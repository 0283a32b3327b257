import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { LineDecoder } from '../../../src/log/decoder.ts';
import { LogRecord } from '../../../src/log/record.ts';
import { textsOf } from '../../../src/log/shown-lines.ts';

const folder = mkdtempSync(join(tmpdir(), 'record-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const secret = 'sEcret-of-the-application';

function record(name: string): { log: LogRecord; file: () => string } {
  const path = join(folder, `${name}.log`);
  const log = new LogRecord(
    path,
    () => [secret],
    (thrown) => {
      throw thrown;
    },
  );
  return { log, file: () => readFileSync(path, 'utf8') };
}

describe('the end of a log', () => {
  test('that could begin a secret is held back until the end, and not lost', () => {
    const { log, file } = record('beginning');
    expect(textsOf(log.push(Buffer.from('one\nends with sEcret-')))).toEqual(['one']);
    expect(textsOf(log.end())).toEqual(['ends with sEcret-']);
    expect(file()).toBe('one\nends with sEcret-');
    expect(log.tail).toEqual(['one', 'ends with sEcret-']);
  });

  test('that is a secret is replaced, however it was cut', () => {
    for (const at of [1, 12, secret.length - 1]) {
      const { log, file } = record(`cut-${at}`);
      log.push(Buffer.from(`x ${secret.slice(0, at)}`));
      log.push(Buffer.from(secret.slice(at)));
      expect(textsOf(log.end())).toEqual(['x ***']);
      expect(file()).toBe('x ***');
    }
  });
});

test.each([
  ['short lines', 'x'.repeat(10), 20_000],
  ['long lines', 'x'.repeat(999), 5_000],
])('what is kept of %s is bounded, and is the end', (_, text, count) => {
  const { log } = record(`bounded-${text.length}`);
  for (let line = 0; line < count; line += 100) {
    const numbers = Array.from({ length: 100 }, (_, at) => `${line + at} ${text}\n`);
    log.push(Buffer.from(numbers.join('')));
    expect(log.tail.length).toBeLessThanOrEqual(4_000);
    expect(log.tail.join('').length).toBeLessThanOrEqual(1_000_000);
  }
  expect(log.lines).toBeGreaterThanOrEqual(count);
  expect(log.tail.length).toBeGreaterThan(900);
  expect(log.tail.join('').endsWith(text.slice(-5))).toBe(true);
});

test.each([
  ['progress that is redrawn for long', Buffer.from(`${'50 %\r'.repeat(12_000)}done\n`), 'done'],
  ['a short line before a long one', Buffer.from(`short\n${'x'.repeat(60_000)}`), 'short'],
])('the lines of %s do not keep the chunk that they came in', (_, chunk, shown) => {
  const decoder = new LineDecoder();
  const lines = decoder.push(chunk);
  expect(textsOf(lines)).toEqual([shown]);
  expect(lines.bytes.buffer.byteLength).toBeLessThanOrEqual(2 * lines.bytes.length);
});
