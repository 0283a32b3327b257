import { joined, textsOf, type ShownLines } from './shown-lines.ts';

/** Bytes that a UTF-16 unit takes in UTF-8 at most. */
const widest = 3;

/** The last lines of many, within bounds. */
export class LastLines {
  readonly #most: { lines: number; characters: number };
  #kept: ShownLines[] = [];
  #count = 0;
  #bytes = 0;

  constructor(most: { lines: number; characters: number }) {
    this.#most = most;
  }

  /** As many of the last as the bounds allow. */
  get texts(): readonly string[] {
    const texts = textsOf(joined(this.#kept)).slice(-this.#most.lines);
    let characters = texts.reduce((sum, { length }) => sum + length, 0);
    let drop = 0;
    for (; characters > this.#most.characters; drop += 1) characters -= texts[drop]?.length ?? 0;
    return texts.slice(drop);
  }

  push(lines: ShownLines): void {
    this.#kept.push(lines);
    this.#count += lines.count;
    this.#bytes += lines.bytes.length;
    let drop = 0;
    for (
      let first = this.#kept[0];
      first && this.#hasEnoughWithout(first);
      first = this.#kept[drop]
    ) {
      this.#count -= first.count;
      this.#bytes -= first.bytes.length;
      drop += 1;
    }
    if (drop > 0) this.#kept = this.#kept.slice(drop);
  }

  #hasEnoughWithout({ bytes, count }: ShownLines): boolean {
    const { lines, characters } = this.#most;
    return (
      this.#count - count >= lines || this.#bytes - bytes.length >= widest * characters + lines
    );
  }
}
