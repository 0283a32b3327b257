import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { LineDecoder } from './decoder.ts';
import { Redactor } from './redactor.ts';

/** Lines of the end of a log that are kept for the report, and their bound in characters. */
const kept = { lines: 4_000, characters: 1_000_000 };

/**
 * What becomes of the bytes of one stream: secrets are replaced, the rest is written to the log
 * file as it came, and lines come out to be shown.
 */
export class LogRecord {
  readonly #path: string;
  readonly #redactor: Redactor;
  readonly #decoder = new LineDecoder();
  readonly #onTrouble: (thrown: unknown) => void;
  #writable = true;
  #tail: string[] = [];
  #tailCharacters = 0;
  #lines = 0;

  /** `path`: the file that takes the bytes; it is made with its folder at the first byte. `onTrouble` is told once when it cannot be written. */
  constructor(
    path: string,
    secrets: () => readonly string[],
    onTrouble: (thrown: unknown) => void,
  ) {
    this.#path = path;
    this.#onTrouble = onTrouble;
    this.#redactor = new Redactor(secrets);
  }

  /** Lines so far. */
  get lines(): number {
    return this.#lines;
  }

  /** The last lines, for the report: 4,000 at most. */
  get tail(): readonly string[] {
    return this.#tail;
  }

  /** Takes bytes in any cuts; gives the lines that they complete. */
  push(bytes: Uint8Array): string[] {
    return this.#keep(this.#write(this.#redactor.push(bytes)));
  }

  /** The end of the stream: the line that was left without an end. */
  end(): string[] {
    const lines = this.#write(this.#redactor.end());
    return this.#keep([...lines, ...this.#decoder.end()]);
  }

  #write(clean: Buffer): string[] {
    if (clean.length === 0) return [];
    this.#append(clean);
    return this.#decoder.push(clean);
  }

  /** A file that cannot be written (a full disk) costs the file, never the shown log. */
  #append(clean: Buffer): void {
    if (!this.#writable) return;
    try {
      mkdirSync(dirname(this.#path), { recursive: true });
      appendFileSync(this.#path, clean);
    } catch (thrown) {
      this.#writable = false;
      this.#onTrouble(thrown);
    }
  }

  #keep(lines: string[]): string[] {
    this.#lines += lines.length;
    const latest = lines.slice(-kept.lines);
    for (const line of latest) this.#tailCharacters += line.length;
    this.#tail = this.#tail.concat(latest);
    let drop = Math.max(0, this.#tail.length - kept.lines);
    for (let at = 0; at < drop; at += 1) this.#tailCharacters -= this.#tail[at]?.length ?? 0;
    while (this.#tailCharacters > kept.characters && drop < this.#tail.length) {
      this.#tailCharacters -= this.#tail[drop]?.length ?? 0;
      drop += 1;
    }
    if (drop > 0) this.#tail = this.#tail.slice(drop);
    return lines;
  }
}
