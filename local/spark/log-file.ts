import { appendFileSync, closeSync, fstatSync, openSync, readSync, writeFileSync } from 'node:fs';

/** A log on disk that is written by this process or by a child, and read while it grows. */
export class LogFile {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
    writeFileSync(path, '');
  }

  append(text: string): void {
    appendFileSync(this.path, text);
  }

  /** Length in bytes of what has been written so far. */
  length(): number {
    return this.#open((fd) => fstatSync(fd).size);
  }

  /** Bytes `[from, to)`; fewer where the log has fewer. */
  read(from: number, to: number): Buffer {
    return this.#open((fd) => {
      const start = Math.max(0, from);
      const length = Math.max(0, Math.min(to, fstatSync(fd).size) - start);
      const buffer = Buffer.alloc(length);
      let done = 0;
      while (done < length) {
        const count = readSync(fd, buffer, done, length - done, start + done);
        if (count === 0) break;
        done += count;
      }
      return buffer.subarray(0, done);
    });
  }

  #open<T>(use: (fd: number) => T): T {
    const fd = openSync(this.path, 'r');
    try {
      return use(fd);
    } finally {
      closeSync(fd);
    }
  }
}
