const minute = 60_000;
/** Refusals of one burst count as one. */
const burst = 10_000;
const fewest = 1;

/**
 * How many requests may go to a service (rule 7): no more than the budget in any minute; a 429
 * halves what we sent in the last minute, and each minute of calm doubles that again, up to the
 * budget. Times are in milliseconds since the epoch.
 */
export class Rate {
  readonly #budget: number;
  #limit: number;
  #sent: number[] = [];
  #refusedAt = Number.NEGATIVE_INFINITY;
  #calmSince = 0;

  /** `perMinute`: above 0; may be a fraction (a budget that many jobs share). */
  constructor(perMinute: number) {
    this.#budget = perMinute;
    this.#limit = perMinute;
  }

  /** When the next request may go; `now` when it may go at once. */
  freeAt(now: number): number {
    const limit = this.#limitAt(now);
    const count = Math.max(1, Math.floor(limit));
    const before = this.#sent.at(-count);
    // In any minute, so that a broken number counts as the whole one below it.
    const window = Math.max(minute, minute / limit);
    return before === undefined ? now : Math.max(now, before + window);
  }

  /**
   * How many more may go in a minute beside what went in the last one, or beside `planned` where more
   * than that is planned. Below 0: there is no room even for these.
   */
  room(now: number, planned: number): number {
    const lately = this.#sent.filter((at) => at > now - minute).length;
    return Math.floor(this.#limitAt(now)) - Math.max(lately, planned);
  }

  /** A request goes out. */
  take(now: number): void {
    const kept = Math.max(1, Math.floor(this.#budget));
    this.#sent = [...this.#sent.slice(-kept), now];
  }

  /** The service answered 429. */
  refused(now: number): void {
    this.#calmSince = now;
    if (now - this.#refusedAt < burst) return;
    this.#refusedAt = now;
    const lately = this.#sent.filter((at) => at > now - minute).length;
    this.#limit = Math.min(
      this.#budget,
      Math.max(fewest, Math.min(this.#limitAt(now), lately) / 2),
    );
  }

  #limitAt(now: number): number {
    while (this.#limit < this.#budget && now - this.#calmSince >= minute) {
      this.#limit = Math.min(this.#budget, this.#limit * 2);
      this.#calmSince += minute;
    }
    return this.#limit;
  }
}
