/** The last lines of many, within bounds. */
export class LastLines {
  readonly #most: { lines: number; characters: number };
  #kept: string[] = [];
  #characters = 0;

  constructor(most: { lines: number; characters: number }) {
    this.#most = most;
  }

  /** As many of the last as the bounds allow. */
  get lines(): readonly string[] {
    this.#drop();
    return [...this.#kept];
  }

  push(lines: readonly string[]): void {
    const { lines: most, characters } = this.#most;
    for (let at = Math.max(0, lines.length - most); at < lines.length; at += 1) {
      const line = lines[at] ?? '';
      this.#kept.push(line);
      this.#characters += line.length;
    }
    // Twice the bounds, so that lines are moved seldom.
    if (this.#kept.length > 2 * most || this.#characters > 2 * characters) this.#drop();
  }

  #drop(): void {
    const { lines, characters } = this.#most;
    let drop = 0;
    while (this.#kept.length - drop > lines || this.#characters > characters) {
      this.#characters -= this.#kept[drop]?.length ?? 0;
      drop += 1;
    }
    if (drop > 0) this.#kept = this.#kept.slice(drop);
  }
}
