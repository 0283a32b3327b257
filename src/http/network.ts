import { Agent, EnvHttpProxyAgent, request as undiciRequest, type Dispatcher } from 'undici';
import { messageOf } from '../errors.ts';
import { isLoopback } from './hosts.ts';
import { obstacleOf } from './obstacle.ts';
import {
  failureOf,
  TransportError,
  type Network,
  type NetworkOptions,
  type Transport,
} from './transport.ts';
import { WarmConnections } from './warm.ts';

function plainHeaders(
  headers: Record<string, string | string[] | undefined>,
): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined)
      plain[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
  }
  return plain;
}

/** Over HTTP/2 undici sends a refused request again by itself, and a submit is sent once. */
const allowH2 = false;

/** Milliseconds a service may stay silent before a request counts as lost. */
const silence = { connect: 20_000, headers: 100_000, body: 60_000 };

/** Two agents that honour the proxy variables: one keeps its connections, one closes each after use. */
interface Agents {
  keptAlive: Dispatcher;
  closedAfterUse: Dispatcher;
  /** The same without a proxy, for loopback. */
  direct: Dispatcher;
  directClosedAfterUse: Dispatcher;
}

/** Throws `TransportError` for a proxy variable that is no URL; undici's own error would show its value. */
function agents({ ca, proxied = true }: NetworkOptions, ahead: WarmConnections): Agents {
  const limits = {
    connectTimeout: silence.connect,
    headersTimeout: silence.headers,
    bodyTimeout: silence.body,
    allowH2,
    ...(ca === undefined ? {} : { connect: { ca }, requestTls: { ca } }),
  };
  const own = { ...limits, connect: ahead.connect };
  const outside = proxied ? limits : own;
  try {
    return {
      keptAlive: new EnvHttpProxyAgent(outside),
      direct: new Agent(own),
      directClosedAfterUse: new Agent({ ...own, pipelining: 0 }),
      closedAfterUse: new EnvHttpProxyAgent({ ...outside, pipelining: 0 }),
    };
  } catch {
    throw new TransportError(
      'not-sent',
      'HTTPS_PROXY or HTTP_PROXY cannot be used: each must be a URL such as http://host:port or http://user:password@host:port, with special characters of user and password URL-encoded (@ is %40)',
      undefined,
      true,
    );
  }
}

/**
 * The one undici client: keeps connections alive and honours `HTTPS_PROXY`, `HTTP_PROXY` and
 * `NO_PROXY` (undici's own request does not). Imported by `undiciTransport` alone.
 */
export function openNetwork(options: NetworkOptions): Network {
  let made: Agents | undefined;
  const { ca, proxied = true } = options;
  const timeout = silence.connect;
  const ahead = new WarmConnections({ allowH2, timeout, ...(ca === undefined ? {} : { ca }) });
  const transport: Transport = async (request, signal) => {
    made ??= agents(options, ahead);
    // A bearer for loopback must not leave the machine by way of a proxy.
    const local = isLoopback(new URL(request.url).hostname);
    const kept = local ? made.direct : made.keptAlive;
    const own = local ? made.directClosedAfterUse : made.closedAfterUse;
    try {
      const { statusCode, headers, body } = await undiciRequest(request.url, {
        method: request.method,
        headers: request.headers ?? {},
        body: request.body ?? null,
        dispatcher: request.ownConnection ? own : kept,
        ...(signal ? { signal } : {}),
      });
      return { status: statusCode, headers: plainHeaders(headers), body };
    } catch (thrown) {
      const failure = failureOf(thrown, signal?.aborted === true);
      const obstacle = obstacleOf(thrown);
      const message = obstacle?.says ?? messageOf(thrown);
      throw new TransportError(failure, message, thrown, obstacle?.lasting);
    }
  };
  return {
    transport,
    warm: (origins) => {
      for (const origin of origins)
        if (isLoopback(new URL(origin).hostname) || !proxied) ahead.warm(origin);
    },
    close: async () => {
      ahead.close();
      await Promise.all(
        (made ? Object.values<Dispatcher>({ ...made }) : []).map((agent) => agent.destroy()),
      );
    },
  };
}
