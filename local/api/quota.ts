import type { QuotaSettings } from '../settings.ts';
import { ApiError } from './api-error.ts';

const window = 60_000;

/** Requests a minute by identity, over all APIs. Source: Fabric REST API, "Throttling". */
export class Quota {
  readonly #settings: QuotaSettings | undefined;
  readonly #taken = new Map<string, number[]>();

  constructor(settings: QuotaSettings | undefined) {
    this.#settings = settings;
  }

  /** Counts a request at `now` (milliseconds). Throws 429 RequestBlocked when none is left. */
  take(identity: string, now: number): void {
    if (this.#settings === undefined) return;
    const { perMinute, says } = this.#settings;
    const recent = (this.#taken.get(identity) ?? []).filter((at) => at > now - window);
    this.#taken.set(identity, recent);
    const [oldest] = recent;
    if (recent.length >= perMinute && oldest !== undefined)
      throw blocked(oldest + window, now, says);
    recent.push(now);
  }
}

function blocked(until: number, now: number, says: QuotaSettings['says']): ApiError {
  const inHeader = says === 'retry-after' || says === 'both';
  const inMessage = says === 'until' || says === 'both';
  return new ApiError(
    429,
    'RequestBlocked',
    `Request is blocked by the upstream service${inMessage ? ` until: ${utcText(until)} (UTC)` : '.'}`,
    inHeader ? { 'retry-after': String(Math.ceil((until - now) / 1_000)) } : {},
  );
}

/** A time, up to its next whole second, as this one message of Fabric writes it: `4/17/2026 12:22:35 PM`. */
function utcText(time: number): string {
  return new Date(Math.ceil(time / 1_000) * 1_000)
    .toLocaleString('en-US', { timeZone: 'UTC' })
    .replace(',', '')
    .replaceAll('\u202f', ' ');
}
