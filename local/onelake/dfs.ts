import { randomUUID } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { queryOf, rawPathOf, type Listener } from '../listener.ts';
import type { Places } from '../place.ts';
import {
  DfsError,
  invalidParameter,
  noSuchPath,
  notAllowedHere,
  ofFileSystem,
  pathConflict,
} from './dfs-error.ts';
import { Guard, type GuardParts } from './guard.ts';
import { checkBelowFirstLevel, lakePath, type LakePath } from './path.ts';
import { describe, listPaths, read } from './reading.ts';
import type { Uploads } from './uploads.ts';

export interface OneLakeParts extends GuardParts {
  places: Places;
  uploads: Uploads;
  /** Most paths of one answer. */
  pageSize: number;
}

/** OneLake's DFS API over plain files. Sources: "OneLake access and APIs"; Azure Data Lake Storage Gen2, "Path". */
export function serveOneLake(app: Listener, parts: OneLakeParts): void {
  const { places, pageSize } = parts;
  const guard = new Guard(parts);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  app.addHook('onRequest', async (_request, reply) => {
    reply.headers({ 'x-ms-request-id': randomUUID(), 'x-ms-version': '2023-11-03' });
    await Promise.resolve();
  });
  guard.install(app);
  app.setErrorHandler(async (error, _request, reply) => {
    const known = error instanceof DfsError ? error : ofFileSystem(error);
    const { status, code, message } =
      known ?? new DfsError(500, 'InternalError', 'The server encountered an internal error.');
    await reply.code(status).header('x-ms-error-code', code).send({ error: { code, message } });
  });
  app.route({
    method: ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE'],
    url: '*',
    handler: async (request, reply) => {
      const writes = request.method !== 'GET' && request.method !== 'HEAD';
      const segments = rawPathOf(request).split('/').filter(Boolean);
      if (segments.length < 2) {
        if (request.method === 'GET') return listPaths(request, reply, { places, guard, pageSize });
        throw notAllowedHere();
      }
      const path = lakePath(rawPathOf(request), places);
      guard.check(request, path.mount.workspaceId, writes);
      if (!writes) return read(request, reply, path);
      checkBelowFirstLevel(path);
      return new Change(request, reply, { ...parts, guard }).of(path);
    },
  });
}

/** One request that changes what is there. */
class Change {
  readonly #request: FastifyRequest;
  readonly #reply: FastifyReply;
  readonly #parts: OneLakeParts & { guard: Guard };

  constructor(
    request: FastifyRequest,
    reply: FastifyReply,
    parts: OneLakeParts & { guard: Guard },
  ) {
    this.#request = request;
    this.#reply = reply;
    this.#parts = parts;
  }

  async of(path: LakePath): Promise<unknown> {
    if (this.#request.method === 'PUT') return this.#create(path);
    if (this.#request.method === 'PATCH') return this.#update(path);
    return this.#remove(path);
  }

  /** `?resource=file|directory`, or a rename by `x-ms-rename-source`. */
  #create({ file }: LakePath): unknown {
    const source = this.#request.headers['x-ms-rename-source'];
    const resource = queryOf(this.#request).get('resource');
    if (this.#request.headers['if-none-match'] === '*' && existsSync(file))
      throw new DfsError(409, 'PathAlreadyExists', 'The specified path already exists.');
    if (typeof source === 'string') {
      this.#rename(source, file);
    } else if (resource === 'directory') {
      this.#makeFolders(file);
    } else if (resource === 'file') {
      if (existsSync(file) && statSync(file).isDirectory()) throw pathConflict();
      this.#makeFolders(dirname(file));
      this.#parts.uploads.forget(file);
      writeFileSync(file, '');
    } else {
      throw new DfsError(
        400,
        'MissingRequiredQueryParameter',
        'A query parameter that is mandatory for this request is not specified.',
      );
    }
    return this.#changed(file).code(201).send();
  }

  /** The caller must be allowed to write where the source lies as well. */
  #rename(source: string, target: string): void {
    const { places, guard, uploads } = this.#parts;
    const from = lakePath(source.split('?')[0] ?? '', places);
    guard.check(this.#request, from.mount.workspaceId, true);
    checkBelowFirstLevel(from);
    if (!existsSync(from.file))
      throw new DfsError(
        404,
        'SourcePathNotFound',
        'The source path for a rename operation does not exist.',
      );
    this.#makeFolders(dirname(target));
    renameSync(from.file, target);
    this.#date(dirname(from.file));
    for (const path of [from.file, target]) uploads.forget(path);
  }

  /** `?action=append&position=N[&flush=true]`, or `?action=flush&position=length`. */
  async #update({ file }: LakePath): Promise<unknown> {
    if (!existsSync(file)) throw noSuchPath();
    if (statSync(file).isDirectory()) throw pathConflict();
    const { uploads } = this.#parts;
    const query = queryOf(this.#request);
    const text = query.get('position') ?? '';
    if (!/^\d{1,15}$/.test(text)) throw invalidParameter('position');
    const position = Number(text);
    const action = query.get('action');
    if (action === 'append') {
      const { body } = this.#request;
      const length = await uploads.append(
        file,
        position,
        body instanceof Readable ? body : Readable.from([]),
      );
      if (query.get('flush') !== 'true') return this.#reply.code(202).send();
      await uploads.flush(file, position + length);
      return this.#changed(file).code(202).send();
    }
    if (action !== 'flush') throw invalidParameter('action');
    await uploads.flush(file, position);
    return this.#changed(file).code(200).send();
  }

  #remove({ file }: LakePath): unknown {
    if (!existsSync(file)) throw noSuchPath();
    const recursive = queryOf(this.#request).get('recursive') === 'true';
    const filled = statSync(file).isDirectory() && readdirSync(file).length > 0;
    if (filled && !recursive)
      throw new DfsError(
        409,
        'DirectoryNotEmpty',
        'The recursive query parameter value must be true to delete a non-empty directory.',
      );
    this.#parts.uploads.forget(file);
    rmSync(file, { recursive: true, force: true });
    this.#date(dirname(file));
    return this.#reply.code(200).send();
  }

  #makeFolders(folder: string): void {
    const first = mkdirSync(folder, { recursive: true });
    if (first === undefined) return;
    for (let made = folder; made.length >= first.length; made = dirname(made)) this.#date(made);
  }

  /** Dates what was changed, with the folder that holds it, and describes it. */
  #changed(file: string): FastifyReply {
    this.#date(file);
    this.#date(dirname(file));
    return describe(this.#reply, statSync(file));
  }

  /** Says when a path changed, by the local Fabric's clock, which need not be the machine's. */
  #date(path: string): void {
    const seconds = this.#parts.clock.now() / 1_000;
    utimesSync(path, seconds, seconds);
  }
}
