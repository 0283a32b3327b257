import { randomUUID } from 'node:crypto';
import * as core from '@actions/core';
import { obstacleOf } from './http/obstacle.ts';
import { TransportError } from './http/transport.ts';
import type { InputSource } from './inputs/reader.ts';
import { linesOf, type ShownLines } from './log/shown-lines.ts';
import type { CheckoutLine } from './report/facts.ts';

/** The workflow runner as the action sees it. All output of the action goes through here. */
export interface Runner extends InputSource {
  info(line: string): void;
  notice(message: string): void;
  warning(message: string): void;
  /** One error annotation, on a line of the checkout where one is named. */
  error(message: string, title: string, place?: CheckoutLine): void;
  /** Text from elsewhere: never read as a command. A `group` folds it under that title. */
  remote(lines: readonly string[], group?: string): Promise<void>;
  /** The same for lines of a log. */
  log(lines: ShownLines, group?: string): Promise<void>;
  /** From now on the value is shown as `***`. */
  mask(secret: string): void;
  output(name: string, value: string | number): void;
  saveState(name: string, value: string): void;
  state(name: string): string;
  summary(markdown: string): Promise<void>;
  /**
   * A new GitHub ID token for an audience. Throws `TransportError` where a proxy or a certificate stands
   * in the way, else what the toolkit throws.
   */
  idToken(audience: string): Promise<string>;
}

/**
 * A line that could be a workflow command holds `::` or `##[` (actions/runner, ActionCommand.cs:
 * `::name::` after white space, `##[name]` anywhere). A text without either needs no fence, whose two
 * marks the runner prints into the log.
 */
export function needsFence(text: Buffer): boolean {
  return text.includes('::') || text.includes('##[');
}

/** Lines as they are written: fenced by `::stop-commands::` under a token that was never printed before. */
export function fenced({ bytes }: ShownLines, token: string): Buffer {
  return needsFence(bytes)
    ? between(`::stop-commands::${token}\n`, bytes, `::${token}::\n`)
    : bytes;
}

function between(before: string, text: Buffer, after: string): Buffer {
  return Buffer.concat([Buffer.from(before), text, Buffer.from(after)]);
}

/** Our own line with names from elsewhere in it: on one line, and no command in either form. */
export function plainLine(line: string): string {
  const text = line.replace(/[\r\n]+/g, ' ').replaceAll('##[', '## [');
  // The runner trims more kinds of white space than JavaScript knows (U+0085), so any start without a word counts.
  return /^[^\p{L}\p{N}]*::/u.test(text) ? `- ${text}` : text;
}

/**
 * Puts text on a stream; resolves when the stream takes more, so that a slow reader is waited for, and
 * when it is broken, which never drains.
 */
export function writerOf(stream: NodeJS.WritableStream): (text: Buffer) => Promise<void> {
  return (text) =>
    new Promise((resolve) => {
      if (stream.write(text, () => resolve())) resolve();
    });
}

/**
 * The runner of GitHub Actions. `write` puts text on the job's standard output and resolves when
 * more may come; `env` is the environment of the step.
 */
export function actionsRunner(parts: {
  env: Readonly<Record<string, string | undefined>>;
  write: (text: Buffer) => Promise<void>;
}): Runner {
  const log: Runner['log'] = async (lines, group) => {
    if (lines.count === 0) return;
    const text = fenced(lines, randomUUID());
    // In one piece, so that nothing else comes to stand inside the group.
    await parts.write(
      group === undefined
        ? text
        : between(`::group::${plainLine(group)}\n`, text, '::endgroup::\n'),
    );
  };
  return {
    input: (name) => parts.env[`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`] ?? '',
    env: (name) => parts.env[name],
    info: (line) => core.info(plainLine(line)),
    notice: (message) => core.notice(message),
    warning: (message) => core.warning(message),
    error: (message, title, place) =>
      core.error(message, {
        title,
        ...(place === undefined ? {} : { file: place.file, startLine: place.line }),
      }),
    remote: (lines, group) => log(linesOf(lines), group),
    log,
    mask: (secret) => core.setSecret(secret),
    output: (name, value) => core.setOutput(name, value),
    saveState: (name, value) => core.saveState(name, value),
    state: (name) => core.getState(name),
    summary: async (markdown) => {
      await core.summary.addRaw(markdown, true).write();
    },
    idToken: (audience) =>
      core.getIDToken(audience).catch((thrown: unknown) => {
        const obstacle = obstacleOf(thrown);
        if (!obstacle) throw thrown;
        throw new TransportError('not-sent', obstacle.says, thrown, obstacle.lasting);
      }),
  };
}
