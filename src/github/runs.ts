import { messageOf } from '../errors.ts';
import { refusalLine } from '../http/refusal.ts';
import { textAt } from '../http/json.ts';
import { GitHubApi, isRateLimited, repositoryPath, type GitHubApiParts } from './api.ts';

/** Has a workflow run ended? `unknown` says why it cannot be told; `forbidden`: the token may not read it. */
export type RunState =
  { kind: 'ended' } | { kind: 'active' } | { kind: 'unknown'; why: string; forbidden: boolean };

const patience = 60_000;

/** Workflow runs of one repository. Source: GitHub REST API, "Get a workflow run" (needs `actions: read`). */
export class WorkflowRuns {
  readonly #api: GitHubApi;
  readonly #root: string;

  /** Throws `StepError` HOST_REFUSED when the API is neither https nor on loopback. */
  constructor({ repository, ...parts }: GitHubApiParts & { repository: string }) {
    this.#api = new GitHubApi(parts);
    this.#root = `${this.#api.root}${repositoryPath(repository)}/actions/runs`;
  }

  /** The state of the run, in whatever attempt it is. Never throws. */
  async state(runId: string, signal?: AbortSignal): Promise<RunState> {
    const url = `${this.#root}/${encodeURIComponent(runId)}`;
    try {
      const answer = await this.#api.send('GET', url, { patience, signal });
      const status = textAt(answer.json, 'status');
      if (answer.status === 200 && status !== undefined)
        return { kind: status === 'completed' ? 'ended' : 'active' };
      const forbidden = answer.status === 401 || (answer.status === 403 && !isRateLimited(answer));
      return { kind: 'unknown', why: `GitHub answered ${refusalLine(answer)}`, forbidden };
    } catch (thrown) {
      return { kind: 'unknown', why: messageOf(thrown), forbidden: false };
    }
  }
}
