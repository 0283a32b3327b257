import { mkdirSync, writeFileSync } from 'node:fs';
import { arch, platform } from 'node:os';
import { join } from 'node:path';
import type { ContextValue } from './expression.ts';

export type GithubContext = Readonly<Record<string, ContextValue>>;

/** The keys that become `GITHUB_<KEY>` in the environment of a step. (GitHubContext.cs) */
const shownKeys = new Set([
  ...['action', 'action_path', 'action_ref', 'action_repository', 'actor', 'actor_id', 'api_url'],
  ...['base_ref', 'env', 'event_name', 'event_path', 'graphql_url', 'head_ref', 'job', 'output'],
  ...['path', 'ref', 'ref_name', 'ref_protected', 'ref_type', 'repository', 'repository_id'],
  ...['repository_owner', 'repository_owner_id', 'retention_days', 'run_attempt', 'run_id'],
  ...['run_number', 'server_url', 'sha', 'state', 'step_summary', 'triggering_actor', 'workflow'],
  ...['workflow_ref', 'workflow_sha', 'workspace'],
]);

/** The `github` context of a push to a repository that does not exist. */
const aPush: GithubContext = {
  action: '__self',
  actor: 'octocat',
  api_url: 'https://api.github.com',
  base_ref: '',
  event: {},
  event_name: 'push',
  graphql_url: 'https://api.github.com/graphql',
  head_ref: '',
  job: 'job',
  ref: 'refs/heads/main',
  ref_name: 'main',
  ref_type: 'branch',
  repository: 'octo-org/octo-repo',
  repository_owner: 'octo-org',
  run_attempt: '1',
  run_id: '1',
  run_number: '1',
  server_url: 'https://github.com',
  sha: '0'.repeat(40),
  token: 'token-of-the-fake-runner',
  triggering_actor: 'octocat',
  workflow: 'workflow',
};

/** The `github` context of a step: what is given, over that of a push. */
export function githubContext(given: GithubContext, workspace: string): GithubContext {
  return { ...aPush, ...given, workspace };
}

/** The `runner` context, whose keys are `RUNNER_<KEY>` in the environment. */
export function runnerContext(tempFolder: string, debug: boolean): Record<string, string> {
  return {
    arch: arch() === 'arm64' ? 'ARM64' : 'X64',
    environment: 'self-hosted',
    name: 'local',
    os: platform() === 'darwin' ? 'macOS' : 'Linux',
    temp: tempFolder,
    ...(debug ? { debug: '1' } : {}),
  };
}

/** Writes the event's payload and gives the path of the file. (WriteWebhookPayload) */
export function writeEvent(github: GithubContext, tempFolder: string): string {
  const folder = join(tempFolder, '_github_workflow');
  const file = join(folder, 'event.json');
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, JSON.stringify(github['event'] ?? {}, null, 2));
  return file;
}

/**
 * The whole environment of the process: nothing is inherited but PATH and HOME. Later sources win,
 * in the runner's order: the workflow's `env`, saved state, inputs, contexts.
 * (ActionRunner.cs, Handler.cs, NodeScriptActionHandler.cs, ProcessInvoker.cs)
 */
export function stepEnvironment(parts: {
  env: ReadonlyMap<string, string>;
  state: ReadonlyMap<string, string>;
  inputs: ReadonlyMap<string, string>;
  github: GithubContext;
  runner: Readonly<Record<string, string>>;
  /** Folders before the rest of PATH. */
  path: readonly string[];
}): Record<string, string> {
  const environment: Record<string, string> = {
    HOME: process.env['HOME'] ?? '/',
    PATH: process.env['PATH'] ?? '',
    CI: 'true',
    ...Object.fromEntries(parts.env),
  };
  for (const [key, value] of parts.state) environment[`STATE_${key}`] = value;
  for (const [name, value] of parts.inputs) environment[inputVariable(name)] = value;
  environment['PATH'] = [...parts.path, environment['PATH'] ?? ''].join(':');
  for (const [key, value] of Object.entries(parts.github)) {
    if (!shownKeys.has(key)) continue;
    if (typeof value === 'string' || typeof value === 'boolean') {
      environment[`GITHUB_${key.toUpperCase()}`] = String(value);
    }
  }
  for (const [key, value] of Object.entries(parts.runner)) {
    environment[`RUNNER_${key.toUpperCase()}`] = value;
  }
  environment['GITHUB_ACTIONS'] = 'true';
  return environment;
}

/** Upper case, spaces to `_`, hyphens kept. (Handler.cs, AddInputsToEnvironment) */
export function inputVariable(name: string): string {
  return `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`;
}
