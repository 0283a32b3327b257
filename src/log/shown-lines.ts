/**
 * Lines as they are shown: UTF-8, each with a line feed at its end. Bytes, since a log is large and its lines
 * are many: as strings they would be made, kept by the garbage collector and put together again.
 */
export interface ShownLines {
  bytes: Buffer;
  count: number;
}

export const noLines: ShownLines = { bytes: Buffer.alloc(0), count: 0 };

const lineFeed = 0x0a;

/** Texts, none of which holds a line feed, as lines. */
export function linesOf(texts: readonly string[]): ShownLines {
  if (texts.length === 0) return noLines;
  return { bytes: Buffer.from(`${texts.join('\n')}\n`), count: texts.length };
}

/** The texts of lines, without their line feeds. */
export function textsOf({ bytes, count }: ShownLines): string[] {
  return count === 0 ? [] : bytes.toString('utf8', 0, bytes.length - 1).split('\n');
}

export function joined(all: readonly ShownLines[]): ShownLines {
  const [first = noLines, ...others] = all;
  if (others.length === 0) return first;
  const count = all.reduce((sum, lines) => sum + lines.count, 0);
  return { bytes: Buffer.concat(all.map(({ bytes }) => bytes)), count };
}

/** As many of the first lines as have room in so many bytes. */
export function firstLines(lines: ShownLines, most: number): ShownLines {
  const { bytes } = lines;
  if (bytes.length <= most) return lines;
  const end = most <= 0 ? 0 : bytes.lastIndexOf(lineFeed, most - 1) + 1;
  return { bytes: bytes.subarray(0, end), count: countIn(bytes.subarray(0, end)) };
}

function countIn(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(lineFeed); at !== -1; at = bytes.indexOf(lineFeed, at + 1))
    count += 1;
  return count;
}
