/** Suffixes under which only Microsoft can place a host (public and national clouds). */
const microsoftSuffixes = [
  'fabric.microsoft.com',
  'fabric.microsoft.us',
  'microsoftonline.com',
  'microsoftonline.us',
  'partner.microsoftonline.cn',
  'login.chinacloudapi.cn',
  'login.windows.net',
  'powerbi.com',
  'powerbigov.us',
];

/** True for the host names and addresses that never leave the machine. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/**
 * May a token or a credential go to this host (rule 8)? Loopback, a host under Microsoft's own
 * suffixes, or one of `trusted` (host names, with a port where one is meant).
 */
export function isTrusted(url: URL, trusted: readonly string[]): boolean {
  const { hostname, host } = url;
  if (isLoopback(hostname)) return true;
  if (microsoftSuffixes.some((suffix) => hostname === suffix || hostname.endsWith(`.${suffix}`)))
    return true;
  return trusted.some((entry) => entry.toLowerCase() === hostname || entry.toLowerCase() === host);
}

/** True when `link` may be followed with the bearer of `base`: the same scheme, host and port. */
export function sameOrigin(link: string, base: string): boolean {
  return URL.canParse(link) && new URL(link).origin === new URL(base).origin;
}
