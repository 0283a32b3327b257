import { randomUUID } from 'node:crypto';
import { obstacleOf } from './http/obstacle.ts';
import { TransportError } from './http/transport.ts';
import type { InputSource } from './inputs/reader.ts';
import { linesOf, type ShownLines } from './log/shown-lines.ts';
import type { CheckoutLine } from './report/facts.ts';
import { addToFile, command, setInFile } from './runner/commands.ts';

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
  const { env } = parts;
  /** The writer keeps the order, and nothing is wrong with a line that nobody reads any more. */
  const print = (text: string): void => void parts.write(Buffer.from(text));
  /** A runner without the file takes the command of old. */
  const set = (file: string, old: string, name: string, value: string): void => {
    const path = env[file] ?? '';
    if (path === '') print(`\n${command(old, { name }, value)}`);
    else setInFile(path, name, value);
  };
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
    input: (name) => env[`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`] ?? '',
    env: (name) => env[name],
    info: (line) => print(`${plainLine(line)}\n`),
    notice: (message) => print(command('notice', {}, message)),
    warning: (message) => print(command('warning', {}, message)),
    error: (message, title, place) =>
      print(command('error', { title, file: place?.file, line: place?.line }, message)),
    remote: (lines, group) => log(linesOf(lines), group),
    log,
    mask: (secret) => print(command('add-mask', {}, secret)),
    output: (name, value) => set('GITHUB_OUTPUT', 'set-output', name, String(value)),
    saveState: (name, value) => set('GITHUB_STATE', 'save-state', name, value),
    state: (name) => env[`STATE_${name}`] ?? '',
    summary: (markdown) =>
      new Promise((resolve) => {
        const path = env['GITHUB_STEP_SUMMARY'] ?? '';
        if (path === '') throw new Error('the runner has no job summary (GITHUB_STEP_SUMMARY)');
        addToFile(path, `${markdown}\n`);
        resolve();
      }),
    idToken: async (audience) => {
      // The toolkit comes with an HTTP client: it is read only where it is asked for a token.
      const { getIDToken } = await import('@actions/core');
      try {
        return await getIDToken(audience);
      } catch (thrown) {
        const obstacle = obstacleOf(thrown);
        if (!obstacle) throw thrown;
        throw new TransportError('not-sent', obstacle.says, thrown, obstacle.lasting);
      }
    },
  };
}
