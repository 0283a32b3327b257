/** The variables that name a proxy, for undici and for GitHub's toolkit alike. */
const variables = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'];

/** Does the environment name a proxy? Then connections are its matter. */
export function isProxied(env: (name: string) => string | undefined): boolean {
  return variables.some((name) => (env(name) ?? '') !== '');
}

/** Shorter texts would ruin the log. */
const shortest = 4;

/**
 * The passwords of the proxies that the environment names, in the forms in which they could come to
 * show: as written, decoded, URL-encoded by others, and as the header that a proxy gets.
 */
export function proxySecrets(env: (name: string) => string | undefined): string[] {
  const forms = variables.flatMap((name) => formsOf(env(name) ?? ''));
  return [...new Set(forms)].filter((text) => text.trim().length >= shortest);
}

/** A value that is no URL may hold a password as well: all up to the last `@` counts. */
function formsOf(proxy: string): string[] {
  const rest = proxy.replace(/^[a-z][\w+.-]*:\/\//i, '');
  const [, user = '', password = ''] = /^([^:@/]*):(.+)@/s.exec(rest) ?? [];
  if (password === '') return [];
  const plain = decoded(password);
  const written = URL.canParse(proxy) ? new URL(proxy).password : '';
  const header = Buffer.from(`${decoded(user)}:${plain}`).toString('base64');
  return [password, plain, written, encodeURIComponent(plain), header];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * The status with which a proxy refused to lead on: undici's words and those of the toolkit for a
 * refused CONNECT, and undici's for a plain http request. Absent when no proxy did.
 */
export function proxyStatus(message: string): number | undefined {
  const [, tunnel, toolkit, plain] =
    /Proxy response \((\d{3})\) !== 200|tunneling socket could not be established, statusCode=(\d{3})|Proxy Authentication Required \((407)\)/.exec(
      message,
    ) ?? [];
  const status = tunnel ?? toolkit ?? plain;
  return status === undefined ? undefined : Number(status);
}

/** Statuses of a proxy that another attempt may mend: what lies behind it is down or slow. */
const passing = new Set([408, 429, 500, 502, 503, 504]);

/** What a proxy's refusal means. `lasting`: another attempt gets the same. */
export function proxyRefusal(status: number): { says: string; lasting: boolean } {
  if (status === 407) {
    return {
      says: 'the proxy refused (407): it wants a user and a password, or does not take those that it got; set HTTPS_PROXY to http://user:password@host:port in the env of the job, with special characters of both URL-encoded (@ is %40)',
      lasting: true,
    };
  }
  const lasting = !passing.has(status);
  return {
    says: lasting
      ? `the proxy refused (${status}) to lead to this host: have the host allowed there, or name it in NO_PROXY if the runner may reach it directly`
      : `the proxy could not reach this host (${status})`,
    lasting,
  };
}
