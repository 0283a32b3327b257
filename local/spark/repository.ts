import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorCode } from './error-code.ts';
import type { Machine } from './machine.ts';

/**
 * Where jars are fetched from, if not from Maven Central: `DEFAULT_ARTIFACT_REPOSITORY`, as Spark
 * reads it for its packages, or a mirror of Central in the user's Maven settings. Undefined for Central itself.
 * Source of the rule: Maven's "Using Mirrors for Repositories" (`central`, `*`, `external:*`).
 */
export function jarRepository(
  machine: Pick<Machine, 'env' | 'home'>,
  read: (path: string) => string | undefined = textOf,
): string | undefined {
  const named = machine.env['DEFAULT_ARTIFACT_REPOSITORY'];
  if (named) return named;
  const settings = read(join(machine.home, '.m2', 'settings.xml'))?.replace(/<!--[^]*?-->/g, '');
  for (const [, mirror = ''] of (settings ?? '').matchAll(/<mirror>([^]*?)<\/mirror>/g)) {
    const value = (name: string): string =>
      new RegExp(`<${name}>\\s*([^<]*?)\\s*</${name}>`).exec(mirror)?.[1] ?? '';
    const of = value('mirrorOf').split(/\s*,\s*/);
    if (value('blocked') === 'true' || of.includes('!central')) continue;
    if (!of.some((name) => ['central', '*', 'external:*'].includes(name))) continue;
    const url = value('url').replaceAll('&amp;', '&');
    if (url !== '') return url;
  }
  return undefined;
}

/** Java properties for the proxy of `https_proxy` and `http_proxy`, which Java does not read itself. */
export function proxyOptions(env: Machine['env']): string[] {
  const options: string[] = [];
  for (const scheme of ['https', 'http']) {
    const proxy = env[`${scheme}_proxy`] ?? env[`${scheme.toUpperCase()}_PROXY`];
    if (!proxy || !URL.canParse(proxy)) continue;
    const { hostname, port, protocol } = new URL(proxy);
    options.push(`-D${scheme}.proxyHost=${hostname}`);
    options.push(`-D${scheme}.proxyPort=${port || (protocol === 'https:' ? '443' : '80')}`);
  }
  const direct = env['no_proxy'] ?? env['NO_PROXY'];
  if (options.length > 0 && direct) {
    const hosts = direct.split(',').map((host) => host.trim().replace(/^\./, '*.'));
    options.push(`-Dhttp.nonProxyHosts=${hosts.join('|')}`);
  }
  return options;
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
