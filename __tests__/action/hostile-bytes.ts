/** Bytes of a driver log that are no good text, and the ways in which lines end. */

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** What UTF-8 forbids, each between two letters. */
const broken: readonly (readonly number[])[] = [
  [0x80],
  [0xbf, 0xbf, 0xbf, 0xbf],
  [0xfe, 0xff],
  [0xc0, 0xba, 0xc0, 0xba], // `::`, overlong
  [0xc0, 0x8a, 0x3a, 0x3a], // a line feed, overlong, before `::`
  [0xe0, 0x80, 0xba],
  [0xf0, 0x80, 0x80, 0x8d],
  [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80], // U+1F600 as two surrogates (CESU-8)
  [0xed, 0xa0, 0xbd],
  [0xed, 0xb8, 0x80],
  [0xf4, 0x90, 0x80, 0x80],
  [0xf8, 0x88, 0x80, 0x80, 0x80],
  [0xfc, 0x84, 0x80, 0x80, 0x80, 0x80],
  [0xef, 0xbf, 0xbe],
  [0xf4, 0x8f, 0xbf, 0xbf],
  [0xef, 0xbb, 0xbf],
  [0xef, 0xbb],
];

/** Characters of two, three and four bytes, cut after each byte; before text, a command, nothing. */
function cutCharacters(): Uint8Array[] {
  return ['é', '€', '\u{1f600}', '\ufeff'].flatMap((character) => {
    const whole = utf8(character);
    return Array.from(whole.keys()).flatMap((length) =>
      ['', 'é', '::error::pwned', '\r::error::pwned'].map((rest) =>
        join([whole.subarray(0, length), utf8(rest)]),
      ),
    );
  });
}

export function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Lines, without their ends, whose bytes are no good text. */
export const brokenLines: readonly Uint8Array[] = [
  ...broken.flatMap((bytes) => [
    join([utf8('a'), Uint8Array.from(bytes), utf8('b')]),
    join([Uint8Array.from(bytes), utf8('::error::pwned')]),
    Uint8Array.from(bytes),
  ]),
  ...cutCharacters(),
  ...[
    '\u0000',
    '\u0000\u0000::error::pwned',
    '\ufeff',
    '\ufeff::debug::pwned',
    'a\u2028::error::pwned',
  ],
  ...[
    'a\u2029b',
    '\u200f\u202egnp.exe',
    '\r',
    '\r\r\r',
    '\u001b',
    '\u001b[',
    '\u001b]0;no end',
    '\t\t',
  ],
].map((line) => (typeof line === 'string' ? utf8(line) : line));

/** One line after another, with ends of every kind in turn. */
export function asLog(lines: readonly (string | Uint8Array)[]): Uint8Array {
  const ends = ['\n', '\r\n', '\n\n', '\n', '\r\r\n', '\n\r\n'];
  return join(
    lines.flatMap((line, index) => [
      typeof line === 'string' ? utf8(line) : line,
      utf8(ends[index % ends.length] ?? '\n'),
    ]),
  );
}

/** Lines of a megabyte: plain, of commands, of characters of four bytes, redrawn, and of broken ones. */
export function longLines(): Uint8Array[] {
  const megabyte = 1_048_576;
  const filled = (text: string): Uint8Array => {
    const unit = utf8(text);
    const line = new Uint8Array(Math.floor(megabyte / unit.length) * unit.length);
    for (let at = 0; at < line.length; at += unit.length) line.set(unit, at);
    return line;
  };
  return [
    filled('x'),
    filled('::error::pwned '),
    filled('\u{1f600}'),
    filled('\r 7 % ::debug::pwned'),
    filled('##[add-mask]é\u0000'),
  ];
}

/** One part of so many short lines, every 50th of them a command. */
export function flood(part: number, parts: number, lineCount: number): Uint8Array {
  const count = lineCount / parts;
  const lines = Array.from({ length: count }, (_, index) => {
    const number = part * count + index;
    return number % 50 === 0 ? `::error::pwned ${number}\n` : `row ${number}\n`;
  });
  return utf8(lines.join(''));
}

/** The first place at which two lists differ, with a little of what stands there; or nothing. */
export function firstDifference(
  shown: readonly string[],
  expected: readonly string[],
): { at: number; shown: string; expected: string } | undefined {
  const at = Array.from({ length: Math.max(shown.length, expected.length) }).findIndex(
    (_, index) => shown[index] !== expected[index],
  );
  if (at < 0) return undefined;
  const excerpt = (text: string | undefined): string => JSON.stringify(text ?? null).slice(0, 200);
  return { at, shown: excerpt(shown[at]), expected: excerpt(expected[at]) };
}
