import { isObject, numberAt, parseJson, textAt } from '../../src/http/json.ts';
import type { GitHubSettings } from '../github/settings.ts';
import { defaultIds, type LocalFabricSettings, type WorkspaceSettings } from '../settings.ts';
import type { StepInputs } from './inputs.ts';

/** What the background process is started with. */
export interface ServeSettings {
  workspace: string;
  lakehouse: string;
  environment?: string;
  port: number;
  capacity: number;
  /** The runner's process: local Fabric ends when it does. 0: not known. */
  runnerPid: number;
  /** PEM files that were trusted before, if any. */
  trusted?: string;
}

export function serveSettings(
  inputs: StepInputs,
  runner: { pid: number; trusted: string },
): ServeSettings {
  const { workspace, lakehouse, environment, port, capacity } = inputs;
  return {
    workspace,
    lakehouse,
    ...(environment !== undefined && { environment }),
    port,
    capacity,
    // In a container the runner is outside, and its process shows as 0; 1 never ends before this one.
    runnerPid: runner.pid > 1 ? runner.pid : 0,
    ...(runner.trusted !== '' && { trusted: runner.trusted }),
  };
}

/** Reads what the main step wrote. Throws when it is no `ServeSettings`. */
export function parseServeSettings(text: string): ServeSettings {
  const value = parseJson(text);
  const [workspace, lakehouse] = [textAt(value, 'workspace'), textAt(value, 'lakehouse')];
  if (!isObject(value) || workspace === undefined || lakehouse === undefined)
    throw new Error('These are no settings of local Fabric.');
  const [environment, trusted] = [textAt(value, 'environment'), textAt(value, 'trusted')];
  return {
    workspace,
    lakehouse,
    ...(environment !== undefined && { environment }),
    port: numberAt(value, 'port') ?? 0,
    capacity: numberAt(value, 'capacity') ?? 0,
    runnerPid: numberAt(value, 'runnerPid') ?? 0,
    ...(trusted !== undefined && { trusted }),
  };
}

/** The local Fabric of these settings: one workspace with one lakehouse, and GitHub as it is for this run. */
export function fabricSettings(
  settings: ServeSettings,
  env: Readonly<Record<string, string | undefined>>,
): Omit<LocalFabricSettings, 'engine' | 'stateFolder'> {
  const { port, capacity, environment } = settings;
  const workspace: WorkspaceSettings = {
    id: defaultIds.workspace,
    name: settings.workspace,
    capacityId: defaultIds.capacity,
    lakehouses: [{ id: defaultIds.lakehouse, name: settings.lakehouse }],
    environments:
      environment === undefined ? [] : [{ id: defaultIds.environment, name: environment }],
  };
  const at = (offset: number): number => (port === 0 ? 0 : port + offset);
  return {
    workspaces: [workspace],
    ports: { authority: at(0), issuer: at(1), fabric: at(2), onelake: at(3) },
    github: gitHubOf(env),
    ...(capacity > 0 && { capacity: { maxConcurrent: capacity } }),
  };
}

/** The run as the issuer's tokens tell of it. Source: GitHub docs, "Default environment variables". */
function gitHubOf(env: Readonly<Record<string, string | undefined>>): Partial<GitHubSettings> {
  const given: Partial<GitHubSettings> = {};
  for (const [key, name] of variables) {
    const value = env[name];
    if (value !== undefined && value !== '') given[key] = value;
  }
  const file = /\/(\.github\/workflows\/[^@]+)@/.exec(env['GITHUB_WORKFLOW_REF'] ?? '')?.[1];
  if (file !== undefined) given.workflowFile = file;
  return given;
}

const variables = [
  ['repository', 'GITHUB_REPOSITORY'],
  ['repositoryId', 'GITHUB_REPOSITORY_ID'],
  ['repositoryOwnerId', 'GITHUB_REPOSITORY_OWNER_ID'],
  ['ref', 'GITHUB_REF'],
  ['sha', 'GITHUB_SHA'],
  ['runId', 'GITHUB_RUN_ID'],
  ['runNumber', 'GITHUB_RUN_NUMBER'],
  ['runAttempt', 'GITHUB_RUN_ATTEMPT'],
  ['eventName', 'GITHUB_EVENT_NAME'],
  ['workflow', 'GITHUB_WORKFLOW'],
  ['actor', 'GITHUB_ACTOR'],
] as const;
