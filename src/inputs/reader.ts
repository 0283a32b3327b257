import type { Parsed } from './forms.ts';

/** Where inputs come from: the runner, or a test. An input that is not given reads as ''. */
export interface InputSource {
  input(name: string): string;
  env(name: string): string | undefined;
}

/** Collects what is wrong with the inputs, so that all of it is told at once. */
export class Reader {
  readonly problems: string[] = [];
  readonly #source: InputSource;

  constructor(source: InputSource) {
    this.#source = source;
  }

  /** The text of an input without CR and outer white space; '' when it is not given. */
  text(name: string): string {
    return this.#source.input(name).replaceAll('\r', '').trim();
  }

  /** The same of an environment variable. */
  env(name: string): string {
    return (this.#source.env(name) ?? '').replaceAll('\r', '').trim();
  }

  required(name: string, fallback = ''): string {
    const text = this.text(name) || fallback.trim();
    if (text === '') this.problem(name, 'is required');
    return text;
  }

  parsed<Value>(name: string, parse: (text: string) => Parsed<Value>, unset: Value): Value {
    const text = this.text(name);
    return text === '' ? unset : this.value(name, parse(text), unset);
  }

  value<Value>(name: string, parsed: Parsed<Value>, unset: Value): Value {
    if (!('problem' in parsed)) return parsed.value;
    this.problem(name, parsed.problem);
    return unset;
  }

  problem(name: string, what: string): void {
    this.problems.push(`${name} ${what}.`);
  }
}
