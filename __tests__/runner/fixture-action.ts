import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Commands } from '../../local/runner/commands.ts';
import { LineSplitter } from '../../local/runner/lines.ts';
import { Masks } from '../../local/runner/masks.ts';
import { StepLog } from '../../local/runner/step-log.ts';
import type { StepOptions } from '../../local/runner/step.ts';

/** Temporary folders that a test file makes and removes. */
export class Folders {
  readonly #made: string[] = [];

  make(): string {
    const folder = mkdtempSync(join(tmpdir(), 'runner-test-'));
    this.#made.push(folder);
    return folder;
  }

  remove(): void {
    for (const folder of this.#made.splice(0)) rmSync(folder, { recursive: true, force: true });
  }
}

/** Writes an action whose entries are the given JavaScript, and gives the options to start it. */
export function fixtureAction(
  folder: string,
  entries: { main: string; post?: string; inputs?: string },
): StepOptions {
  const workspace = join(folder, 'workspace');
  const action = join(folder, 'action');
  for (const each of [workspace, action]) mkdirSync(each, { recursive: true });
  const lines = ['name: Fixture', entries.inputs ?? '', 'runs:', '  using: node24'];
  lines.push('  main: main.js');
  writeFileSync(join(action, 'main.js'), prelude + entries.main);
  if (entries.post !== undefined) {
    lines.push('  post: post.js');
    writeFileSync(join(action, 'post.js'), prelude + entries.post);
  }
  writeFileSync(join(action, 'action.yml'), lines.join('\n'));
  return { action, workspace, tempFolder: join(folder, 'temp') };
}

const prelude = `
  const { appendFileSync } = require('node:fs');
  const put = (name, text) => appendFileSync(process.env['GITHUB_' + name], text);
`;

/** What the runner makes of an output, without a process. */
export function reading(output: string, options: { debug?: boolean } = {}) {
  const log = new StepLog({
    masks: new Masks(),
    debug: options.debug ?? false,
    now: () => 0,
    onLine: () => undefined,
  });
  const commands = new Commands(log, '/checkout');
  const splitter = new LineSplitter();
  for (const line of [...splitter.push(Buffer.from(output)), ...splitter.end()]) {
    commands.line(line);
  }
  return {
    lines: log.lines.map(({ text }) => text),
    annotations: log.annotations,
    groups: log.groups,
    masks: log.masks.values,
    failed: log.failed,
    outputs: Object.fromEntries(commands.outputs),
    state: Object.fromEntries(commands.state),
  };
}
