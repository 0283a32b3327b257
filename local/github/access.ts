import type { FastifyReply, FastifyRequest } from 'fastify';
import type { GitHubSettings } from './settings.ts';

/** Whose a token is, and what it may do with the pull requests of the repository. */
export interface Identity {
  login: string;
  /** The number of the account. */
  id: number;
  type: 'Bot' | 'User';
  pullRequests: 'none' | 'read' | 'write';
}

/** What `GITHUB_TOKEN` writes as, where the job has `pull-requests: write`. */
export const actionsBot: Identity = {
  login: 'github-actions[bot]',
  id: 41_898_282,
  type: 'Bot',
  pullRequests: 'write',
};

export interface Refusal {
  status: number;
  message: string;
  errors?: readonly unknown[];
}

function tokenOf({ headers }: FastifyRequest): string {
  return /^(?:Bearer|token) (.+)$/i.exec(headers.authorization ?? '')?.[1] ?? '';
}

/** Whose token a request shows: the job's, or another one that `identities` names. */
export function identityOf(request: FastifyRequest, github: GitHubSettings): Identity | undefined {
  const token = tokenOf(request);
  if (token === github.apiToken) return github.identity;
  return Object.hasOwn(github.identities, token) ? github.identities[token] : undefined;
}

/** No `User-Agent`: 403; no token that is known: 401. Source: GitHub REST API, "User agent required", "Troubleshooting". */
export function refusalOf(request: FastifyRequest, github: GitHubSettings): Refusal | undefined {
  if (!request.headers['user-agent'])
    return {
      status: 403,
      message:
        'Request forbidden by administrative rules. Please make sure your request has a User-Agent header.',
    };
  return identityOf(request, github) ? undefined : { status: 401, message: 'Bad credentials' };
}

export function say(reply: FastifyReply, { status, message, errors }: Refusal): FastifyReply {
  const documentation = 'https://docs.github.com/rest';
  return reply.code(status).send({
    message,
    ...(errors === undefined ? {} : { errors }),
    documentation_url: documentation,
    status: String(status),
  });
}
