import { createServer, type Server } from 'node:http';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';

/**
 * An http door on loopback to an https service with a certificate of its own. act lets a variable that it
 * was given win over `GITHUB_ENV`, so a job cannot trust two such certificates, one of them a step's.
 */
export class PlainDoor {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** `target`: the origin behind the door; `ca`: its certificate as PEM. */
  static async open(target: string, ca: string): Promise<PlainDoor> {
    const server = createServer((incoming, outgoing) => {
      const { method, url, headers } = incoming;
      const options = { method, ca, headers: { ...headers, host: new URL(target).host } };
      const asked = request(new URL(url ?? '/', target), options, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      asked.once('error', () => outgoing.destroy());
      incoming.pipe(asked);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new PlainDoor(server);
  }

  get url(): string {
    const address: AddressInfo | string | null = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('The door is not open.');
    return `http://127.0.0.1:${address.port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
