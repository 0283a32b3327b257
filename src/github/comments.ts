import type { Clock } from '../clock.ts';
import type { Answer } from '../http/client.ts';
import { isObject, numberAt, objectAt, textAt } from '../http/json.ts';
import {
  GitHubApi,
  GitHubRefusal,
  refusalFrom,
  refusalOfThrown,
  repositoryPath,
  type GitHubApiParts,
} from './api.ts';

/** A comment that the token's own identity wrote. */
export interface OwnComment {
  /** A whole number; of two comments the older one has the lower one. */
  id: number;
  /** Markdown, with `\n` between lines. */
  body: string;
}

interface Author {
  id: number | undefined;
  login: string | undefined;
}

/** How long one request may take; milliseconds. */
const longest = 8_000;
/** Pages of 100 comments that are looked through. */
const mostPages = 50;

/**
 * The comments of one pull request that the token's own identity wrote. Whose they are is told by
 * GitHub: it answers `viewer` of GraphQL to every kind of token, where `GET /user` refuses those of
 * apps, `GITHUB_TOKEN` among them. Source: GitHub REST API, "Issue comments" (needs
 * `pull-requests: write`); GraphQL API, `viewer`.
 */
export class PullRequestComments {
  readonly #api: GitHubApi;
  readonly #clock: Clock;
  readonly #graphqlUrl: string;
  readonly #ofRepository: string;
  readonly #ofIssue: string;
  #self: Author | undefined;

  /** `graphqlUrl`: of the same origin as the API. Throws `StepError` HOST_REFUSED. */
  constructor(
    parts: GitHubApiParts & {
      clock: Clock;
      graphqlUrl: string;
      repository: string;
      pullRequest: number;
    },
  ) {
    this.#api = new GitHubApi(parts);
    this.#clock = parts.clock;
    this.#graphqlUrl = parts.graphqlUrl || `${this.#api.root.replace(/\/v3$/, '')}/graphql`;
    this.#ofRepository = `${this.#api.root}${repositoryPath(parts.repository)}/issues/comments`;
    this.#ofIssue = `${this.#api.root}${repositoryPath(parts.repository)}/issues/${parts.pullRequest}/comments`;
  }

  /**
   * Our own comments whose text fits, the oldest first. A comment of someone else is never among
   * them, whatever it says. Throws `GitHubRefusal`, `StepError`, `TransportError` when aborted.
   */
  async own(fits: (body: string) => boolean, signal?: AbortSignal): Promise<OwnComment[]> {
    const found: (OwnComment & { author: Author })[] = [];
    let url: string | undefined = `${this.#ofIssue}?per_page=100`;
    for (let page = 0; url !== undefined && page < mostPages; page += 1) {
      const answer = await this.#ask('GET', url, signal);
      const list: readonly unknown[] = Array.isArray(answer.json) ? answer.json : [];
      found.push(...list.flatMap(readComment).filter(({ body }) => fits(body)));
      url = nextPage(answer.headers['link']);
    }
    if (found.length === 0) return [];
    const self = await this.#whoAmI(signal);
    return found.filter(({ author }) => isSame(author, self)).sort((a, b) => a.id - b.id);
  }

  /** One of our comments as it stands now; absent when it was deleted. */
  async one(id: number, signal?: AbortSignal): Promise<OwnComment | undefined> {
    try {
      return readComment((await this.#ask('GET', `${this.#ofRepository}/${id}`, signal)).json)[0];
    } catch (thrown) {
      if (thrown instanceof GitHubRefusal && thrown.kind === 'missing') return undefined;
      throw thrown;
    }
  }

  /** Gives the id; its reply also tells who we are. */
  async create(body: string, signal?: AbortSignal): Promise<number> {
    const { json } = await this.#ask('POST', this.#ofIssue, signal, { body });
    const [made] = readComment(json);
    if (!made) throw new GitHubRefusal('failing', 'GitHub named no id of the comment');
    this.#self = made.author;
    return made.id;
  }

  async update(id: number, body: string, signal?: AbortSignal): Promise<void> {
    await this.#ask('PATCH', `${this.#ofRepository}/${id}`, signal, { body });
  }

  async remove(id: number, signal?: AbortSignal): Promise<void> {
    await this.#ask('DELETE', `${this.#ofRepository}/${id}`, signal);
  }

  async #whoAmI(signal?: AbortSignal): Promise<Author> {
    if (this.#self) return this.#self;
    const query = 'query { viewer { login databaseId } }';
    const { json } = await this.#ask('POST', this.#graphqlUrl, signal, { query });
    const viewer = objectAt(objectAt(json, 'data'), 'viewer');
    const self = { id: numberAt(viewer, 'databaseId'), login: textAt(viewer, 'login') };
    if (self.id === undefined && self.login === undefined)
      throw new GitHubRefusal('refused', 'GitHub did not tell whose token this is');
    this.#self = self;
    return self;
  }

  async #ask(
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    url: string,
    signal?: AbortSignal,
    body?: Readonly<Record<string, unknown>>,
  ): Promise<Answer> {
    const options = { signal, longest, ...(body === undefined ? {} : { body }) };
    let answer: Answer;
    try {
      answer = await this.#api.send(method, url, options);
    } catch (thrown) {
      throw refusalOfThrown(thrown);
    }
    if (answer.status < 200 || answer.status > 299) throw refusalFrom(answer, this.#clock.now());
    return answer;
  }
}

function readComment(value: unknown): (OwnComment & { author: Author })[] {
  const id = numberAt(value, 'id');
  if (id === undefined || !isObject(value)) return [];
  const user = objectAt(value, 'user');
  const author = { id: numberAt(user, 'id'), login: textAt(user, 'login') };
  return [{ id, body: (textAt(value, 'body') ?? '').replaceAll('\r\n', '\n'), author }];
}

/** By the account's number; by its name only where GitHub tells no number. */
function isSame(author: Author, self: Author): boolean {
  if (self.id !== undefined && author.id !== undefined) return author.id === self.id;
  return author.login !== undefined && author.login === self.login;
}

/** Source: GitHub REST API, "Using pagination in the REST API". */
function nextPage(link: string | undefined): string | undefined {
  return /<([^<>]+)>;\s*rel="next"/.exec(link ?? '')?.[1];
}
