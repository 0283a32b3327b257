/** A part of a list that comes in pages. */
export interface Page<T> {
  items: readonly T[];
  /** Opaque to clients; absent on the last page. */
  next?: string;
}

/** The page that `token` names, of at most `size` items, or the first; absent for a token that is none. */
export function pageOf<T>(
  items: readonly T[],
  size: number,
  token: string | null,
): Page<T> | undefined {
  const start = token === null ? '0' : /^from=(\d{1,15})$/.exec(decoded(token))?.[1];
  if (start === undefined) return undefined;
  const end = Number(start) + size;
  const page = { items: items.slice(Number(start), end) };
  return end < items.length ? { ...page, next: encoded(`from=${end}`) } : page;
}

const encoded = (text: string): string => Buffer.from(text).toString('base64');
const decoded = (token: string): string => Buffer.from(token, 'base64').toString();
