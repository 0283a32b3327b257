import { ApiError } from './api-error.ts';

const window = 60_000;

/** Requests a minute by identity, over all APIs. Source: Fabric REST API, "Throttling". */
export class Quota {
  readonly #perMinute: number | undefined;
  readonly #taken = new Map<string, number[]>();

  constructor(perMinute: number | undefined) {
    this.#perMinute = perMinute;
  }

  /** Counts a request at `now` (milliseconds). Throws 429 RequestBlocked when none is left. */
  take(identity: string, now: number): void {
    if (this.#perMinute === undefined) return;
    const recent = (this.#taken.get(identity) ?? []).filter((at) => at > now - window);
    this.#taken.set(identity, recent);
    const [oldest] = recent;
    if (recent.length >= this.#perMinute && oldest !== undefined)
      throw blocked(oldest + window, now);
    recent.push(now);
  }
}

function blocked(until: number, now: number): ApiError {
  const seconds = Math.max(1, Math.ceil((until - now) / 1_000));
  return new ApiError(
    429,
    'RequestBlocked',
    `Request is blocked by the upstream service until: ${utcText(now + seconds * 1_000)} (UTC)`,
    { 'retry-after': String(seconds) },
  );
}

/** A time as this one message of Fabric writes it, such as `4/17/2026 12:22:35 PM`. */
function utcText(time: number): string {
  return new Date(time)
    .toLocaleString('en-US', { timeZone: 'UTC' })
    .replace(',', '')
    .replaceAll('\u202f', ' ');
}
