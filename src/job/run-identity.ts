import type { RunIdentity } from '../livy/request.ts';
import type { Step } from './step.ts';

/** What tells this call of this run apart. */
export function runIdentity({ world, inputs }: Step): RunIdentity {
  const env = (name: string): string => world.runner.env(name) ?? '';
  return {
    serverUrl: env('GITHUB_SERVER_URL'),
    repository: env('GITHUB_REPOSITORY'),
    workflow: env('GITHUB_WORKFLOW'),
    runId: env('GITHUB_RUN_ID'),
    attempt: env('GITHUB_RUN_ATTEMPT'),
    runKey: inputs.runKey,
  };
}
