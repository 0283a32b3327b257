import { textsOf, type ShownLines } from '../../src/log/shown-lines.ts';
import type { Runner } from '../../src/runner.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** A runner that keeps what it is told, and when. */
export class KeptRunner implements Runner {
  readonly lines: { at: number; text: string }[] = [];
  readonly warnings: string[] = [];
  readonly errors: string[] = [];
  readonly remoteLines: string[] = [];
  readonly outputs = new Map<string, string>();
  readonly #clock: VirtualClock;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  input(): string {
    return '';
  }

  env(): string | undefined {
    return undefined;
  }

  info(line: string): void {
    this.lines.push({ at: this.#clock.elapsed, text: line });
  }

  notice(message: string): void {
    this.info(message);
  }

  warning(message: string): void {
    this.warnings.push(message);
  }

  error(message: string): void {
    this.errors.push(message);
  }

  remote(...[lines]: [lines: readonly string[], group?: string]): Promise<void> {
    this.remoteLines.push(...lines);
    return Promise.resolve();
  }

  log(lines: ShownLines, group?: string): Promise<void> {
    return this.remote(textsOf(lines), group);
  }

  mask(): void {
    // Nothing is shown here.
  }

  output(name: string, value: string | number): void {
    this.outputs.set(name, String(value));
  }

  saveState(): void {
    // No post follows.
  }

  state(): string {
    return '';
  }

  summary(): Promise<void> {
    return Promise.resolve();
  }

  idToken(): Promise<string> {
    return Promise.reject(new Error('No ID token here.'));
  }
}
