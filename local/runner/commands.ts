import { annotationOf } from './annotation.ts';
import { lowerCase, parseCommand, type Command } from './command.ts';
import type { StepLog } from './step-log.ts';

const links = 'For more information see: https://github.blog/changelog/';
const disabled = (name: string): string =>
  `The \`${name}\` command is disabled. Please upgrade to using Environment Files or opt into unsecure command execution by setting the \`ACTIONS_ALLOW_UNSECURE_COMMANDS\` environment variable to \`true\`. ${links}2020-10-01-github-actions-deprecating-set-env-and-add-path-commands/`;
const deprecated = (name: string): string =>
  `The \`${name}\` command is deprecated and will be disabled soon. Please upgrade to using Environment Files. ${links}2022-10-11-github-actions-deprecating-save-state-and-set-output-commands/`;
const tokenRefused =
  "You cannot use a endToken that is an empty string, the string 'pause-logging', or another workflow command. For more information see: https://docs.github.com/actions/learn-github-actions/workflow-commands-for-github-actions#example-stopping-and-starting-workflow-commands or opt into insecure command execution by setting the `ACTIONS_ALLOW_UNSECURE_STOPCOMMAND_TOKENS` environment variable to `true`.";

/** Every command that is registered; a line with another name is no command but text. */
const registered = new Set([
  ...['add-mask', 'add-matcher', 'add-path', 'debug', 'echo', 'endgroup', 'error', 'group'],
  ...['notice', 'remove-matcher', 'save-state', 'set-env', 'set-output', 'stop-commands'],
  'warning',
]);

/** Commands whose line is never echoed, because it shows otherwise or must not show. */
const neverEchoed = new Set(['add-mask', 'debug', 'error', 'notice', 'warning']);

/**
 * Reads a step's output line by line as the runner does: commands take effect, everything else is
 * shown. One object serves one process; stdout and stderr share it, and so a fence holds for both.
 * (actions/runner, OutputManager.cs and ActionCommandManager.cs; texts from Constants.cs)
 */
export class Commands {
  /** By `set-output` and `save-state`, in the order of arrival. */
  readonly outputs = new Map<string, string>();
  readonly state = new Map<string, string>();

  readonly #log: StepLog;
  readonly #workspace: string;
  #token: string | undefined;
  #echo: boolean;

  constructor(log: StepLog, workspace: string) {
    this.#log = log;
    this.#workspace = workspace;
    this.#echo = log.debugShown;
  }

  /** One line of the process's stdout or stderr. */
  line(text: string): void {
    const command =
      text.includes('::') || text.includes('##[')
        ? parseCommand(text, (name) => this.#isRegistered(name))
        : undefined;
    if (!command || !this.#handle(command, text)) this.#log.write(text);
  }

  #isRegistered(name: string): boolean {
    const lower = lowerCase(name);
    return registered.has(lower) || (this.#token !== undefined && lower === this.#token);
  }

  /** Whether the line is dealt with; otherwise it is shown as text. */
  #handle(command: Command, text: string): boolean {
    const name = lowerCase(command.name);
    if (this.#token !== undefined) {
      if (name !== this.#token) return false;
      this.#log.write(text);
      this.#log.debug('Resume processing commands');
      this.#token = undefined;
      return true;
    }
    if (name === 'stop-commands') {
      this.#stop(command.data, text);
      return true;
    }
    if (this.#echo && !neverEchoed.has(name)) this.#log.write(text);
    try {
      this.#process(name, command);
    } catch (problem) {
      const shown = neverEchoed.has(name) ? name : text;
      const why = problem instanceof Error ? problem.message : String(problem);
      this.#log.fail(`Unable to process command '${shown}' successfully.`, why);
    }
    return true;
  }

  /** The token is masked before its line is shown, if it is longer than six characters. */
  #stop(token: string, text: string): void {
    const lower = lowerCase(token);
    if (token === '' || registered.has(lower) || lower === 'pause-logging') {
      this.#log.error(tokenRefused);
      this.#log.failed = true;
      return;
    }
    if (token.length > 6) this.#log.masks.add(token);
    this.#token = lower;
    this.#log.write(text);
    this.#log.debug(
      'Paused processing commands until the token you called ::stop-commands:: with is received',
    );
  }

  #process(name: string, command: Command): void {
    switch (name) {
      case 'add-mask':
        this.#mask(command.data);
        break;
      case 'debug':
        this.#log.debug(command.data);
        break;
      case 'echo':
        this.#setEcho(command.data);
        break;
      case 'group':
        this.#log.group(command.data);
        break;
      case 'endgroup':
        this.#log.endGroup();
        break;
      case 'set-output':
        this.#keep(command, this.outputs);
        break;
      case 'save-state':
        this.#keep(command, this.state);
        break;
      case 'set-env':
      case 'add-path':
        throw new Error(disabled(name));
      case 'add-matcher':
      case 'remove-matcher':
        throw new Error(`Problem matchers are left out of this fake: ${name}.`);
      default:
        this.#log.annotate(annotationOf(command, this.#workspace));
        break;
    }
  }

  #mask(value: string): void {
    if (value.trim() === '') {
      const message = "Can't add secret mask for empty string in ##[add-mask] command.";
      this.#log.annotate({ level: 'warning', message });
      return;
    }
    if (this.#echo) this.#log.write('::add-mask::***');
    this.#log.masks.add(value);
  }

  #setEcho(value: string): void {
    const wanted = lowerCase(value.trim());
    if (value === '') throw new Error("Value cannot be null. (Parameter 'value')");
    if (wanted !== 'on' && wanted !== 'off') {
      throw new Error(
        `Invalid echo command value. Possible values can be: 'on', 'off'. Current value is: '${value}'.`,
      );
    }
    this.#echo = wanted === 'on';
  }

  #keep(command: Command, kept: Map<string, string>): void {
    const name = lowerCase(command.name);
    this.#log.annotate({ level: 'warning', message: deprecated(name) });
    const key = command.properties.get('name');
    if (key === undefined || key === '') {
      throw new Error(`Required field 'name' is missing in ##[${name}] command.`);
    }
    kept.set(key, command.data);
  }
}
