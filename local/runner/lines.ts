/**
 * Cuts a stream of bytes into lines as the runner does, which reads with .NET's
 * `StreamReader.ReadLine`: a line ends with `\n`, `\r\n` or a lone `\r`; what follows the last
 * ending is a line too; a byte order mark at the start is dropped; bytes that are no UTF-8 become
 * U+FFFD. (actions/runner, ProcessInvoker.cs, StartReadStream)
 */
export class LineSplitter {
  readonly #decoder = new TextDecoder('utf-8');
  #rest = '';

  /** The lines that these bytes complete. A `\r` at their very end waits for what comes next. */
  push(bytes: Uint8Array): string[] {
    return this.#cut(this.#decoder.decode(bytes, { stream: true }), false);
  }

  /** The lines that are left when the stream has ended. */
  end(): string[] {
    return this.#cut(this.#decoder.decode(), true);
  }

  #cut(text: string, ended: boolean): string[] {
    const all = this.#rest + text;
    const held = !ended && all.endsWith('\r') ? '\r' : '';
    const lines = all.slice(0, all.length - held.length).split(/\r\n|\n|\r/);
    const last = lines.pop() ?? '';
    if (ended && last !== '') lines.push(last);
    this.#rest = ended ? '' : last + held;
    return lines;
  }
}
