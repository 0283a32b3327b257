import { isLoopback, isTrusted } from '../http/hosts.ts';
import { items, quote, type Parsed } from './forms.ts';
import type { Reader } from './reader.ts';

/** Origins and scopes of the services. */
export interface Endpoints {
  fabric: string;
  onelake: string;
  authority: string;
  portal: string;
  fabricScope: string;
  onelakeScope: string;
}

/** True for a Fabric on loopback, whose runs no portal shows. */
export function isLocalFabric(inputs: {
  endpoints: Endpoints;
  livyUrl?: string | undefined;
}): boolean {
  const { fabric } = inputs.endpoints;
  return inputs.livyUrl === undefined && isLoopback(new URL(fabric).hostname);
}

/** Host names, with a port where one is meant. */
export function parseHosts(text: string): Parsed<string[]> {
  const hosts = items(text);
  const bad = hosts.find((host) => !/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?$/i.test(host));
  return bad === undefined
    ? { value: hosts }
    : { problem: `must hold host names, not ${quote(bad)}` };
}

/** An origin that a token may be sent to: https (http on loopback), trusted, without a path. */
export function parseOrigin(
  text: string,
  trusted: readonly string[],
  httpsOnly: boolean,
): Parsed<string> {
  if (!URL.canParse(text))
    return { problem: `must be a URL such as https://host, not ${quote(text)}` };
  const url = new URL(text);
  if (url.username || url.password || url.search || url.hash || url.pathname !== '/') {
    return { problem: 'must be an origin only, without user, path, query or fragment' };
  }
  const http = url.protocol === 'http:' && isLoopback(url.hostname) && !httpsOnly;
  if (url.protocol !== 'https:' && !http)
    return { problem: `must start with https://${httpsOnly ? '' : ' (http only on loopback)'}` };
  if (!isTrusted(url, trusted)) {
    return {
      problem: `names the host ${url.host}, which is not one of Microsoft's; add it to trusted-hosts if it may get your token`,
    };
  }
  return { value: url.origin };
}

/**
 * The environment variable of an endpoint, which counts where the input is not given: with these a
 * local Fabric of an earlier step makes itself known to the steps after it.
 */
export function endpointVariable(input: string): string {
  return `FABRIC_SPARK_BATCH_${input.replaceAll('-', '_').toUpperCase()}`;
}

/** The public cloud's, unless others are given, by an input or by its variable. */
export function readEndpoints(reader: Reader): Endpoints {
  const trusted = reader.parsed('trusted-hosts', parseHosts, []);
  const origin = (name: string, unset: string, httpsOnly = false): string => {
    const text = reader.text(name) || reader.env(endpointVariable(name)) || unset;
    return reader.value(name, parseOrigin(text, trusted, httpsOnly), unset);
  };
  return {
    fabric: origin('fabric-endpoint', 'https://api.fabric.microsoft.com'),
    onelake: origin('onelake-endpoint', 'https://onelake.dfs.fabric.microsoft.com'),
    authority: origin('authority-host', 'https://login.microsoftonline.com', true),
    portal: origin('portal-url', 'https://app.fabric.microsoft.com'),
    fabricScope: reader.text('fabric-scope') || 'https://api.fabric.microsoft.com/.default',
    onelakeScope: reader.text('onelake-scope') || 'https://storage.azure.com/.default',
  };
}
