import { invalidInput } from './api-error.ts';

/**
 * A page of a list of the core API: `value`, and at the end no continuation. The token is opaque
 * to clients; the link is ready to use.
 * Source: Fabric REST API, "Pagination".
 */
export function page(
  items: readonly unknown[],
  size: number,
  request: { url: string; query: URLSearchParams },
): Record<string, unknown> {
  const token = request.query.get('continuationToken');
  const start = token === null ? 0 : startOf(token);
  const end = start + size;
  if (end >= items.length) {
    return { value: items.slice(start), continuationToken: null, continuationUri: null };
  }
  const next = Buffer.from(`from=${end}`).toString('base64');
  const url = new URL(request.url);
  url.searchParams.set('continuationToken', next);
  return {
    value: items.slice(start, end),
    continuationToken: next,
    continuationUri: url.href,
  };
}

function startOf(token: string): number {
  const start = /^from=(\d+)$/.exec(Buffer.from(token, 'base64').toString())?.[1];
  if (start === undefined) throw invalidInput('The continuation token is not valid.');
  return Number(start);
}
