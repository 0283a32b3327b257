import { StepError, messageOf } from '../errors.ts';
import type { HttpClient } from '../http/client.ts';
import { refusalLine } from '../http/client.ts';
import { isLoopback } from '../http/hosts.ts';
import { textAt } from '../http/json.ts';

/** Has a workflow run ended? `unknown` says why it cannot be told; `forbidden`: the token may not read it. */
export type RunState =
  { kind: 'ended' } | { kind: 'active' } | { kind: 'unknown'; why: string; forbidden: boolean };

const patience = 60_000;

/** Workflow runs of one repository. Source: GitHub REST API, "Get a workflow run" (needs `actions: read`). */
export class WorkflowRuns {
  readonly #http: HttpClient;
  readonly #root: string;
  readonly #token: string;

  /** `apiUrl`: the runner's GITHUB_API_URL. Throws `StepError` HOST_REFUSED when it is neither https nor on loopback. */
  constructor(parts: { http: HttpClient; apiUrl: string; repository: string; token: string }) {
    const url = URL.canParse(parts.apiUrl) ? new URL(parts.apiUrl) : undefined;
    if (!url || (url.protocol !== 'https:' && !isLoopback(url.hostname)))
      throw new StepError(
        'HOST_REFUSED',
        `GITHUB_API_URL is no https URL (${parts.apiUrl || 'not set'}), and github-token is not sent there.`,
        { advice: 'Serve the API of GitHub Enterprise Server over https.' },
      );
    const repository = parts.repository.split('/').map(encodeURIComponent).join('/');
    this.#http = parts.http;
    this.#root = `${parts.apiUrl.replace(/\/+$/, '')}/repos/${repository}/actions/runs`;
    this.#token = parts.token;
  }

  /** The state of the run, in whatever attempt it is. Never throws. */
  async state(runId: string, signal?: AbortSignal): Promise<RunState> {
    const headers = {
      authorization: `Bearer ${this.#token}`,
      accept: 'application/vnd.github+json',
      'x-github-api-version': '2022-11-28',
      'user-agent': 'fabric-spark-batch',
    };
    const url = `${this.#root}/${encodeURIComponent(runId)}`;
    try {
      const answer = await this.#http.send({ method: 'GET', url, headers }, { patience, signal });
      const status = textAt(answer.json, 'status');
      if (answer.status === 200 && status !== undefined)
        return { kind: status === 'completed' ? 'ended' : 'active' };
      // A 403 is also how GitHub says that its rate limit is used up.
      const limited =
        answer.headers['x-ratelimit-remaining'] === '0' ||
        answer.headers['retry-after'] !== undefined;
      const forbidden = answer.status === 401 || (answer.status === 403 && !limited);
      return { kind: 'unknown', why: `GitHub answered ${refusalLine(answer)}`, forbidden };
    } catch (thrown) {
      return { kind: 'unknown', why: messageOf(thrown), forbidden: false };
    }
  }
}
