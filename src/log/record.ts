import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { LineDecoder } from './decoder.ts';
import { LastLines } from './last-lines.ts';
import { Redactor } from './redactor.ts';
import { joined, noLines, type ShownLines } from './shown-lines.ts';

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
  readonly #last = new LastLines(kept);
  #writable = true;
  /** The file while it is open: from the first byte to `end`. */
  #file: number | undefined;
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
    return this.#last.texts;
  }

  /** Takes bytes in any cuts; gives the lines that they complete. */
  push(bytes: Uint8Array): ShownLines {
    return this.#keep(this.#write(this.#redactor.push(bytes)));
  }

  /** The end of the stream: the line that was left without an end. The file is closed; more bytes open it again. */
  end(): ShownLines {
    const lines = this.#write(this.#redactor.end());
    this.#close();
    return this.#keep(joined([lines, this.#decoder.end()]));
  }

  #write(clean: Buffer): ShownLines {
    if (clean.length === 0) return noLines;
    this.#append(clean);
    return this.#decoder.push(clean);
  }

  /** A file that cannot be written (a full disk) costs the file, never the shown log. */
  #append(clean: Buffer): void {
    if (!this.#writable) return;
    try {
      this.#file ??= this.#open();
      for (let at = 0; at < clean.length;) at += writeSync(this.#file, clean, at);
    } catch (thrown) {
      this.#writable = false;
      this.#close();
      this.#onTrouble(thrown);
    }
  }

  #open(): number {
    mkdirSync(dirname(this.#path), { recursive: true });
    return openSync(this.#path, 'a');
  }

  #close(): void {
    const file = this.#file;
    this.#file = undefined;
    if (file === undefined) return;
    try {
      closeSync(file);
    } catch (thrown) {
      if (this.#writable) this.#onTrouble(thrown);
      this.#writable = false;
    }
  }

  #keep(lines: ShownLines): ShownLines {
    this.#lines += lines.count;
    if (lines.count > 0) this.#last.push(lines);
    return lines;
  }
}
