import { linesOf, textsOf, type ShownLines } from '../../src/log/shown-lines.ts';
import { fenced, plainLine, type Runner } from '../../src/runner.ts';

/** One thing that the step wrote, in order. */
export type Printed =
  | { kind: 'info' | 'notice' | 'warning'; text: string }
  | { kind: 'error'; text: string; title: string }
  | { kind: 'remote'; lines: readonly string[]; group?: string | undefined };

export interface RunnerParts {
  inputs: Readonly<Record<string, string>>;
  env: Readonly<Record<string, string>>;
  idToken: (audience: string) => Promise<string>;
  /** Of main, for post. */
  states?: Readonly<Record<string, string>>;
}

/** The workflow runner of one process, which keeps all that it is told while that process lives. */
export class SimulatedRunner implements Runner {
  readonly printed: Printed[] = [];
  readonly outputs: Record<string, string> = {};
  readonly states: Record<string, string>;
  readonly masks = new Set<string>();
  summaryText = '';
  /** False once the process is dead. */
  alive = true;
  readonly #parts: RunnerParts;

  constructor(parts: RunnerParts) {
    this.#parts = parts;
    this.states = { ...parts.states };
    this.input = this.input.bind(this);
    this.env = this.env.bind(this);
  }

  input(name: string): string {
    return this.#parts.inputs[name] ?? '';
  }

  env(name: string): string | undefined {
    return this.#parts.env[name];
  }

  info(line: string): void {
    this.#print({ kind: 'info', text: plainLine(line) });
  }

  notice(text: string): void {
    this.#print({ kind: 'notice', text });
  }

  warning(text: string): void {
    this.#print({ kind: 'warning', text });
  }

  error(text: string, title: string): void {
    this.#print({ kind: 'error', text, title });
  }

  remote(lines: readonly string[], group?: string): Promise<void> {
    if (lines.length > 0) this.#print({ kind: 'remote', lines: [...lines], group });
    return Promise.resolve();
  }

  log(lines: ShownLines, group?: string): Promise<void> {
    return this.remote(textsOf(lines), group);
  }

  mask(secret: string): void {
    this.masks.add(secret);
  }

  output(name: string, value: string | number): void {
    if (this.alive) this.outputs[name] = String(value);
  }

  saveState(name: string, value: string): void {
    if (this.alive) this.states[name] = value;
  }

  state(name: string): string {
    return this.states[name] ?? '';
  }

  summary(markdown: string): Promise<void> {
    if (this.alive) this.summaryText += markdown;
    return Promise.resolve();
  }

  idToken(audience: string): Promise<string> {
    return this.#parts.idToken(audience);
  }

  /** All texts of our own: lines, warnings, errors. */
  get ownLines(): string[] {
    return this.printed.flatMap((one) => (one.kind === 'remote' ? [] : [one.text]));
  }

  /** What stands in the job's output, before the runner reads commands in it. */
  get written(): string {
    return this.printed
      .map((one) => {
        if (one.kind === 'info') return `${one.text}\n`;
        if (one.kind !== 'remote') return `::${one.kind}::${escaped(one.text)}\n`;
        const text = fenced(linesOf(one.lines), fenceToken).toString();
        return one.group === undefined
          ? text
          : `::group::${plainLine(one.group)}\n${text}::endgroup::\n`;
      })
      .join('');
  }

  #print(one: Printed): void {
    if (this.alive) this.printed.push(one);
  }
}

/** Stands for the random token of each fence. */
export const fenceToken = '8e2b6c1a-0000-4000-8000-000000000000';

/** As `@actions/core` escapes the message of a command. */
function escaped(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}
