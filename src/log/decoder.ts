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

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

/** Bytes in any cuts, lines out. What does not end in a line feed waits for `end`. */
export class LineDecoder {
  #pending: Buffer = Buffer.alloc(0);

  push(bytes: Uint8Array): string[] {
    const all =
      this.#pending.length === 0 ? Buffer.from(bytes) : Buffer.concat([this.#pending, bytes]);
    const lines: string[] = [];
    let start = 0;
    for (let at = all.indexOf(lineFeed); at !== -1; at = all.indexOf(lineFeed, start)) {
      lines.push(...this.#lines(all.subarray(start, at), true));
      start = at + 1;
    }
    lines.push(...this.#lines(all.subarray(start), false));
    return lines;
  }

  /** The last line, when the stream ended without a line feed. */
  end(): string[] {
    return this.#pending.length === 0 ? [] : this.#lines(this.#pending, true);
  }

  /** The lines of a line's bytes: a very long one is cut at the same places however it arrives. */
  #lines(bytes: Buffer, complete: boolean): string[] {
    const lines: string[] = [];
    let start = 0;
    while (bytes.length - start > longestPending) {
      let cut = start + longestPending;
      for (let back = 0; back < 3 && isContinuation(bytes[cut]); back += 1) cut -= 1;
      lines.push(...wrap(shownText(bytes.toString('utf8', start, cut))));
      start = cut;
    }
    this.#pending = complete ? Buffer.alloc(0) : Buffer.from(bytes.subarray(start));
    return complete ? [...lines, ...wrap(shownText(bytes.toString('utf8', start)))] : lines;
  }
}
