import { randomUUID } from 'node:crypto';
import {
  createReadStream,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  type Stats,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../../src/clock.ts';
import { audiencesOf, type AccessTokens } from '../entra/access-token.ts';
import type { Directory } from '../entra/directory.ts';
import { onelakeAudiences } from '../entra/resources.ts';
import { queryOf, rawPathOf, type Listener } from '../listener.ts';
import { sameText, type Places } from '../place.ts';
import { DfsError, noSuchPath } from './dfs-error.ts';
import { checkBelowFirstLevel, lakePath, type LakePath } from './path.ts';
import type { Uploads } from './uploads.ts';

export interface OneLakeParts {
  clock: Pick<Clock, 'now'>;
  tokens: AccessTokens;
  directory: Directory;
  places: Places;
  uploads: Uploads;
}

/** OneLake's DFS API over plain files. Sources: "OneLake access and APIs"; Azure Data Lake Storage Gen2, "Path". */
export function serveOneLake(app: Listener, parts: OneLakeParts): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  app.addHook('onRequest', async (_request, reply) => {
    reply.headers({ 'x-ms-request-id': randomUUID(), 'x-ms-version': '2023-11-03' });
    await Promise.resolve();
  });
  app.setErrorHandler(async (error, _request, reply) => {
    const known =
      error instanceof DfsError
        ? error
        : new DfsError(500, 'InternalError', 'The server encountered an internal error.');
    await reply
      .code(known.status)
      .header('x-ms-error-code', known.code)
      .send({ error: { code: known.code, message: known.message } });
  });
  app.route({
    method: ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE'],
    url: '*',
    handler: async (request, reply) => {
      const segments = rawPathOf(request)
        .split('/')
        .filter((segment) => segment !== '');
      if (segments.length === 1) return listPaths(request, parts);
      const path = lakePath(rawPathOf(request), parts.places);
      const writes = request.method !== 'GET' && request.method !== 'HEAD';
      await authorize(request, parts, path.mount.workspaceId, writes);
      if (writes) checkBelowFirstLevel(path);
      return act(request, reply, path, parts);
    },
  });
}

/** Throws `DfsError` 401 for a token that OneLake does not take, 403 and 404 by role. */
async function authorize(
  request: FastifyRequest,
  parts: OneLakeParts,
  workspaceId: string,
  write: boolean,
): Promise<void> {
  const { tokens, directory, clock } = parts;
  const check = await tokens.check(request.headers.authorization, onelakeAudiences, clock.now());
  if (check.kind === 'refused') {
    const audience =
      check.why === 'audience'
        ? ` Audience validation failed: ${audiencesOf(request.headers.authorization)}.`
        : '';
    throw new DfsError(
      401,
      'InvalidAuthenticationInfo',
      `Server failed to authenticate the request.${audience}`,
    );
  }
  const role = directory.roleOf(check.caller, workspaceId);
  if (role === 'none') throw noSuchPath();
  if (write && role !== 'contributor')
    throw new DfsError(
      403,
      'AuthorizationPermissionMismatch',
      'This request is not authorized to perform this operation using this permission.',
    );
}

async function act(
  request: FastifyRequest,
  reply: FastifyReply,
  path: LakePath,
  parts: OneLakeParts,
): Promise<unknown> {
  switch (request.method) {
    case 'PUT':
      return create(request, reply, path, parts);
    case 'PATCH':
      return update(request, reply, path, parts);
    case 'DELETE':
      return remove(request, reply, path);
    default:
      return read(request, reply, path);
  }
}

function etagOf(stats: Stats): string {
  return `"0x${Math.round(stats.mtimeMs * 1_000)
    .toString(16)
    .toUpperCase()}${stats.size.toString(16).toUpperCase()}"`;
}

function describe(reply: FastifyReply, stats: Stats): FastifyReply {
  return reply.headers({ etag: etagOf(stats), 'last-modified': stats.mtime.toUTCString() });
}

/** `?resource=file|directory`, or a rename by `x-ms-rename-source`. */
function create(
  request: FastifyRequest,
  reply: FastifyReply,
  path: LakePath,
  parts: OneLakeParts,
): unknown {
  const query = queryOf(request);
  const source = request.headers['x-ms-rename-source'];
  const onlyNew = request.headers['if-none-match'] === '*';
  if (onlyNew && existsSync(path.file))
    throw new DfsError(409, 'PathAlreadyExists', 'The specified path already exists.');
  mkdirSync(dirname(path.file), { recursive: true });
  if (typeof source === 'string') {
    const from = lakePath(source.split('?')[0] ?? '', parts.places);
    checkBelowFirstLevel(from);
    if (!existsSync(from.file))
      throw new DfsError(
        404,
        'SourcePathNotFound',
        'The source path for a rename operation does not exist.',
      );
    renameSync(from.file, path.file);
  } else if (query.get('resource') === 'directory') {
    mkdirSync(path.file, { recursive: true });
  } else if (query.get('resource') === 'file') {
    parts.uploads.forget(path.file);
    writeFileSync(path.file, '');
  } else {
    throw new DfsError(
      400,
      'MissingRequiredQueryParameter',
      'A query parameter that is mandatory for this request is not specified.',
    );
  }
  return describe(reply, statSync(path.file)).code(201).send();
}

/** `?action=append&position=N`, or `?action=flush&position=length`. */
async function update(
  request: FastifyRequest,
  reply: FastifyReply,
  path: LakePath,
  parts: OneLakeParts,
): Promise<unknown> {
  if (!existsSync(path.file)) throw noSuchPath();
  const query = queryOf(request);
  const position = Number(query.get('position') ?? 'none');
  if (!Number.isInteger(position) || position < 0)
    throw new DfsError(
      400,
      'InvalidQueryParameterValue',
      'Value for one of the query parameters is not valid: position.',
    );
  const action = query.get('action');
  if (action === 'append') {
    const body = request.body instanceof Readable ? request.body : Readable.from([]);
    await parts.uploads.append(path.file, position, body);
    return reply.code(202).send();
  }
  if (action !== 'flush')
    throw new DfsError(
      400,
      'InvalidQueryParameterValue',
      'Value for one of the query parameters is not valid: action.',
    );
  await parts.uploads.flush(path.file, position);
  return describe(reply, statSync(path.file)).code(200).send();
}

function remove(request: FastifyRequest, reply: FastifyReply, path: LakePath): unknown {
  if (!existsSync(path.file)) throw noSuchPath();
  const recursive = queryOf(request).get('recursive') === 'true';
  const filled = statSync(path.file).isDirectory() && readdirSync(path.file).length > 0;
  if (filled && !recursive)
    throw new DfsError(
      409,
      'DirectoryNotEmpty',
      'The recursive query parameter value must be true to delete a non-empty directory.',
    );
  rmSync(path.file, { recursive: true, force: true });
  return reply.code(200).send();
}

function read(request: FastifyRequest, reply: FastifyReply, path: LakePath): unknown {
  if (!existsSync(path.file)) throw noSuchPath();
  const stats = statSync(path.file);
  const folder = stats.isDirectory();
  describe(reply, stats).header('x-ms-resource-type', folder ? 'directory' : 'file');
  if (request.method === 'HEAD')
    return reply.header('content-length', folder ? 0 : stats.size).send();
  if (folder) throw new DfsError(409, 'PathConflict', 'The specified path is a directory.');
  const [, from = '0', to = ''] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
  const start = Number(from);
  if (start > 0 && start >= stats.size)
    throw new DfsError(
      416,
      'InvalidRange',
      'The range specified is invalid for the current size of the resource.',
    );
  const end = to === '' ? stats.size - 1 : Math.min(Number(to), stats.size - 1);
  if (request.headers.range !== undefined)
    reply.code(206).header('content-range', `bytes ${start}-${end}/${stats.size}`);
  const body = stats.size === 0 ? Readable.from([]) : createReadStream(path.file, { start, end });
  return reply
    .headers({
      'content-type': 'application/octet-stream',
      'content-length': Math.max(0, end - start + 1),
    })
    .send(body);
}

/** `GET /{workspace}?resource=filesystem&recursive=…&directory={item}/{path}`. */
async function listPaths(request: FastifyRequest, parts: OneLakeParts): Promise<unknown> {
  const query = queryOf(request);
  const workspace = decodeURIComponent(rawPathOf(request)).replaceAll('/', '');
  const path = lakePath(`${workspace}/${encodeURI(query.get('directory') ?? '')}`, parts.places);
  await authorize(request, parts, path.mount.workspaceId, false);
  if (!existsSync(path.file)) throw noSuchPath();
  const entries = readdirSync(path.file, {
    recursive: query.get('recursive') === 'true',
    withFileTypes: true,
  });
  const item = sameText(path.mount.workspaceId, workspace)
    ? path.mount.lakehouseId
    : `${path.mount.lakehouseName}.Lakehouse`;
  const paths = entries.map((entry) => {
    const file = join(entry.parentPath, entry.name);
    const stats = statSync(file);
    return {
      name: `${item}/${relative(path.mount.folder, file)}`,
      ...(stats.isDirectory() ? { isDirectory: 'true' } : {}),
      contentLength: String(stats.isDirectory() ? 0 : stats.size),
      lastModified: stats.mtime.toUTCString(),
      etag: etagOf(stats),
    };
  });
  return { paths: paths.sort((a, b) => a.name.localeCompare(b.name)) };
}
