import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { LakehouseMount } from '../engine/engine.ts';
import { isGuid } from '../guid.ts';
import { sameText, type Places } from '../place.ts';
import { DfsError, noSuchPath, notAllowedHere } from './dfs-error.ts';

/** A path of OneLake, found in a lakehouse. */
export interface LakePath {
  mount: LakehouseMount;
  /** Path inside the lakehouse by segments, such as `['Files', 'raw', 'orders.csv']`; empty: the item itself. */
  segments: readonly string[];
  /** Where it lies on disk. */
  file: string;
}

/**
 * Reads `/{workspace}/{item}/{path}`: ids for both, or names for both with the item's type
 * (`orders.Lakehouse`). No segment leads upwards, encoded or not, and none is a link. Throws `DfsError` 400 or 404.
 * Source: "OneLake access and APIs", "URI syntax".
 */
export function lakePath(rawPath: string, places: Places): LakePath {
  const [workspace = '', item = '', ...rest] = decodedSegments(rawPath);
  const byId = isGuid(workspace) && isGuid(item);
  if (isGuid(workspace) !== isGuid(item))
    throw new DfsError(400, 'BadRequest', 'Workspace and item must both be ids or both be names.');
  const mount = places.mounts.find((one) =>
    byId
      ? sameText(one.workspaceId, workspace) && sameText(one.lakehouseId, item)
      : sameText(one.workspaceName, workspace) && sameText(`${one.lakehouseName}.Lakehouse`, item),
  );
  if (!mount) throw noSuchPath();
  refuseLinks(mount.folder, rest);
  return { mount, segments: rest, file: join(mount.folder, ...rest) };
}

/** A job may leave links in the folder; OneLake has none, and one could lead out of the lakehouse. */
function refuseLinks(folder: string, segments: readonly string[]): void {
  let path = folder;
  for (const segment of segments) {
    path = join(path, segment);
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (!stats) return;
    if (stats.isSymbolicLink()) throw noSuchPath();
  }
}

function decodedSegments(rawPath: string): string[] {
  const segments = rawPath.replace(/^\/|\/$/g, '').split('/');
  return segments.map((segment) => {
    let text: string;
    try {
      text = decodeURIComponent(segment);
    } catch {
      throw new DfsError(400, 'InvalidUri', 'The request URI is invalid.');
    }
    const upwards = text === '.' || text === '..' || /%2e|%2f|%5c/i.test(text);
    // eslint-disable-next-line no-control-regex
    if (text === '' || upwards || /[/\\\u0000-\u001f]/.test(text))
      throw new DfsError(400, 'InvalidUri', 'The request URI is invalid.');
    return text;
  });
}

/** Nothing is made, renamed or deleted at the first level of an item (`Files`, `Tables`). Source: "OneLake API parity". */
export function checkBelowFirstLevel(path: LakePath): void {
  const [top] = path.segments;
  if (path.segments.length < 2 || (top !== 'Files' && top !== 'Tables')) throw notAllowedHere();
}
