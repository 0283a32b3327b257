import type { LogLine } from './step-log.ts';

export interface RenderOptions {
  /** Print what groups hold; otherwise only their names. */
  unfolded?: boolean;
  /** ANSI colours, those of the log itself included. */
  colours?: boolean;
  /** Each line's time before it. */
  timestamps?: boolean;
}

/** Colours of marked lines, close to those of GitHub's page. */
const colours = { error: 31, warning: 33, notice: 36, debug: 35, command: 34, group: 1 } as const;

const marks = {
  error: 'Error: ',
  warning: 'Warning: ',
  notice: 'Notice: ',
  debug: 'Debug: ',
  command: '',
  section: '',
} as const;

/** Terminal sequences, finished or not, and control characters but the tab. */
const control =
  // eslint-disable-next-line no-control-regex -- control characters are what it looks for
  /\u001b(?:\[[0-?]*[ -/]*[@-~]|[^[]?)|[\u0000-\u0008\u000a-\u001a\u001c-\u001f\u007f-\u009f]/g;
/** The sequences that set colours, the only ones that GitHub's page shows. */
// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const colourCode = /^\u001b\[[0-9;]*m$/;

/**
 * Shows a stored log on a terminal as GitHub's page shows it: a group folds to `▸ name`, tagged
 * lines are marked. Takes the lines one by one, so that a log can be shown while it grows.
 */
export class LogRenderer {
  readonly #options: RenderOptions;
  #inGroup = false;

  constructor(options: RenderOptions = {}) {
    this.#options = options;
  }

  /** What the terminal shows for a line; `undefined` when it is folded away or is a group's end. */
  line(line: LogLine): string | undefined {
    const [, tag, rest] = /^##\[(\w+)\](.*)$/s.exec(line.text) ?? [];
    if (tag === 'group') return this.#group(line, rest ?? '');
    if (tag === 'endgroup') {
      this.#inGroup = false;
      return undefined;
    }
    if (this.#inGroup && !this.#options.unfolded) return undefined;
    const indent = this.#inGroup ? '  ' : '';
    return this.#time(line) + indent + this.#marked(line.text, tag, rest ?? '');
  }

  #group(line: LogLine, name: string): string {
    this.#inGroup = true;
    const arrow = this.#options.unfolded ? '▾' : '▸';
    return this.#time(line) + this.#coloured(`${arrow} ${this.#clean(name)}`, colours.group);
  }

  #marked(text: string, tag: string | undefined, rest: string): string {
    for (const [name, mark] of Object.entries(marks)) {
      if (name !== tag) continue;
      const code = Object.entries(colours).find(([key]) => key === name)?.[1];
      return this.#coloured(mark + this.#clean(rest), code);
    }
    return this.#clean(text);
  }

  /** Text from a job must not steer the terminal: only its colours pass, and they end with it. */
  #clean(text: string): string {
    const kept = (found: string): boolean =>
      this.#options.colours === true && colourCode.test(found);
    const clean = text.replace(control, (found) => (kept(found) ? found : ''));
    return clean.includes('\u001b') ? `${clean}\u001b[0m` : clean;
  }

  #coloured(text: string, code: number | undefined): string {
    return this.#options.colours && code !== undefined ? `\u001b[${code}m${text}\u001b[0m` : text;
  }

  #time(line: LogLine): string {
    return this.#options.timestamps ? `${new Date(line.time).toISOString()} ` : '';
  }
}

/** A whole log as a terminal shows it, each line ended. */
export function renderLog(lines: readonly LogLine[], options: RenderOptions = {}): string {
  const renderer = new LogRenderer(options);
  return lines
    .map((line) => renderer.line(line))
    .filter((line) => line !== undefined)
    .map((line) => `${line}\n`)
    .join('');
}

/** Colours are for a terminal whose user has not refused them (no-color.org). */
export function coloursWanted(
  stream: { isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  return stream.isTTY === true && (env['NO_COLOR'] ?? '') === '';
}
