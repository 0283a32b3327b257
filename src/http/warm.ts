import type { Socket } from 'node:net';
import { buildConnector } from 'undici';

type Connector = buildConnector.connector;

/**
 * How long a connection that was opened ahead may wait for its request, in milliseconds: well below the time
 * after which servers close one that stays silent.
 */
const longestWait = 5_000;

/** A connection that is being opened, or stands and waits. */
interface Ahead {
  socket: Promise<Socket | undefined>;
  openedAt: number;
}

/**
 * Connections that are opened ahead of the requests that will need them, so that TCP and TLS are agreed upon
 * while something else is awaited (design, section 5). Each serves one taker, as a new one would; one that
 * fails or is not taken in time is let go without a word, and the taker opens its own.
 */
export class WarmConnections {
  readonly #open: Connector;
  readonly #now: () => number;
  readonly #ahead = new Map<string, Ahead[]>();

  constructor(options: buildConnector.BuildOptions, now: () => number = () => performance.now()) {
    this.#open = buildConnector(options);
    this.#now = now;
  }

  /** Opens a connection to an origin. Never throws. */
  warm(origin: string): void {
    const { hostname, protocol, port, host } = new URL(origin);
    const socket = new Promise<Socket | undefined>((resolve) => {
      this.#open({ hostname, host, protocol, port }, (...[error, opened]) => {
        if (error) {
          resolve(undefined);
          return;
        }
        // It must neither end the process by an error nor keep it alive.
        opened.on('error', ignore);
        opened.setTimeout(longestWait, () => opened.destroy());
        opened.unref();
        resolve(opened);
      });
    });
    const entry: Ahead = { socket, openedAt: this.#now() };
    this.#ahead.set(origin, [...(this.#ahead.get(origin) ?? []), entry]);
  }

  /** What undici opens a connection with. */
  readonly connect: Connector = (options, callback) => {
    const port = options.port === '' ? '' : `:${options.port}`;
    const entry = this.#take(`${options.protocol}//${options.hostname}${port}`);
    void (entry?.socket ?? Promise.resolve(undefined)).then((socket) => {
      if (!socket?.writable) {
        this.#open(options, callback);
        return;
      }
      socket.off('error', ignore);
      socket.removeAllListeners('timeout');
      socket.setTimeout(0);
      socket.ref();
      callback(null, socket);
    });
  };

  /** Lets go of what waits. */
  close(): void {
    const waiting = [...this.#ahead.values()].flat();
    this.#ahead.clear();
    for (const { socket } of waiting) void socket.then((opened) => opened?.destroy());
  }

  #take(origin: string): Ahead | undefined {
    const [first, ...others] = this.#ahead.get(origin) ?? [];
    if (!first) return undefined;
    this.#ahead.set(origin, others);
    return this.#now() - first.openedAt > longestWait ? this.#take(origin) : first;
  }
}

function ignore(): void {
  // The one who takes a connection looks whether it still stands.
}
