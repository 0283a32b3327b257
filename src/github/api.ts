import { StepError, messageOf } from '../errors.ts';
import type { Answer, HttpClient, SendOptions } from '../http/client.ts';
import { refusalLine } from '../http/refusal.ts';
import { isLoopback } from '../http/hosts.ts';
import { retryAt } from '../http/retry-after.ts';
import { TransportError, type HttpRequest } from '../http/transport.ts';

export interface GitHubApiParts {
  http: HttpClient;
  /** The runner's GITHUB_API_URL. */
  apiUrl: string;
  token: string;
}

/** GitHub's REST API with the job's token, which goes nowhere else. */
export class GitHubApi {
  /** Without a slash at its end. */
  readonly root: string;
  readonly #http: HttpClient;
  readonly #token: string;

  /** Throws `StepError` HOST_REFUSED when the API is neither https nor on loopback. */
  constructor({ http, apiUrl, token }: GitHubApiParts) {
    const url = URL.canParse(apiUrl) ? new URL(apiUrl) : undefined;
    if (!url || (url.protocol !== 'https:' && !isLoopback(url.hostname)))
      throw new StepError(
        'HOST_REFUSED',
        `GITHUB_API_URL is no https URL (${apiUrl || 'not set'}), and github-token is not sent there.`,
        { advice: 'Serve the API of GitHub Enterprise Server over https.' },
      );
    this.root = apiUrl.replace(/\/+$/, '');
    this.#http = http;
    this.#token = token;
  }

  /** One request to a URL of the API; `body` is sent as JSON. Throws what `HttpClient.send` throws. */
  async send(
    method: HttpRequest['method'],
    url: string,
    options: SendOptions & { body?: Readonly<Record<string, unknown>> } = {},
  ): Promise<Answer> {
    const { body, ...how } = options;
    if (new URL(url).origin !== new URL(this.root).origin)
      throw new StepError('HOST_REFUSED', 'A link of GitHub leads to another host.');
    const headers = {
      authorization: `Bearer ${this.#token}`,
      accept: 'application/vnd.github+json',
      'x-github-api-version': '2022-11-28',
      'user-agent': 'fabric-spark-batch',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    return this.#http.send({ method, url, headers, ...sent }, how);
  }
}

/** `owner/name` as it stands in a path of the API. */
export function repositoryPath(repository: string): string {
  return `/repos/${repository.split('/').map(encodeURIComponent).join('/')}`;
}

/** Is this how GitHub says that a rate limit is used up? Its 403 also says that a token may not. */
export function isRateLimited({ status, headers, text }: Answer): boolean {
  if (status !== 403 && status !== 429) return false;
  return (
    status === 429 ||
    headers['x-ratelimit-remaining'] === '0' ||
    headers['retry-after'] !== undefined ||
    /secondary rate limit|abuse detection/i.test(text)
  );
}

/**
 * What an answer means: `forbidden` (the token may not), `limited` (later again), `failing` (perhaps
 * the next time), `missing` (404), `refused` (anything else, for good).
 */
export type GitHubRefusalKind = 'forbidden' | 'limited' | 'failing' | 'missing' | 'refused';

export class GitHubRefusal extends Error {
  override readonly name = 'GitHubRefusal';
  readonly kind: GitHubRefusalKind;
  /** When GitHub wants to be asked again; milliseconds since the epoch. */
  readonly retryAt: number | undefined;

  constructor(kind: GitHubRefusalKind, message: string, retryAt?: number) {
    super(message);
    this.kind = kind;
    this.retryAt = retryAt;
  }
}

/** Source: GitHub REST API, "Rate limits for the REST API": without a word of GitHub wait for a minute. */
const limitPause = 60_000;

/** Reads an answer that is no success as a refusal. */
export function refusalFrom(answer: Answer, now: number): GitHubRefusal {
  const line = `GitHub answered ${refusalLine(answer)}`;
  const { status, headers } = answer;
  if (isRateLimited(answer)) {
    const reset = Number(headers['x-ratelimit-reset']) * 1_000;
    const resetAt = headers['x-ratelimit-remaining'] === '0' && reset > 0 ? reset : undefined;
    return new GitHubRefusal(
      'limited',
      line,
      retryAt(headers, '', now) ?? resetAt ?? now + limitPause,
    );
  }
  if (status === 401 || status === 403) return new GitHubRefusal('forbidden', line);
  if (status === 404) return new GitHubRefusal('missing', line);
  if (status === 408 || status >= 500)
    return new GitHubRefusal('failing', line, retryAt(headers, '', now));
  return new GitHubRefusal('refused', line);
}

/** What was thrown in place of an answer: a passing fault of the network is worth another attempt. */
export function refusalOfThrown(thrown: unknown): unknown {
  if (!(thrown instanceof TransportError) || thrown.failure === 'aborted') return thrown;
  return new GitHubRefusal(thrown.lasting ? 'refused' : 'failing', messageOf(thrown));
}
