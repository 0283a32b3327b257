import type { Clock } from '../clock.ts';
import { StepError } from '../errors.ts';

export interface AccessToken {
  value: string;
  /** Milliseconds since the epoch, on the action's own clock. */
  expiresAt: number;
}

/** Gets a new token for a scope. Throws `StepError` with advice. */
export type Exchange = (scope: string, signal?: AbortSignal) => Promise<AccessToken>;

/** A token is renewed when less than this is left of it, so that a cancel needs no sign-in. */
const renewAhead = 15 * 60_000;
/** After a renewal that failed while the old token still serves, the next try waits this long. */
const renewalPause = 60_000;
/** How long a renewal is waited for, once, while the old token still serves. */
const renewalWait = 1_000;
/** The last of a token's life is kept for a cancel; clocks may differ by as much. */
const keptForCancel = 60_000;

interface Held {
  token: AccessToken;
  /** When to renew: ahead of expiry, but never earlier than half of a short life. */
  renewAt: number;
  /** Until when it serves for anything but a cancel. */
  servesUntil: number;
}

/** The tokens of one identity: renewed ahead of expiry, one exchange at a time for each scope. */
export class Tokens {
  readonly #exchange: Exchange;
  readonly #clock: Clock;
  readonly #onNew: (token: string) => void;
  readonly #held = new Map<string, Held>();
  /** Tokens that a service refused; one refusal may be a mistake of that service. */
  readonly #refused = new Map<string, AccessToken>();
  readonly #underWay = new Map<string, Promise<string>>();

  /** `onNew` sees each token before anyone else does (to mask it). */
  constructor(parts: { exchange: Exchange; clock: Clock; onNew: (token: string) => void }) {
    this.#exchange = parts.exchange;
    this.#clock = parts.clock;
    this.#onNew = parts.onNew;
  }

  /**
   * A token for `scope` that is still good. When a renewal fails, the old token is used to its end.
   * Throws what the exchange throws when none is left.
   */
  async get(scope: string): Promise<string> {
    const held = this.#held.get(scope);
    const now = this.#clock.now();
    if (held && now < Math.min(held.renewAt, held.servesUntil)) return held.token.value;
    try {
      const renewal = this.#renew(scope);
      return held && now < held.servesUntil ? await this.#soon(renewal, held) : await renewal;
    } catch (error) {
      if (!held || this.#clock.now() >= held.servesUntil) throw error;
      held.renewAt = this.#clock.now() + renewalPause;
      return held.token.value;
    }
  }

  /** The renewed token, or the old one when the renewal takes long: nobody waits for it while the old one is good. */
  async #soon(renewal: Promise<string>, held: Held): Promise<string> {
    const ended = new AbortController();
    const late = this.#clock.sleep(renewalWait, ended.signal).then(() => undefined);
    try {
      const renewed = await Promise.race([renewal, late]);
      if (renewed !== undefined) return renewed;
      // Nor does the next request wait for it again.
      held.renewAt = this.#clock.now() + renewalPause;
      renewal.catch(() => (held.renewAt = this.#clock.now() + renewalPause));
      return held.token.value;
    } finally {
      ended.abort();
    }
  }

  /**
   * A token at hand that has not expired, without any request. While there is no other it is one that was
   * refused: a cancel is tried with it rather than not at all.
   */
  atHand(scope: string): string | undefined {
    const token = this.#held.get(scope)?.token ?? this.#refused.get(scope);
    return token && this.#clock.now() < token.expiresAt ? token.value : undefined;
  }

  /** After a 401: another token than `rejected`. Throws what the exchange throws. */
  async replace(scope: string, rejected: string): Promise<string> {
    const held = this.#held.get(scope);
    if (held && held.token.value !== rejected) return this.get(scope);
    if (held) this.#refused.set(scope, held.token);
    this.#held.delete(scope);
    return this.#renew(scope);
  }

  #renew(scope: string): Promise<string> {
    const running = this.#underWay.get(scope);
    if (running) return running;
    const renewal = this.#exchangeOnce(scope).finally(() => this.#underWay.delete(scope));
    this.#underWay.set(scope, renewal);
    return renewal;
  }

  async #exchangeOnce(scope: string): Promise<string> {
    const token = await this.#exchange(scope);
    if (token.value === '')
      throw new StepError('SIGN_IN_REFUSED', 'Entra answered without a token.');
    this.#onNew(token.value);
    const life = token.expiresAt - this.#clock.now();
    this.#held.set(scope, {
      token,
      renewAt: token.expiresAt - Math.min(renewAhead, life / 2),
      servesUntil: token.expiresAt - Math.min(keptForCancel, life / 10),
    });
    return token.value;
  }
}
