import { pageOf } from '../continuation.ts';
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
  const found = pageOf(items, size, request.query.get('continuationToken'));
  if (!found) throw invalidInput('The continuation token is not valid.');
  const { items: value, next } = found;
  if (next === undefined) return { value, continuationToken: null, continuationUri: null };
  const url = new URL(request.url);
  url.searchParams.set('continuationToken', next);
  return { value, continuationToken: next, continuationUri: url.href };
}
