const star = Buffer.from('***');

/**
 * Replaces secrets in a stream of bytes, also where a secret is cut by the borders of the chunks.
 * At most the longest secret less one byte is held back until the next chunk or `end`.
 */
export class Redactor {
  readonly #secrets: () => readonly string[];
  #held: Buffer = Buffer.alloc(0);

  /** `secrets` is asked at each chunk, since tokens are renewed while the log runs. */
  constructor(secrets: () => readonly string[]) {
    this.#secrets = secrets;
  }

  push(bytes: Uint8Array): Buffer {
    const needles = this.#needles();
    const clean = replaceAll(Buffer.concat([this.#held, bytes]), needles);
    const hold = suffixHeld(clean, needles);
    this.#held = Buffer.from(clean.subarray(clean.length - hold));
    return clean.subarray(0, clean.length - hold);
  }

  end(): Buffer {
    const rest = this.#held;
    this.#held = Buffer.alloc(0);
    return rest;
  }

  #needles(): Buffer[] {
    const longestFirst = this.#secrets()
      .filter((secret) => secret !== '')
      .sort((a, b) => b.length - a.length);
    return longestFirst.map((secret) => Buffer.from(secret));
  }
}

function replaceAll(bytes: Buffer, needles: readonly Buffer[]): Buffer {
  let clean = bytes;
  for (const needle of needles) {
    let at = clean.indexOf(needle);
    if (at === -1) continue;
    const pieces: Buffer[] = [];
    let start = 0;
    for (; at !== -1; at = clean.indexOf(needle, start)) {
      pieces.push(clean.subarray(start, at), star);
      start = at + needle.length;
    }
    clean = Buffer.concat([...pieces, clean.subarray(start)]);
  }
  return clean;
}

/** Length of the longest end of `bytes` that could be the beginning of a secret. */
function suffixHeld(bytes: Buffer, needles: readonly Buffer[]): number {
  let longest = 0;
  for (const needle of needles) {
    const first = needle[0];
    if (first === undefined) continue;
    const from = Math.max(0, bytes.length - needle.length + 1);
    for (let at = bytes.indexOf(first, from); at !== -1; at = bytes.indexOf(first, at + 1)) {
      const length = bytes.length - at;
      if (length <= longest) break;
      if (bytes.subarray(at).equals(needle.subarray(0, length))) longest = length;
    }
  }
  return longest;
}
