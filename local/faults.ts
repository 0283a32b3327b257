import type { HostKind } from './settings.ts';

/** What a fault is chosen by. `path` holds the query. */
export interface RequestLine {
  host: HostKind;
  method: string;
  path: string;
}

/** `before`: the request has no effect (yet). `after`: it had its effect; only the reply is touched. */
export type Moment = 'before' | 'after';

export type Fault =
  /** Another answer; by default before the effect. */
  | {
      kind: 'answer';
      moment?: Moment;
      status: number;
      headers?: Readonly<Record<string, string>>;
      body?: string;
    }
  /** The connection is torn down without an answer. */
  | { kind: 'reset'; moment: Moment }
  /** The reply ends after `bytes` of its body (by default half of it) and the connection with it. */
  | { kind: 'cut'; bytes?: number }
  /** The reply has another body; its status and headers stay. */
  | { kind: 'rewrite'; body: (sent: string) => string }
  /** Nothing happens until the promise is settled: before the effect, or before the reply. */
  | { kind: 'hold'; moment: Moment; until: Promise<unknown> };

export interface FaultRule {
  when: (request: RequestLine) => boolean;
  /** How many requests it meets; by default every one. */
  times?: number;
  fault: Fault;
}

/** The faults of a local Fabric; the first rule that fits a request is the one that it meets. */
export class Faults {
  readonly #rules: FaultRule[] = [];
  readonly #left = new Map<FaultRule, number>();

  constructor(rules: readonly FaultRule[]) {
    for (const rule of rules) this.add(rule);
  }

  /** Adds a rule that is asked before those that are there; the function returned takes it away. */
  add(rule: FaultRule): () => void {
    this.#rules.unshift(rule);
    this.#left.set(rule, rule.times ?? Number.POSITIVE_INFINITY);
    return () => this.#left.set(rule, 0);
  }

  /** The fault that this request meets; it is counted. */
  take(request: RequestLine): Fault | undefined {
    for (const rule of this.#rules) {
      const left = this.#left.get(rule) ?? 0;
      if (left <= 0 || !rule.when(request)) continue;
      this.#left.set(rule, left - 1);
      return rule.fault;
    }
    return undefined;
  }
}
