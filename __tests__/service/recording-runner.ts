import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CheckoutLine } from '../../src/report/facts.ts';
import { linesOf, textsOf, type ShownLines } from '../../src/log/shown-lines.ts';
import { fenced, plainLine, type Runner } from '../../src/runner.ts';

/** A runner that records what it is told, in the order in which it is told. */
export class RecordingRunner implements Runner {
  readonly lines: string[] = [];
  readonly errors: { title: string; message: string; place?: CheckoutLine }[] = [];
  readonly warnings: string[] = [];
  readonly outputs: Record<string, string> = {};
  readonly states: Record<string, string> = {};
  readonly masks: string[] = [];
  /** Texts of the driver log as they were written. */
  readonly remotes: string[] = [];
  /** What was recorded when: outputs, states, masks and lines in one sequence. */
  readonly events: string[] = [];
  summaryText = '';

  readonly #inputs: Readonly<Record<string, string>>;
  readonly #env: Readonly<Record<string, string>>;
  readonly #idToken: (audience: string) => Promise<string>;

  constructor(parts: {
    inputs: Readonly<Record<string, string>>;
    env?: Readonly<Record<string, string>>;
    idToken?: (audience: string) => Promise<string>;
  }) {
    this.#inputs = parts.inputs;
    this.#env = parts.env ?? {};
    this.#idToken = parts.idToken ?? (() => Promise.reject(new Error('no OIDC here')));
    // As with the real runner, they may be handed on by themselves.
    this.input = this.input.bind(this);
    this.env = this.env.bind(this);
  }

  input(name: string): string {
    return this.#inputs[name] ?? '';
  }

  env(name: string): string | undefined {
    return this.#env[name];
  }

  info(line: string): void {
    this.lines.push(plainLine(line));
    this.events.push(`line ${line}`);
  }

  notice(message: string): void {
    this.lines.push(message);
  }

  warning(message: string): void {
    this.warnings.push(message);
  }

  error(message: string, title: string, place?: CheckoutLine): void {
    this.errors.push({ title, message, ...(place === undefined ? {} : { place }) });
  }

  remote(lines: readonly string[], group?: string): Promise<void> {
    if (lines.length > 0) {
      this.remotes.push(fenced(linesOf(lines), 'token').toString());
      if (group !== undefined) this.lines.push(`▸ ${group}`);
      else this.lines.push(...lines);
    }
    return Promise.resolve();
  }

  log(lines: ShownLines, group?: string): Promise<void> {
    return this.remote(textsOf(lines), group);
  }

  mask(secret: string): void {
    this.masks.push(secret);
    this.events.push('mask');
  }

  output(name: string, value: string | number): void {
    this.outputs[name] = String(value);
    this.events.push(`output ${name}=${value}`);
  }

  saveState(name: string, value: string): void {
    this.states[name] = value;
    this.events.push(`state ${name}`);
  }

  state(name: string): string {
    return this.states[name] ?? '';
  }

  summary(markdown: string): Promise<void> {
    this.summaryText += markdown;
    return Promise.resolve();
  }

  idToken(audience: string): Promise<string> {
    return this.#idToken(audience);
  }

  /** The one error annotation, and a test failure when there is another number of them. */
  get onlyError(): { title: string; message: string; place?: CheckoutLine } {
    const [first, second] = this.errors;
    if (!first || second)
      throw new Error(`${this.errors.length} errors instead of one: ${this.story}`);
    return first;
  }

  /** All that a reader of the log sees, for failing tests and for searches. */
  get story(): string {
    return [...this.lines, ...this.warnings].join('\n');
  }

  /** A file that the action left under its log path. */
  logFile(name: 'stdout.log' | 'stderr.log' | 'livy.log'): Buffer {
    return readFileSync(join(this.outputs['log-path'] ?? '', name));
  }
}
