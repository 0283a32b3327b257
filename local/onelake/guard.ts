import type { FastifyRequest } from 'fastify';
import type { Clock } from '../../src/clock.ts';
import { audiencesOf, type AccessTokens } from '../entra/access-token.ts';
import type { Directory } from '../entra/directory.ts';
import type { Listener } from '../listener.ts';
import type { ApplicationSettings } from '../settings.ts';
import { DfsError, noSuchPath } from './dfs-error.ts';

export interface GuardParts {
  clock: Pick<Clock, 'now'>;
  tokens: AccessTokens;
  directory: Directory;
  /** What a token must be for. */
  audiences: readonly string[];
}

/** Who asks OneLake, and what they may do. */
export class Guard {
  readonly #parts: GuardParts;
  readonly #callers = new WeakMap<FastifyRequest, ApplicationSettings>();

  constructor(parts: GuardParts) {
    this.#parts = parts;
  }

  /** Checks the token of each request before anything is told of its path. 401 for one that OneLake does not take. */
  install(app: Listener): void {
    app.addHook('onRequest', async (request, reply) => {
      const { tokens, clock, audiences } = this.#parts;
      const { authorization } = request.headers;
      const check = await tokens.check(authorization, audiences, clock.now());
      if (check.kind === 'caller') {
        this.#callers.set(request, check.caller);
        return;
      }
      reply.header('www-authenticate', `Bearer resource_id=${audiences.join(' ')}`);
      const audience =
        check.why === 'audience'
          ? ` Audience validation failed: ${audiencesOf(authorization)}.`
          : '';
      throw new DfsError(
        401,
        'InvalidAuthenticationInfo',
        `Server failed to authenticate the request.${audience}`,
      );
    });
  }

  /** Throws `DfsError` 404 for a caller without a role, 403 where `write` is more than the role allows. */
  check(request: FastifyRequest, workspaceId: string, write: boolean): void {
    const caller = this.#callers.get(request);
    const role = caller ? this.#parts.directory.roleOf(caller, workspaceId) : 'none';
    if (role === 'none') throw noSuchPath();
    if (write && role !== 'contributor')
      throw new DfsError(
        403,
        'AuthorizationPermissionMismatch',
        'This request is not authorized to perform this operation using this permission.',
      );
  }
}
