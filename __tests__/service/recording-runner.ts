import { fenced, plainLine, type Runner } from '../../src/runner.ts';

/** A runner that records what it is told, in the order in which it is told. */
export class RecordingRunner implements Runner {
  readonly lines: string[] = [];
  readonly errors: { title: string; message: string }[] = [];
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

  error(message: string, title: string): void {
    this.errors.push({ title, message });
  }

  remote(lines: readonly string[], group?: string): Promise<void> {
    if (lines.length > 0) {
      this.remotes.push(fenced(lines, 'token'));
      if (group !== undefined) this.lines.push(`▸ ${group}`);
      else this.lines.push(...lines);
    }
    return Promise.resolve();
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
}
