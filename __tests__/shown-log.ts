/**
 * The shown log as a function of the bytes, written again from the documented rules (design, rule 5;
 * the comment at the head of src/log/decoder.ts) and by another method: byte by byte and character by
 * character, without a regular expression, a TextDecoder or a Buffer.
 *
 * Where those rules are silent this says what the code did when it was written: escape sequences go
 * before the last state is looked for, so one alone is no state; `ESC ]` without an end hides the rest
 * of its line; of `ESC ( B` and `ESC 7` only the ESC goes; U+2028 and U+2029 count as controls; a
 * character is a UTF-16 unit where width is counted; a line of more than 256 KiB is several lines.
 */

/** A line of more characters than this is wrapped. */
const widest = 1_000;
/** A line of more bytes than this counts as several lines. */
const longest = 262_144;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const escape = 0x1b;
const bell = 0x07;
const replacement = 0xfffd;

/** Bytes less the secrets, which show as `***`. At one place the longest secret is taken. */
export function lessSecrets(bytes: Uint8Array, secrets: readonly string[]): Uint8Array {
  const needles = secrets.map((secret) => new TextEncoder().encode(secret));
  needles.sort((one, other) => other.length - one.length);
  const firsts = new Set(needles.map((needle) => needle[0]));
  const kept = new Uint8Array(bytes.length * 3);
  let length = 0;
  for (let at = 0; at < bytes.length;) {
    const first = bytes[at] ?? 0;
    const found = firsts.has(first) ? needles.find((one) => startsHere(bytes, at, one)) : undefined;
    if (found === undefined) {
      kept[length++] = first;
      at += 1;
      continue;
    }
    for (let star = 0; star < 3; star += 1) kept[length++] = 0x2a;
    at += found.length;
  }
  return kept.subarray(0, length);
}

function startsHere(bytes: Uint8Array, at: number, needle: Uint8Array): boolean {
  for (let index = 0; index < needle.length; index += 1)
    if (bytes[at + index] !== needle[index]) return false;
  return needle.length > 0;
}

/** The lines that a reader of the job log sees of these bytes. */
export function shownLog(bytes: Uint8Array, secrets: readonly string[] = []): string[] {
  const clean = lessSecrets(bytes, secrets);
  const lines: string[] = [];
  let start = 0;
  for (let at = 0; at <= clean.length; at += 1) {
    const atEnd = at === clean.length;
    if (!atEnd && clean[at] !== lineFeed) continue;
    for (; at - start > longest; start = cutAfter(clean, start))
      lines.push(...shownLine(clean.subarray(start, cutAfter(clean, start))));
    // What is left without an end is a line too.
    if (!atEnd || at > start) lines.push(...shownLine(clean.subarray(start, at)));
    start = at + 1;
  }
  return lines;
}

/** Where a line that is too long is cut: at most three bytes back, so that no character is split. */
function cutAfter(bytes: Uint8Array, start: number): number {
  let cut = start + longest;
  for (let back = 0; back < 3 && isContinuation(bytes[cut]); back += 1) cut -= 1;
  return cut;
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x80 && byte <= 0xbf;
}

function shownLine(bytes: Uint8Array): string[] {
  return wrapped(withoutControls(lastState(withoutEscapes(codePoints(bytes)))));
}

/** The bounds of a sequence's second byte, and how many bytes follow its first. (Unicode, table 3-7) */
function leadOf(byte: number): { more: number; low: number; high: number } | undefined {
  if (byte >= 0xc2 && byte <= 0xdf) return { more: 1, low: 0x80, high: 0xbf };
  if (byte === 0xe0) return { more: 2, low: 0xa0, high: 0xbf };
  if (byte === 0xed) return { more: 2, low: 0x80, high: 0x9f };
  if (byte >= 0xe1 && byte <= 0xef) return { more: 2, low: 0x80, high: 0xbf };
  if (byte === 0xf0) return { more: 3, low: 0x90, high: 0xbf };
  if (byte === 0xf4) return { more: 3, low: 0x80, high: 0x8f };
  if (byte >= 0xf1 && byte <= 0xf3) return { more: 3, low: 0x80, high: 0xbf };
  return undefined;
}

/** UTF-8; each longest part of a broken sequence becomes one U+FFFD. (Unicode, section 3.9) */
function codePoints(bytes: Uint8Array): number[] {
  const points: number[] = [];
  for (let at = 0; at < bytes.length;) {
    const first = bytes[at] ?? 0;
    at += 1;
    if (first < 0x80) {
      points.push(first);
      continue;
    }
    const lead = leadOf(first);
    if (lead === undefined) {
      points.push(replacement);
      continue;
    }
    let value = first & (0x3f >> lead.more);
    let { more, low, high } = lead;
    for (; more > 0; more -= 1) {
      const next = bytes[at] ?? 0;
      if (next < low || next > high) break;
      value = (value << 6) | (next & 0x3f);
      [low, high] = [0x80, 0xbf];
      at += 1;
    }
    points.push(more > 0 ? replacement : value);
  }
  return points;
}

/** The last stretch between carriage returns that holds anything. */
function lastState(points: readonly number[]): number[] {
  let state: number[] = [];
  let next: number[] = [];
  for (const point of points) {
    if (point === carriageReturn) {
      if (next.length > 0) state = next;
      next = [];
    } else next.push(point);
  }
  return next.length > 0 ? next : state;
}

/** Without C0 (but the tab), DEL, C1 and Unicode's own line and paragraph separator. */
function withoutControls(points: readonly number[]): number[] {
  return points.filter(
    (point) =>
      point === 0x09 ||
      (point >= 0x20 && !(point >= 0x7f && point <= 0x9f) && point !== 0x2028 && point !== 0x2029),
  );
}

function withoutEscapes(points: readonly number[]): number[] {
  const kept: number[] = [];
  for (let at = 0; at < points.length;) {
    const end = endOfEscape(points, at);
    if (end === at) {
      kept.push(points[at] ?? 0);
      at += 1;
    } else at = end;
  }
  return kept;
}

/** The place behind the escape sequence that starts here; `at` itself where none does. */
function endOfEscape(points: readonly number[], at: number): number {
  const first = points[at];
  if (first === 0x9b) return endOfControlSequence(points, at, at + 1);
  if (first !== escape) return at;
  const second = points[at + 1] ?? 0;
  if (second === 0x5b) return endOfControlSequence(points, at, at + 2);
  if (second === 0x5d) return endOfCommandString(points, at + 2);
  return second >= 0x40 && second <= 0x5f ? at + 2 : at;
}

/** `CSI`: parameters, intermediates, one final. One that is not finished is none: it stays as text. */
function endOfControlSequence(points: readonly number[], start: number, from: number): number {
  let at = from;
  const within = (low: number, high: number): boolean => {
    const point = points[at] ?? 0;
    return point >= low && point <= high;
  };
  while (within(0x30, 0x3f)) at += 1;
  while (within(0x20, 0x2f)) at += 1;
  return within(0x40, 0x7e) ? at + 1 : start;
}

/** `OSC`: to its BEL or `ESC \`; one that is not finished ends before the next escape, or with its line. */
function endOfCommandString(points: readonly number[], from: number): number {
  let at = from;
  while (at < points.length && points[at] !== bell && points[at] !== escape) at += 1;
  if (points[at] === bell) return at + 1;
  return points[at] === escape && points[at + 1] === 0x5c ? at + 2 : at;
}

/** Pieces of at most 1,000 UTF-16 units; no character is split. */
function wrapped(points: readonly number[]): string[] {
  const pieces: string[] = [];
  let piece = '';
  for (const point of points) {
    const character = String.fromCodePoint(point);
    if (piece.length + character.length > widest) {
      pieces.push(piece);
      piece = '';
    }
    piece += character;
  }
  return [...pieces, piece];
}
