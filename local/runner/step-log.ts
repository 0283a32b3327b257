import type { Masks } from './masks.ts';

/** A line of the stored log. */
export interface LogLine {
  /** Milliseconds since the epoch. */
  time: number;
  text: string;
}

export type AnnotationLevel = 'error' | 'warning' | 'notice';

export interface Annotation {
  level: AnnotationLevel;
  message: string;
  title?: string;
  /** Relative to the workspace when it is inside. */
  file?: string;
  line?: number;
  endLine?: number;
  column?: number;
  endColumn?: number;
}

/** A folded part of the log. */
export interface Group {
  name: string;
  lines: string[];
}

/** A step keeps this many annotations of each level. (ExecutionContext.cs, _maxIssueCount) */
const annotationLimit = 10;
/** Characters of a message that an annotation keeps. (ExecutionContext.cs, _maxIssueMessageLength) */
const messageLimit = 4096;

/**
 * The log of one step: what the runner stores and the page shows, and what it collects beside it.
 * (actions/runner, ExecutionContext.cs, Write and AddIssue)
 */
export class StepLog {
  readonly lines: LogLine[] = [];
  readonly annotations: Annotation[] = [];
  readonly groups: Group[] = [];
  /** A command or a file command failed: the step is red whatever its exit code. */
  failed = false;

  readonly debugShown: boolean;
  readonly masks: Masks;
  readonly #now: () => number;
  readonly #onLine: (line: LogLine) => void;
  readonly #counts = { error: 0, warning: 0, notice: 0 };
  #openGroup: Group | undefined;

  constructor(parts: {
    masks: Masks;
    debug: boolean;
    now: () => number;
    onLine: (line: LogLine) => void;
  }) {
    this.masks = parts.masks;
    this.debugShown = parts.debug;
    this.#now = parts.now;
    this.#onLine = parts.onLine;
  }

  /** Stores a text; one that holds line breaks becomes several lines. Masks are applied first. */
  write(text: string): void {
    for (const line of this.masks.hide(text).split(/\r?\n/)) this.#store(line);
  }

  /** Opens a group; one that is open ends here, as groups do not nest. */
  group(name: string): void {
    this.#openGroup = undefined;
    this.write(`##[group]${name}`);
    this.#openGroup = { name: this.masks.hide(name), lines: [] };
    this.groups.push(this.#openGroup);
  }

  endGroup(): void {
    this.#openGroup = undefined;
    this.write('##[endgroup]');
  }

  /** Shown only when debug logging is on, each line with the tag. */
  debug(message: string): void {
    if (!this.debugShown) return;
    for (const line of message.split(/\r?\n/)) this.write(`##[debug]${line}`);
  }

  /**
   * An annotation and its line in the log. The eleventh of a level is logged but not annotated,
   * and so is one without a message.
   */
  annotate(annotation: Annotation): void {
    const { level } = annotation;
    if (annotation.message !== '') this.write(`##[${level}]${annotation.message}`);
    this.#counts[level] += 1;
    const message = this.masks.hide(annotation.message).slice(0, messageLimit);
    if (this.#counts[level] > annotationLimit || message.trim() === '') return;
    this.annotations.push({ ...annotation, message });
  }

  error(message: string): void {
    this.annotate({ level: 'error', message });
  }

  /** What the runner does with an exception of a command: two errors, and a red step. */
  fail(what: string, why: string): void {
    this.error(what);
    this.error(why);
    this.failed = true;
  }

  #store(text: string): void {
    const line = { time: this.#now(), text };
    this.lines.push(line);
    this.#openGroup?.lines.push(text);
    this.#onLine(line);
  }
}
