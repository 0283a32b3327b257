import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { readActionFile, stepInputs } from '../../local/runner/action-file.ts';
import {
  githubContext,
  runnerContext,
  stepEnvironment,
  writeEvent,
} from '../../local/runner/environment.ts';
import { FileCommands } from '../../local/runner/file-commands.ts';

/** Folder of the action. */
export const root = join(import.meta.dirname, '..', '..');

/** The environment of main as the runner makes it, for a step with these inputs in a new folder. */
export function runnerEnvironment(
  folder: string,
  inputs: Readonly<Record<string, string>>,
  runtime: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const temp = join(folder, 'temp');
  mkdirSync(temp, { recursive: true });
  const github = githubContext({}, folder);
  const runner = runnerContext(temp, false);
  const strategy = { 'fail-fast': true, 'job-index': 0, 'job-total': 1, 'max-parallel': 1 };
  const given = stepInputs(readActionFile(root), inputs, {
    github,
    runner,
    matrix: null,
    strategy,
  });
  return stepEnvironment({
    env: new Map(Object.entries(runtime)),
    state: new Map(),
    inputs: given.values,
    github: { ...github, event_path: writeEvent(github, temp), ...new FileCommands(temp).files },
    runner,
    path: [],
  });
}
