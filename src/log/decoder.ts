import { isUtf8 } from 'node:buffer';
import { joined, linesOf, noLines, type ShownLines } from './shown-lines.ts';

/**
 * The shown log as a pure function of the bytes (rule 5): bytes become lines, and a line
 * - is what stands between line feeds, decoded as UTF-8 (a broken sequence shows as U+FFFD),
 * - is reduced to its last state where carriage returns redraw it (a progress bar),
 * - loses escape sequences and control characters (a tab stays),
 * - is wrapped after 1,000 characters, which the live view of the runner still shows whole.
 */
export const longestLine = 1_000;

/** A line without an end is cut here, so that memory stays bounded; bytes. */
const longestPending = 256 * 1024;

const lineFeed = 0x0a;

// An escape sequence: CSI (colours, cursor), OSC (titles, links; ended by BEL or ST), or one letter.
const escapes =
  // eslint-disable-next-line no-control-regex
  /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\^_])|\u009b[0-?]*[ -/]*[@-~]/g;
// C0 but the tab, DEL, C1, and the line and paragraph separators.
// eslint-disable-next-line no-control-regex
const controls = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028\u2029]/g;

/** The text of one line as it is shown, before it is wrapped. */
export function shownText(line: string): string {
  const states = line.replace(escapes, '').split('\r');
  const last = states.findLast((state) => state !== '') ?? '';
  return last.replace(controls, '');
}

/** Cuts a text after every `longestLine` characters, never inside a surrogate pair. */
export function wrap(text: string): string[] {
  if (text.length <= longestLine) return [text];
  const pieces: string[] = [];
  for (let start = 0; start < text.length;) {
    let end = Math.min(start + longestLine, text.length);
    const unit = text.charCodeAt(end - 1);
    if (end < text.length && unit >= 0xd800 && unit <= 0xdbff) end -= 1;
    pieces.push(text.slice(start, end));
    start = end;
  }
  return pieces;
}

/**
 * What `shownText` acts on: without any of it a line is shown as it is. (A line feed stands between lines.)
 */
// eslint-disable-next-line no-control-regex
const special = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029]/;

/** The lines of bytes that end in a line feed; none of them is so long that it is cut. */
function shown(bytes: Buffer): ShownLines {
  const text = bytes.toString('utf8');
  const asItIs = special.test(text) || !isUtf8(bytes) ? undefined : countShort(text);
  if (asItIs !== undefined) return { bytes: apart(bytes), count: asItIs };
  const lines = text.slice(0, -1).split('\n');
  const changed = linesOf(
    lines.flatMap((line) => wrap(special.test(line) ? shownText(line) : line)),
  );
  return { bytes: apart(changed.bytes), count: changed.count };
}

/** How many lines a text has that ends in a line feed; `undefined` when one has to be wrapped. */
function countShort(text: string): number | undefined {
  let count = 0;
  for (let start = 0; start < text.length; count += 1) {
    const end = text.indexOf('\n', start);
    if (end - start > longestLine) return undefined;
    start = end + 1;
  }
  return count;
}

/**
 * A part keeps the memory of the whole, be it a chunk or Node's pool of small buffers: one that is much
 * smaller gets its own, since lines may be kept.
 */
function apart(bytes: Buffer): Buffer {
  if (bytes.length * 2 >= bytes.buffer.byteLength) return bytes;
  const own = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(own);
  return own;
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

/** Bytes in any cuts, lines out. What does not end in a line feed waits for `end`. */
export class LineDecoder {
  /** The beginning of a line whose end has not come; each byte of it is copied once. */
  #pending: Buffer[] = [];
  #waiting = 0;

  push(bytes: Uint8Array): ShownLines {
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const end = chunk.lastIndexOf(lineFeed) + 1;
    if (end === 0) return this.#wait(chunk);
    const lines = this.#whole(this.#join(chunk.subarray(0, end)));
    const more = this.#wait(chunk.subarray(end));
    return more.count === 0 ? lines : joined([lines, more]);
  }

  /** The last line, when the stream ended without a line feed. */
  end(): ShownLines {
    return this.#waiting === 0 ? noLines : this.#whole(this.#join(Buffer.of(lineFeed)));
  }

  /** Keeps what has no end yet; what is too long to be kept comes out. */
  #wait(rest: Buffer): ShownLines {
    this.#waiting += rest.length;
    if (this.#waiting > longestPending) {
      const { pieces, left } = cutLong(this.#join(rest));
      this.#pending = [Buffer.from(left)];
      this.#waiting = left.length;
      return joined(pieces);
    }
    if (rest.length > 0) this.#pending.push(Buffer.from(rest));
    return noLines;
  }

  /** What waits, and what goes on with it; nothing waits any more. */
  #join(next: Buffer): Buffer {
    const all = this.#pending.length === 0 ? next : Buffer.concat([...this.#pending, next]);
    this.#pending = [];
    this.#waiting = 0;
    return all;
  }

  /** Lines of any length. */
  #whole(bytes: Buffer): ShownLines {
    if (bytes.length <= longestPending) return shown(bytes);
    const all: ShownLines[] = [];
    for (let start = 0; start < bytes.length;) {
      const end = bytes.indexOf(lineFeed, start);
      const { pieces, left } = cutLong(bytes.subarray(start, end));
      all.push(...pieces, shown(bytes.subarray(end - left.length, end + 1)));
      start = end + 1;
    }
    return joined(all);
  }
}

/** A very long line is cut at the same places however it arrives. */
function cutLong(line: Buffer): { pieces: ShownLines[]; left: Buffer } {
  const pieces: ShownLines[] = [];
  let start = 0;
  while (line.length - start > longestPending) {
    let cut = start + longestPending;
    for (let back = 0; back < 3 && isContinuation(line[cut]); back += 1) cut -= 1;
    pieces.push(shown(Buffer.concat([line.subarray(start, cut), Buffer.of(lineFeed)])));
    start = cut;
  }
  return { pieces, left: line.subarray(start) };
}
