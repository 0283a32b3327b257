import type { FastifyRequest } from 'fastify';
import type { Clock } from '../../src/clock.ts';
import { isObject } from '../../src/http/json.ts';
import { queryOf, type Listener } from '../listener.ts';
import { identityOf, refusalOf, say, type Identity } from './access.ts';
import type { GitHubSettings } from './settings.ts';

/** A comment on an issue or a pull request, as it is kept. */
export interface IssueComment {
  id: number;
  /** Number of the issue. */
  issue: number;
  author: Identity;
  body: string;
  createdAt: number;
  updatedAt: number;
}

/** Source: GitHub REST API description, `parameters/per-page`. */
const pages = { usual: 30, most: 100 };
const longestBody = 65_536;

/** The comments of a repository: what its API serves, and what a person does in the browser. */
export class IssueComments {
  readonly #clock: Pick<Clock, 'now'>;
  #all: IssueComment[] = [];
  #next = 1;

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  /** By ascending id. */
  of(issue: number): readonly IssueComment[] {
    return this.#all.filter((comment) => comment.issue === issue);
  }

  byId(id: number): IssueComment | undefined {
    return this.#all.find((comment) => comment.id === id);
  }

  add(issue: number, author: Identity, body: string): IssueComment {
    const now = this.#clock.now();
    const comment = { id: this.#next, issue, author, body, createdAt: now, updatedAt: now };
    this.#next += 1;
    this.#all.push(comment);
    return comment;
  }

  edit(id: number, body: string): void {
    const comment = this.byId(id);
    if (!comment) throw new Error(`No comment ${id}`);
    comment.body = body;
    comment.updatedAt = this.#clock.now();
  }

  remove(id: number): void {
    this.#all = this.#all.filter((comment) => comment.id !== id);
  }
}

interface Ids {
  Params: { owner: string; repository: string; issue: string; comment: string };
}

export interface CommentApiParts {
  github: GitHubSettings;
  comments: IssueComments;
  /** Of the API, such as `https://127.0.0.1:1234/api/v3`. */
  url: () => string;
}

/**
 * Comments of GitHub's REST API on one pull request of the job's repository, for the tokens that
 * `identities` names. A token that may only read gets 403 for a write, one that may not read 404.
 * Source: github/rest-api-description, api.github.com.2022-11-28, `issues/*-comment*`.
 */
export function serveComments(app: Listener, parts: CommentApiParts): void {
  const { github, comments } = parts;
  const root = `${github.apiPath}/repos/:owner/:repository/issues`;

  app.get<Ids>(`${root}/:issue/comments`, async (request, reply) => {
    const refusal = refused(request, 'read') ?? missingIssue(request.params);
    if (refusal) return say(reply, refusal);
    const all = comments.of(Number(request.params.issue));
    const query = queryOf(request);
    const size = Math.min(positive(query.get('per_page'), pages.usual), pages.most);
    const page = positive(query.get('page'), 1);
    const link = links(request, { page, size, last: Math.max(1, Math.ceil(all.length / size)) });
    if (link !== '') reply.header('link', link);
    return all.slice((page - 1) * size, page * size).map(shown);
  });

  app.post<Ids>(`${root}/:issue/comments`, async (request, reply) => {
    const refusal = refused(request, 'write') ?? missingIssue(request.params);
    if (refusal) return say(reply, refusal);
    const author = identityOf(request, github);
    const body = bodyOf(request);
    if (body === undefined || !author) return say(reply, invalid(request));
    const made = shown(comments.add(Number(request.params.issue), author, body));
    return reply.code(201).header('location', made['url']).send(made);
  });

  app.get<Ids>(`${root}/comments/:comment`, async (request, reply) => {
    const refusal = refused(request, 'read');
    const comment = comments.byId(Number(request.params.comment));
    return refusal || !comment ? say(reply, refusal ?? notFound) : shown(comment);
  });

  // Whoever may write may also edit and delete what others wrote.
  app.patch<Ids>(`${root}/comments/:comment`, async (request, reply) => {
    const refusal = refused(request, 'write');
    const comment = comments.byId(Number(request.params.comment));
    if (refusal || !comment) return say(reply, refusal ?? notFound);
    const body = bodyOf(request);
    if (body === undefined) return say(reply, invalid(request));
    comments.edit(comment.id, body);
    return shown(comment);
  });

  app.delete<Ids>(`${root}/comments/:comment`, async (request, reply) => {
    const refusal = refused(request, 'write');
    const comment = comments.byId(Number(request.params.comment));
    if (refusal || !comment) return say(reply, refusal ?? notFound);
    comments.remove(comment.id);
    return reply.code(204).send();
  });

  // GraphQL, as far as it tells whose the token is.
  app.post(github.apiPath.replace(/\/v3$/, '') + '/graphql', async (request, reply) => {
    const refusal = refusalOf(request, github);
    if (refusal) return say(reply, refusal);
    const query = isObject(request.body) ? request.body['query'] : undefined;
    const fields = /^\s*(?:query\s*)?\{\s*viewer\s*\{([\w\s,]+)\}\s*\}\s*$/.exec(
      String(query),
    )?.[1];
    const who = identityOf(request, github);
    if (fields === undefined || !who) return { errors: [{ message: 'Parse error on query' }] };
    const known: Readonly<Record<string, unknown>> = { login: who.login, databaseId: who.id };
    const names = fields.split(/[\s,]+/).filter((name) => name !== '');
    return { data: { viewer: Object.fromEntries(names.map((name) => [name, known[name]])) } };
  });

  function refused(request: FastifyRequest<Ids>, wanted: 'read' | 'write'): Refused {
    const refusal = refusalOf(request, github);
    if (refusal) return refusal;
    const { owner, repository } = request.params;
    const own = `${owner}/${repository}`.toLowerCase() === github.repository.toLowerCase();
    const may = identityOf(request, github)?.pullRequests ?? 'none';
    if (!own) return notFound;
    if (may === 'write' || (may === 'read' && wanted === 'read')) return undefined;
    return may === 'none' && wanted === 'read'
      ? notFound
      : { status: 403, message: 'Resource not accessible by integration' };
  }

  function missingIssue({ issue }: Ids['Params']): Refused {
    return github.pullRequests.includes(Number(issue)) ? undefined : notFound;
  }

  function links(
    request: FastifyRequest,
    { page, size, last }: { page: number; size: number; last: number },
  ): string {
    const path = (request.raw.url ?? '').split('?')[0]?.slice(github.apiPath.length) ?? '';
    const to = (name: string, number: number): string =>
      `<${parts.url()}${path}?per_page=${size}&page=${number}>; rel="${name}"`;
    return [
      ...(page > 1 ? [to('prev', page - 1)] : []),
      ...(page < last ? [to('next', page + 1), to('last', last)] : []),
      ...(page > 1 ? [to('first', 1)] : []),
    ].join(', ');
  }

  function shown(comment: IssueComment): Record<string, unknown> {
    const { id, author, body, issue } = comment;
    const ofRepository = `${parts.url()}/repos/${github.repository}`;
    const page = `https://github.com/${github.repository}/pull/${issue}`;
    return {
      id,
      node_id: Buffer.from(`IssueComment${id}`).toString('base64'),
      url: `${ofRepository}/issues/comments/${id}`,
      html_url: `${page}#issuecomment-${id}`,
      issue_url: `${ofRepository}/issues/${issue}`,
      body,
      user: { login: author.login, id: author.id, type: author.type, site_admin: false },
      created_at: stamp(comment.createdAt),
      updated_at: stamp(comment.updatedAt),
      author_association: author.type === 'Bot' ? 'NONE' : 'CONTRIBUTOR',
      performed_via_github_app: null,
    };
  }
}

type Refused = { status: number; message: string; errors?: readonly unknown[] } | undefined;

const notFound = { status: 404, message: 'Not Found' };

function invalid(request: FastifyRequest): Exclude<Refused, undefined> {
  const text = isObject(request.body) ? request.body['body'] : undefined;
  const message =
    typeof text === 'string' && text.length > longestBody
      ? `Body is too long (maximum is ${longestBody} characters)`
      : "Body can't be blank";
  const errors = [{ resource: 'IssueComment', code: 'unprocessable', field: 'data', message }];
  return { status: 422, message: 'Validation Failed', errors };
}

function bodyOf(request: FastifyRequest): string | undefined {
  const text = isObject(request.body) ? request.body['body'] : undefined;
  return typeof text === 'string' && text.trim() !== '' && text.length <= longestBody
    ? text
    : undefined;
}

function positive(text: string | null, otherwise: number): number {
  const number = Number(text ?? '');
  return Number.isSafeInteger(number) && number > 0 ? number : otherwise;
}

function stamp(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, 'Z');
}
