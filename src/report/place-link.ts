import type { CheckoutLine } from './facts.ts';
import { inline, link } from './markdown.ts';

/**
 * Where GitHub shows the files of a commit of this repository: `https://github.com/o/r/blob/SHA/`. `undefined`
 * where the environment does not tell it, or `sha` is none. Source: GitHub Docs, "Variables".
 */
export function sourceUrl(
  env: (name: string) => string | undefined,
  sha: string | undefined,
): string | undefined {
  const server = env('GITHUB_SERVER_URL') ?? '';
  const repository = env('GITHUB_REPOSITORY') ?? '';
  if (!/^[\w.-]+\/[\w.-]+$/.test(repository) || !/^[0-9a-f]{40,64}$/.test(sha ?? ''))
    return undefined;
  return /^https?:\/\/[\w.:-]+\/?$/.test(server)
    ? `${server.replace(/\/$/, '')}/${repository}/blob/${sha ?? ''}/`
    : undefined;
}

/** A line of the checkout as Markdown, and a link where it is known where to look. */
export function placeLink(place: CheckoutLine, base: string | undefined): string {
  const text = `${inline(place.file)}, line ${place.line}`;
  if (base === undefined) return text;
  const path = place.file.split('/').map(inUrl).join('/');
  return link(text, `${base}${path}#L${place.line}`);
}

function inUrl(segment: string): string {
  return encodeURIComponent(segment.toWellFormed()).replace(
    /[()!'*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
