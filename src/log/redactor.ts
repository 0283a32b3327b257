const star = Buffer.from('***');

/** So many bytes of a secret's beginning are worth hiding; fewer would cost ends of innocent lines. */
const tellsEnough = 8;

/**
 * Replaces secrets in a stream of bytes, the leftmost and there the longest first, also where a
 * secret is cut by the borders of the chunks: what could be the beginning of one is held back.
 */
export class Redactor {
  readonly #secrets: () => readonly string[];
  #held: Buffer = Buffer.alloc(0);

  /** `secrets` is asked at each chunk, since tokens are renewed while the log runs. */
  constructor(secrets: () => readonly string[]) {
    this.#secrets = secrets;
  }

  /** Gives what is clean so far; it may lie in the memory of `bytes`. */
  push(bytes: Uint8Array): Buffer {
    const needles = this.#needles();
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const all = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    const { clean, rest } = redact(all, needles, beginnings(all, needles));
    this.#held = Buffer.from(rest);
    return clean;
  }

  /** A stream may be cut inside a secret: a beginning of one that tells enough is replaced as well. */
  end(): Buffer {
    const needles = this.#needles();
    const held = this.#held;
    this.#held = Buffer.alloc(0);
    const cut = beginnings(held, needles).find((at) => held.length - at >= tellsEnough);
    if (cut === undefined) return redact(held, needles, []).clean;
    return Buffer.concat([redact(held.subarray(0, cut), needles, []).clean, star]);
  }

  /** The longest first. */
  #needles(): Buffer[] {
    const needles = this.#secrets()
      .filter((secret) => secret !== '')
      .map((secret) => Buffer.from(secret));
    return needles.sort((a, b) => b.length - a.length);
  }
}

/** `open`: where something begins that the next bytes may make a secret, in order. */
function redact(
  all: Buffer,
  needles: readonly Buffer[],
  open: readonly number[],
): { clean: Buffer; rest: Buffer } {
  const pieces: Buffer[] = [];
  const matches = needles.map((needle) => ({ needle, start: all.indexOf(needle) }));
  let at = 0;
  for (;;) {
    const match = firstOf(matches);
    const held = open.find((position) => position >= at);
    if (!match || (held !== undefined && held <= match.start)) {
      const end = held ?? all.length;
      const last = all.subarray(at, end);
      const clean = pieces.length === 0 ? last : Buffer.concat([...pieces, last]);
      return { clean, rest: all.subarray(end) };
    }
    pieces.push(all.subarray(at, match.start), star);
    at = match.start + match.needle.length;
    // Each needle is looked for from its last place on: once over the bytes, however many matches there are.
    for (const one of matches)
      if (one.start !== -1 && one.start < at) one.start = all.indexOf(one.needle, at);
  }
}

/** Where a needle comes next; -1: nowhere. */
interface Match {
  needle: Buffer;
  start: number;
}

/** The leftmost, and there the longest, since needles come so. */
function firstOf(matches: readonly Match[]): Match | undefined {
  let first: Match | undefined;
  for (const match of matches) {
    const { start } = match;
    if (start !== -1 && (!first || start < first.start)) first = match;
  }
  return first;
}

/** Where the end of `all` is the beginning of a secret, but not all of it. */
function beginnings(all: Buffer, needles: readonly Buffer[]): number[] {
  const found = new Set<number>();
  for (const needle of needles) {
    const first = needle[0];
    if (first === undefined) continue;
    const from = Math.max(0, all.length - needle.length + 1);
    for (let at = all.indexOf(first, from); at !== -1; at = all.indexOf(first, at + 1)) {
      if (all.compare(needle, 0, all.length - at, at) === 0) found.add(at);
    }
  }
  return [...found].sort((a, b) => a - b);
}
