import { randomUUID } from 'node:crypto';
import type { Clock } from '../../src/clock.ts';
import { numberAt, parseJson } from '../../src/http/json.ts';
import type { AccessTokens } from '../entra/access-token.ts';
import type { Directory } from '../entra/directory.ts';
import type { Listener } from '../listener.ts';
import { lakehouseOf, type Places } from '../place.ts';
import type {
  ApplicationSettings,
  LakehouseSettings,
  QuotaSettings,
  Role,
  WorkspaceSettings,
} from '../settings.ts';
import { ApiError, invalidInput } from './api-error.ts';
import { Quota } from './quota.ts';

/** The part of a request that tells who asks. */
export interface Asking {
  headers: { authorization?: string | undefined };
}

export interface AccessParts {
  clock: Pick<Clock, 'now'>;
  tokens: Pick<AccessTokens, 'check'>;
  directory: Directory;
  /** What a token must be for. */
  audiences: readonly string[];
  places: Places;
  quota: QuotaSettings | undefined;
}

/** Who asks the Fabric API, what they may do, and how it says no. */
export class Access {
  readonly #parts: AccessParts;
  readonly #quota: Quota;

  constructor(parts: AccessParts) {
    this.#parts = parts;
    this.#quota = new Quota(parts.quota);
  }

  /** Answers every request with a `RequestId`, and errors in the API's own form. */
  install(app: Listener): void {
    app.addHook('onRequest', async (_request, reply) => {
      reply.header('RequestId', randomUUID());
      await Promise.resolve();
    });
    app.removeContentTypeParser('application/json');
    app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
      const text = body.toString();
      const json = parseJson(text);
      // Some clients send the content type without a body, with a DELETE for instance.
      if (json === undefined && text !== '') done(invalidInput('The body is no JSON.'));
      else done(null, json);
    });
    app.setErrorHandler(async (error, _request, reply) => {
      const requestId = reply.getHeader('RequestId');
      const { status, errorCode, message, headers } =
        error instanceof ApiError ? error : ofFramework(error);
      await reply
        .code(status)
        .headers({ ...headers, 'x-ms-public-api-error-code': errorCode })
        .send({ requestId, errorCode, message });
    });
    app.setNotFoundHandler(() => {
      throw new ApiError(404, 'EndpointNotFound', 'There is no such endpoint.');
    });
  }

  /** The caller behind the bearer. Throws `ApiError` 401 or 429. */
  async caller(request: Asking): Promise<ApplicationSettings> {
    const { tokens, clock, audiences } = this.#parts;
    const check = await tokens.check(request.headers.authorization, audiences, clock.now());
    if (check.kind === 'refused') {
      const errorCode = check.why === 'expired' ? 'TokenExpired' : 'Unauthorized';
      throw new ApiError(
        401,
        errorCode,
        check.why === 'expired'
          ? 'The access token has expired.'
          : 'The caller is not authenticated to access this resource.',
      );
    }
    this.#quota.take(check.caller.clientId, clock.now());
    return check.caller;
  }

  roleOf(caller: ApplicationSettings, workspaceId: string): Role {
    return this.#parts.directory.roleOf(caller, workspaceId);
  }

  /** The workspace of a path, if the caller sees it. Throws `ApiError` 404. */
  async workspace(
    request: Asking,
    id: string,
  ): Promise<{ caller: ApplicationSettings; workspace: WorkspaceSettings; role: Role }> {
    const caller = await this.caller(request);
    const workspace = this.#parts.places.workspace(id);
    const role = workspace ? this.roleOf(caller, workspace.id) : 'none';
    if (!workspace || role === 'none')
      throw new ApiError(
        404,
        'WorkspaceNotFound',
        `The workspace '${id}' was not found, or the caller has no role in it.`,
      );
    return { caller, workspace, role };
  }

  /** The lakehouse of a path. Throws `ApiError` 404, and 403 where `write` is more than the role allows. */
  async lakehouse(
    request: Asking,
    ids: { workspaceId: string; lakehouseId: string },
    write = false,
  ): Promise<{
    caller: ApplicationSettings;
    workspace: WorkspaceSettings;
    lakehouse: LakehouseSettings;
  }> {
    const { caller, workspace, role } = await this.workspace(request, ids.workspaceId);
    const lakehouse = lakehouseOf(workspace, ids.lakehouseId);
    if (!lakehouse)
      throw new ApiError(404, 'ItemNotFound', `The item '${ids.lakehouseId}' was not found.`);
    if (write && role !== 'contributor')
      throw new ApiError(
        403,
        'InsufficientPrivileges',
        'The caller does not have sufficient permissions to perform this operation.',
      );
    return { caller, workspace, lakehouse };
  }
}

/** What the web framework refuses by itself, such as a body of another type or over its limit. */
function ofFramework(error: unknown): ApiError {
  const status = numberAt(error, 'statusCode') ?? 500;
  const message = error instanceof Error ? error.message : 'An error occurred.';
  if (status >= 400 && status < 500) return new ApiError(status, 'InvalidInput', message);
  return new ApiError(500, 'InternalError', message);
}
