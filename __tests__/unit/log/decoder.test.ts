import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { LineDecoder, longestLine, shownText, wrap } from '../../../src/log/decoder.ts';
import { textsOf } from '../../../src/log/shown-lines.ts';
import { chunks, cuts } from '../cuts.ts';

function linesOf(parts: readonly Uint8Array[]): string[] {
  const decoder = new LineDecoder();
  return [...parts.flatMap((part) => textsOf(decoder.push(part))), ...textsOf(decoder.end())];
}
const shown = (text: string): string[] => linesOf([Buffer.from(text)]);

/** Bytes as a log may hold them: text of all planes, controls, escapes, line ends, and broken UTF-8. */
const piece = fc.oneof(
  fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)),
  fc.string({ unit: 'grapheme' }).map((text) => Buffer.from(text)),
  fc
    .constantFrom(
      '\n',
      '\r\n',
      '\r',
      '\t',
      '\u001b[31m',
      '\u001b]0;t\u0007',
      '\u001b',
      '😀',
      'é',
      '\u2028',
    )
    .map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes)),
);
const bytes = fc.array(piece, { maxLength: 20 }).map((parts) => Buffer.concat(parts));

// eslint-disable-next-line no-control-regex
const control = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028\u2029]/;
/** Half of a surrogate pair. */
const half = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

describe('lines', () => {
  test('are what stands between line feeds; the last one may have none', () => {
    expect(shown('a\n\nb\n')).toEqual(['a', '', 'b']);
    expect(shown('a\nb')).toEqual(['a', 'b']);
    expect(shown('')).toEqual([]);
    expect(shown('a\r\nb\r\n')).toEqual(['a', 'b']);
  });

  test('come out as soon as they are whole', () => {
    const decoder = new LineDecoder();
    expect(textsOf(decoder.push(Buffer.from('one\ntw')))).toEqual(['one']);
    expect(textsOf(decoder.push(Buffer.from('o\n')))).toEqual(['two']);
    expect(textsOf(decoder.end())).toEqual([]);
  });

  test('show the last state of a progress bar', () => {
    expect(shown('10%\r20%\r30%\n')).toEqual(['30%']);
    expect(shown('10%\r20%\r30%\r\n')).toEqual(['30%']);
  });

  test('lose escape sequences whole, and control characters but the tab', () => {
    expect(shown('\u001b[1;31mred\u001b[0m\tx\n')).toEqual(['red\tx']);
    expect(shown('\u001b]8;;https://e.example\u0007link\u001b]8;;\u0007\n')).toEqual(['link']);
    expect(shown('\u001b]0;title\u001b\\x\u0000\u0007y\u007fz\u009b2K\n')).toEqual(['xyz']);
  });

  test('show a broken sequence as U+FFFD and never split a character', () => {
    expect(linesOf([Buffer.from([0x61, 0xc3, 0x0a])])).toEqual(['a\ufffd']);
    const smile = Buffer.from('x😀é\n');
    expect(linesOf(chunks(smile, [1]))).toEqual(['x😀é']);
  });

  test('are the same however the bytes are cut', () => {
    fc.assert(
      fc.property(bytes, cuts, (log, sizes) => {
        expect(linesOf(chunks(log, sizes))).toEqual(linesOf([log]));
      }),
      { numRuns: 2_000 },
    );
  });

  test('hold no control characters, no halves of a pair, and no more than the longest line', () => {
    fc.assert(
      fc.property(bytes, (log) => {
        for (const line of linesOf([log])) {
          expect(line).not.toMatch(control);
          expect(line).not.toMatch(half);
          expect(line.length).toBeLessThanOrEqual(longestLine);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test('of plain text are the text itself', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'ö', '漢', '😀', ' ', '\t', ':') });
    fc.assert(
      fc.property(fc.array(word, { maxLength: 8 }), (lines) => {
        expect(shown(lines.map((line) => `${line}\n`).join(''))).toEqual(lines);
      }),
    );
  });
});

describe('a very long line', () => {
  test('is wrapped, with nothing lost', () => {
    const text = `${'abc漢😀'.repeat(3_000)}end`;
    const lines = shown(`${text}\n`);
    expect(lines.join('')).toBe(text);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(longestLine);
    expect(Math.max(...lines.map((line) => line.length))).toBeGreaterThan(longestLine - 3);
  });

  test('is wrapped at every length', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 3 }),
        fc.integer({ min: 0, max: 2_600 }),
        (pad, count) => {
          const text = `${'x'.repeat(pad)}${'😀'.repeat(count)}`;
          const parts = wrap(text);
          expect(parts.join('')).toBe(text);
          for (const part of parts) {
            expect(part).not.toMatch(half);
            expect(part.length).toBeLessThanOrEqual(longestLine);
          }
        },
      ),
    );
    expect(wrap('')).toEqual(['']);
  });

  test.each([
    ['letters', 'abcdefghij'],
    ['characters of several bytes', 'aé漢😀'],
    ['colours', '\u001b[31mred\u001b[0m'],
    ['a progress bar', '[=====>   ] 42 %\r'],
  ])('of %s, longer than the memory for one, is the same however it is cut', (_, unit) => {
    const log = Buffer.from(`${unit.repeat(Math.ceil(700_000 / Buffer.byteLength(unit)))}\nnext\n`);
    const whole = linesOf([log]);
    expect(whole.at(-1)).toBe('next');
    expect(whole.some((line) => line.includes('\ufffd'))).toBe(false);
    // By counts and digests: the lines themselves would drown the report.
    const digest = (lines: readonly string[]) => ({
      lines: lines.length,
      hash: createHash('sha256').update(lines.join('\n')).digest('hex'),
    });
    for (const size of [1_000, 65_536, 99_991, 262_144, 300_001])
      expect({ size, ...digest(linesOf(chunks(log, [size]))) }).toEqual({ size, ...digest(whole) });
  });
});

test('shownText is what a line shows before it is wrapped', () => {
  const line = `\u001b[31m${'x'.repeat(2_500)}\u001b[0m`;
  expect(shownText(line)).toBe('x'.repeat(2_500));
  expect(shown(`${line}\n`).join('')).toBe(shownText(line));
});

test('a line without an end is cut between characters, wherever these lie', () => {
  for (let shift = 0; shift < 4; shift += 1) {
    const line = 'x'.repeat(shift) + '😀'.repeat(70_000);
    const [whole, bytewise] = [shown(line), linesOf(chunks(Buffer.from(line), [60_001]))];
    expect(whole.join('')).toBe(line);
    expect(bytewise).toEqual(whole);
  }
});
