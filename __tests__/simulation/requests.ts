import type { Target } from './plan.ts';

export const hosts = {
  fabric: 'https://api.fabric.microsoft.com',
  authority: 'https://login.microsoftonline.com',
  onelake: 'https://onelake.dfs.fabric.microsoft.com',
} as const;

/** Which kind of request this is. */
export function targetOf(method: string, url: URL): Target {
  if (url.origin === hosts.authority) return 'token';
  if (url.origin === hosts.onelake) return 'onelake';
  const { pathname: path, searchParams: query } = url;
  if (path.includes('/livyapi/')) {
    if (method === 'POST') return 'submit';
    if (method === 'DELETE') return 'cancel';
    return path.endsWith('/batches') ? 'list' : 'status';
  }
  if (!path.includes('/livySessions/')) return 'names';
  if (path.endsWith('/stages')) return 'stages';
  if (!path.endsWith('/logs')) return 'session';
  const type = query.get('type');
  if (type === 'livy') return 'livy-log';
  if (type === 'rollingdriver') return 'files';
  return query.get('meta') === 'true' ? 'length' : 'log';
}

/** The batch that a request is about, where it is about one. */
export function batchOf(url: URL): string | undefined {
  return /\/(?:batches|livySessions)\/([^/]+)/.exec(url.pathname)?.[1];
}

/** The stream that a request for a log is about. */
export function streamOf(url: URL): string {
  const { searchParams: query } = url;
  return (query.get('fileName') ?? query.get('filenamePrefix') ?? '').slice(0, 6);
}
