import { createServer, type Server as HttpServer } from 'node:http';
import { connect } from 'node:net';
import { Server } from 'proxy-chain';

/** A user with the right password; as plain text. */
export interface ProxyUser {
  user: string;
  password: string;
}

/**
 * A real proxy on loopback that leads made-up host names to ports of this machine: what has such a
 * name can be reached through it only. It leads nowhere else.
 */
export class MappingProxy {
  /** Hosts that were asked for and led to, each request once, in order. */
  readonly seen: string[] = [];
  /** How many requests had no password or a wrong one. */
  refused = 0;
  readonly #server: Server;

  private constructor(portOf: (hostname: string) => number | undefined, only?: ProxyUser) {
    this.#server = new Server({
      port: 0,
      host: '127.0.0.1',
      prepareRequestFunction: ({ hostname, username, password }) => {
        if (only && (username !== only.user || password !== only.password)) {
          this.refused += 1;
          return { requestAuthentication: true };
        }
        const port = portOf(hostname);
        if (port === undefined) throw new Error(`No test asks for ${hostname}.`);
        this.seen.push(hostname);
        return { customConnectServer: relayTo(port) };
      },
    });
  }

  /** `portOf`: where a host name leads. `only`: who may use the proxy; anyone unless given. */
  static async start(
    portOf: (hostname: string) => number | undefined,
    only?: ProxyUser,
  ): Promise<MappingProxy> {
    const proxy = new MappingProxy(portOf, only);
    await proxy.#server.listen();
    return proxy;
  }

  /** As it stands in `HTTPS_PROXY`; `credential` as it is written there, such as `user:p%40ss`. */
  url(credential?: string): string {
    const host = `127.0.0.1:${this.#server.port}`;
    return credential === undefined ? `http://${host}` : `http://${credential}@${host}`;
  }

  async close(): Promise<void> {
    await this.#server.close(true);
  }
}

/** Takes sockets for a port of this machine. (proxy-chain hands them to an `http.Server`.) */
function relayTo(port: number): HttpServer {
  const relay = createServer().removeAllListeners('connection');
  relay.on('connection', (socket) => {
    const onward = connect(port, '127.0.0.1');
    socket.on('error', () => onward.destroy()).on('close', () => onward.destroy());
    onward.on('error', () => socket.destroy()).on('close', () => socket.destroy());
    socket.pipe(onward).pipe(socket);
  });
  return relay;
}
