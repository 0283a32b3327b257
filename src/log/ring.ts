/** What happened to the lines of a ring beside the new ones. */
export type RingEvent =
  /** The ring holds nothing that was read: lines were dropped before they were read, or just none. */
  | { kind: 'lost'; kept: number }
  /**
   * The ring may have moved on by an unknown number of lines: it was not empty when it was first read,
   * or it repeats itself so that one that moved looks like one that stood still.
   */
  | { kind: 'doubtful'; atStart: boolean };

/** Lines of a ring as one reply shows them. */
export interface RingWindow {
  /** Place of the first line in the ring as it is now. */
  from: number;
  lines: readonly string[];
  /** Lines in the ring. */
  total: number;
}

/** What is new in a window, and what is to be told before it. */
export interface Fresh {
  lines: readonly string[];
  events: readonly RingEvent[];
}

/** `livy.cache-log.size` of a server that sets none: a ring of fewer lines is taken to be still filling. */
const defaultSize = 200;
/** Lines that a window begins before what is new, at first. */
const shortestReach = 100;
/** Lines that are remembered, and their bound in characters. */
const kept = { lines: 5_000, characters: 4_000_000 };
/** An overlap of fewer lines, or of fewer that differ, may be chance. */
const strong = { lines: 20, different: 5 };

/**
 * Puts together the log that a ring of lines shows in windows. The server counts places in the ring
 * as it is now, so that only the lines themselves tell where a window goes on: it has to begin with the
 * end of what was read. No line comes twice, and none that was served is left out without an event.
 */
export class RingReader {
  readonly #smallest: number;
  /** Place of the next line in the ring as it was last seen. */
  #end = 0;
  #tail: string[] = [];
  #tailCharacters = 0;
  #reach = shortestReach;
  /** Lines were seen to be dropped: the ring is full. */
  #moved = false;
  /** Lines in the ring when it last looked as if it might have moved unseen. */
  #doubt: { total: number; atStart: boolean } | undefined;
  #told = false;

  /** `smallest`: a ring of fewer lines has dropped none, unless it is seen to. */
  constructor(smallest = defaultSize) {
    this.#smallest = smallest;
  }

  /** Where the next window should begin, so that it overlaps what was read. */
  get next(): number {
    return Math.max(0, this.#end - this.#reach);
  }

  /** Place of the next line, if the ring has not moved. */
  get end(): number {
    return this.#end;
  }

  /** Takes a window that begins at `next`; `undefined` when it has to begin further back: ask again. */
  take(window: RingWindow): Fresh | undefined {
    const { from, lines, total } = window;
    if (this.#doubt && total > this.#doubt.total) this.#doubt = undefined;
    if (this.#tail.length === 0) return this.#begin(window);
    const most = Math.min(this.#end - from, lines.length);
    const overlap = this.#overlap(lines, most);
    const stood = overlap === this.#end - from;
    if (!stood && from > 0 && !isStrong(lines, overlap)) {
      this.#reach *= 2;
      return undefined;
    }
    const events: RingEvent[] = [];
    if (!stood) this.#moved = true;
    if (overlap === 0) events.push({ kind: 'lost', kept: lines.length });
    else this.#weigh(window, overlap);
    if (this.#moved && this.#doubt) events.push(...this.#tell());
    const fresh = lines.slice(overlap);
    this.#end = from + lines.length;
    this.#keep(fresh);
    return { lines: fresh, events };
  }

  /** After the last window: a doubt that nothing has settled. */
  finish(): readonly RingEvent[] {
    return this.#tell();
  }

  #begin({ from, lines, total }: RingWindow): Fresh {
    if (total >= this.#smallest) this.#doubt = { total, atStart: true };
    this.#end = from + lines.length;
    this.#keep(lines);
    return { lines, events: [] };
  }

  /** Notes where a ring that may be full joins in more ways than one. */
  #weigh({ lines, total }: RingWindow, overlap: number): void {
    if (total < this.#smallest && !this.#moved) return;
    const other = this.#overlap(lines, overlap - 1);
    if (isStrong(lines, overlap) && !isStrong(lines, other)) return;
    this.#doubt ??= { total, atStart: false };
  }

  #tell(): RingEvent[] {
    const doubt = this.#doubt;
    this.#doubt = undefined;
    if (!doubt || (this.#told && !doubt.atStart)) return [];
    this.#told ||= !doubt.atStart;
    return [{ kind: 'doubtful', atStart: doubt.atStart }];
  }

  /** The most lines, `most` at most, with which `lines` begins and what was read ends. */
  #overlap(lines: readonly string[], most: number): number {
    const tail = this.#tail;
    for (let count = most; count > 0; count -= 1) {
      const compared = Math.min(count, tail.length);
      let back = 1;
      while (back <= compared && lines[count - back] === tail[tail.length - back]) back += 1;
      if (back > compared) return count;
    }
    return 0;
  }

  #keep(lines: readonly string[]): void {
    for (const line of lines) {
      this.#tail.push(line);
      this.#tailCharacters += line.length;
    }
    let drop = 0;
    while (
      drop < this.#tail.length - 1 &&
      (this.#tail.length - drop > kept.lines || this.#tailCharacters > kept.characters)
    ) {
      this.#tailCharacters -= this.#tail[drop]?.length ?? 0;
      drop += 1;
    }
    if (drop > 0) this.#tail = this.#tail.slice(drop);
  }
}

function isStrong(lines: readonly string[], overlap: number): boolean {
  return overlap >= strong.lines && new Set(lines.slice(0, overlap)).size >= strong.different;
}
