import { closeSync, openSync, readFileSync, readSync } from 'node:fs';

/** A text that is expected again and again, as far as it was found. */
interface Expected {
  block: Buffer;
  times: number;
  at: number;
}

/** Throws unless a file holds `block`, so many times, and nothing else. */
export function holds(file: string, block: Buffer, times: number): void {
  const from = openSync(file, 'r');
  const piece = Buffer.alloc(block.length);
  for (let time = 0; time < times; time += 1) {
    const count = readFully(from, piece);
    if (count !== block.length || !piece.equals(block)) throw new Error(`${file} is not the log.`);
  }
  const more = readSync(from, piece, 0, Math.min(100, piece.length), null);
  if (more !== 0)
    throw new Error(`${file} is longer than the log: ${piece.toString('utf8', 0, more)}`);
  closeSync(from);
}

function readFully(from: number, to: Buffer): number {
  let length = 0;
  for (let more = -1; more !== 0 && length < to.length; length += more)
    more = readSync(from, to, length, to.length - length, null);
  return length;
}

/**
 * Throws unless an output shows each of the texts whole, each line once and in order; gives how many lines
 * stand beside them, which are the action's own.
 */
export function shows(file: string, texts: readonly { block: Buffer; times: number }[]): number {
  const output = readFileSync(file);
  const expected: Expected[] = texts.map((text) => ({ ...text, at: 0 }));
  let others = 0;
  for (let start = 0; start < output.length;) {
    const end = output.indexOf(0x0a, start) + 1 || output.length;
    if (!expected.some((one) => takes(one, output, start, end))) others += 1;
    start = end;
  }
  for (const { block, times, at } of expected)
    if (times !== 0 || at !== 0)
      throw new Error(
        `${file} does not show the log: it misses byte ${at} of ${block.length}, ${times} times to come.`,
      );
  return others;
}

function takes(one: Expected, output: Buffer, start: number, end: number): boolean {
  const { block, at, times } = one;
  const length = end - start;
  if (times === 0 || at + length > block.length) return false;
  if (output.compare(block, at, at + length, start, end) !== 0) return false;
  one.at = at + length === block.length ? 0 : at + length;
  if (one.at === 0) one.times -= 1;
  return true;
}
