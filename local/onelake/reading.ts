import {
  createReadStream,
  existsSync,
  readdirSync,
  statSync,
  type Dirent,
  type Stats,
} from 'node:fs';
import { join, relative } from 'node:path';
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { pageOf } from '../continuation.ts';
import { queryOf, rawPathOf } from '../listener.ts';
import { sameText, type Places } from '../place.ts';
import { DfsError, invalidParameter, noSuchPath, pathConflict } from './dfs-error.ts';
import type { Guard } from './guard.ts';
import { lakePath, type LakePath } from './path.ts';

/** Opaque, and another one after each change (`ctime` moves although the clock may stand still). */
function etagOf(stats: Stats): string {
  const parts = [Math.round(stats.ctimeMs * 1_000), stats.ino, stats.size];
  return `"0x${parts.map((part) => part.toString(16).toUpperCase()).join('')}"`;
}

/** Headers that describe what is there. */
export function describe(reply: FastifyReply, stats: Stats): FastifyReply {
  return reply.headers({ etag: etagOf(stats), 'last-modified': stats.mtime.toUTCString() });
}

/** `HEAD`, and `GET` with or without a range. */
export function read(request: FastifyRequest, reply: FastifyReply, path: LakePath): unknown {
  if (!existsSync(path.file)) throw noSuchPath();
  const stats = statSync(path.file);
  const folder = stats.isDirectory();
  describe(reply, stats).header('x-ms-resource-type', folder ? 'directory' : 'file');
  if (request.method === 'HEAD')
    return reply.header('content-length', folder ? 0 : stats.size).send();
  if (folder) throw pathConflict();
  const range = rangeOf(rangeHeaderOf(request), stats.size);
  const { start, end } = range ?? { start: 0, end: stats.size - 1 };
  if (range) reply.code(206).header('content-range', `bytes ${start}-${end}/${stats.size}`);
  const body = stats.size === 0 ? Readable.from([]) : createReadStream(path.file, { start, end });
  return reply
    .headers({ 'content-type': 'application/octet-stream', 'content-length': end - start + 1 })
    .send(body);
}

/** Clients that cannot set `range` send `x-ms-range`, and of both it counts. Source: "Path - Read". */
function rangeHeaderOf({ headers }: FastifyRequest): string | undefined {
  const own = headers['x-ms-range'];
  return typeof own === 'string' ? own : headers.range;
}

/** First and last byte; absent for a header that is none of one range. Throws `DfsError` 416. */
function rangeOf(
  header: string | undefined,
  size: number,
): { start: number; end: number } | undefined {
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(header ?? '') ?? [];
  if (from === undefined) return undefined;
  const start = Number(from);
  if (start >= size)
    throw new DfsError(
      416,
      'InvalidRange',
      'The range specified is invalid for the current size of the resource.',
    );
  const end = to ? Math.min(Number(to), size - 1) : size - 1;
  return end < start ? undefined : { start, end };
}

/** What is in a folder. Links are no part of OneLake: they are neither shown nor followed. */
function entriesOf(folder: string, recursive: boolean): Dirent[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !entry.isSymbolicLink())
    .flatMap((entry) =>
      recursive && entry.isDirectory()
        ? [entry, ...entriesOf(join(folder, entry.name), recursive)]
        : [entry],
    );
}

export interface ListingParts {
  places: Places;
  guard: Guard;
  /** Most paths of one answer, whatever is asked for. */
  pageSize: number;
}

/**
 * `GET /{workspace}?resource=filesystem&recursive=…&directory={item}/{path}[&maxResults=N]`. The
 * header `x-ms-continuation` goes back as the parameter `continuation` for the next page.
 * Source: Azure Data Lake Storage Gen2, "Path - List".
 */
export function listPaths(
  request: FastifyRequest,
  reply: FastifyReply,
  { places, guard, pageSize }: ListingParts,
): unknown {
  const query = queryOf(request);
  const [workspace = ''] = rawPathOf(request).split('/').filter(Boolean);
  const path = lakePath(`${workspace}/${encodeURI(query.get('directory') ?? '')}`, places);
  const { mount } = path;
  guard.check(request, mount.workspaceId, false);
  if (!existsSync(path.file)) throw noSuchPath();
  const entries = entriesOf(path.file, query.get('recursive') === 'true');
  const item = sameText(mount.workspaceId, workspace)
    ? mount.lakehouseId
    : `${mount.lakehouseName}.Lakehouse`;
  const paths = entries.map((entry) => {
    const file = join(entry.parentPath, entry.name);
    const stats = statSync(file);
    return {
      name: `${item}/${relative(mount.folder, file)}`,
      ...(stats.isDirectory() ? { isDirectory: 'true' } : {}),
      contentLength: String(stats.isDirectory() ? 0 : stats.size),
      lastModified: stats.mtime.toUTCString(),
      etag: etagOf(stats),
    };
  });
  const sorted = paths.sort((a, b) => a.name.localeCompare(b.name));
  const wanted = query.get('maxResults') ?? String(pageSize);
  if (!/^[1-9]\d{0,8}$/.test(wanted)) throw invalidParameter('maxResults');
  const page = pageOf(sorted, Math.min(Number(wanted), pageSize), query.get('continuation'));
  if (!page) throw invalidParameter('continuation');
  if (page.next !== undefined) reply.header('x-ms-continuation', page.next);
  return { paths: page.items };
}
