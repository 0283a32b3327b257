import type { Server } from 'node:https';
import type { Readable } from 'node:stream';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Clock } from '../src/clock.ts';
import type { Certificate } from './certificate.ts';
import type { Fault, Faults } from './faults.ts';
import type { HostKind } from './settings.ts';

/** One request as it was seen. */
export interface JournalEntry {
  host: HostKind;
  method: string;
  /** With its query. */
  path: string;
  /** Absent while there is no answer, and for ever when its connection was torn down. */
  status?: number;
  /** Milliseconds since the epoch, on the local Fabric's clock. */
  at: number;
  fault?: Fault['kind'];
}

export interface ListenerParts {
  host: HostKind;
  certificate: Certificate;
  clock: Pick<Clock, 'now'>;
  faults: Faults;
  journal: JournalEntry[];
  /** Told of each TCP connection that is accepted. */
  onConnection: () => void;
}

export type Listener = ReturnType<typeof createListener>;

/**
 * An https server with case-insensitive routes that notes what it is asked, dates its answers by
 * the local Fabric's clock, and lets the faults act.
 */
export function createListener(parts: ListenerParts): FastifyInstance<Server> {
  const { host, certificate, clock, faults, journal } = parts;
  const app = fastify({
    https: { key: certificate.key, cert: certificate.certificate },
    routerOptions: { caseSensitive: false, ignoreTrailingSlash: true, maxParamLength: 1_000 },
    exposeHeadRoutes: false,
    forceCloseConnections: true,
    bodyLimit: 16 * 1024 * 1024,
  });
  app.server.on('connection', parts.onConnection);
  const met = new WeakMap<FastifyRequest, Fault>();
  const entries = new WeakMap<FastifyRequest, JournalEntry>();

  app.addHook('onRequest', async (request, reply) => {
    const line = { host, method: request.method, path: request.raw.url ?? '/' };
    const fault = faults.take(line);
    const entry: JournalEntry = { ...line, at: clock.now(), ...(fault && { fault: fault.kind }) };
    journal.push(entry);
    entries.set(request, entry);
    if (!fault) return;
    met.set(request, fault);
    await actBefore(fault, request, reply);
  });

  app.addHook('onSend', (request, reply, payload: unknown, done) => {
    const date = new Date(clock.now()).toUTCString();
    reply.header('date', date);
    const send = (instead?: unknown): void => {
      const entry = entries.get(request);
      if (entry) entry.status = reply.statusCode;
      done(null, instead ?? payload);
    };
    const fault = met.get(request);
    if (fault) actAfter(fault, { request, reply, payload, date, send });
    else send();
  });
  return app;
}

async function actBefore(
  fault: Fault,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  if (fault.kind === 'hold' && fault.moment === 'before') await fault.until.catch(() => undefined);
  if (fault.kind === 'reset' && fault.moment === 'before') {
    reply.hijack();
    request.raw.socket.destroy();
  }
  if (fault.kind === 'answer' && fault.moment !== 'after') {
    await reply
      .code(fault.status)
      .headers({ ...fault.headers })
      .send(fault.body ?? '');
  }
}

interface Sending {
  request: FastifyRequest;
  reply: FastifyReply;
  payload: unknown;
  /** The header of that name, which any answer has. */
  date: string;
  /** Goes on with the answer, or with another body in its place. */
  send: (instead?: unknown) => void;
}

function actAfter(fault: Fault, sending: Sending): void {
  const { request, reply, payload, date, send } = sending;
  if (fault.kind === 'hold' && fault.moment === 'after') {
    void fault.until.catch(() => undefined).then(() => send());
    return;
  }
  if (fault.kind === 'reset') {
    if (isStream(payload)) payload.destroy();
    request.raw.socket.destroy();
    return;
  }
  if (fault.kind === 'answer' && fault.moment === 'after') {
    if (isStream(payload)) payload.destroy();
    for (const name of Object.keys(reply.getHeaders())) reply.removeHeader(name);
    reply.code(fault.status).headers({ date, ...fault.headers });
    send(fault.body ?? '');
    return;
  }
  if (fault.kind === 'cut') {
    void cut(fault, sending);
    return;
  }
  if (fault.kind === 'rewrite') {
    void bytesOf(payload).then((bytes) => send(fault.body(bytes.toString('utf8'))));
    return;
  }
  send();
}

/** Sends the head of the answer as it is, then only the beginning of its body. */
async function cut(fault: Fault & { kind: 'cut' }, sending: Sending): Promise<void> {
  const { request, reply, payload } = sending;
  const whole = await bytesOf(payload);
  const kept = fault.bytes ?? Math.floor(whole.length / 2);
  reply.raw.writeHead(reply.statusCode, { ...headersOf(reply), 'content-length': whole.length });
  reply.raw.flushHeaders();
  reply.raw.write(whole.subarray(0, kept), () => request.raw.socket.destroySoon());
}

function headersOf(reply: FastifyReply): Record<string, string | number | string[]> {
  return Object.fromEntries(
    Object.entries(reply.getHeaders()).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  );
}

async function bytesOf(payload: unknown): Promise<Buffer> {
  if (typeof payload === 'string') return Buffer.from(payload);
  if (Buffer.isBuffer(payload)) return payload;
  if (!isStream(payload)) return Buffer.alloc(0);
  const chunks: Uint8Array[] = [];
  for await (const chunk of payload) if (chunk instanceof Uint8Array) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function isStream(payload: unknown): payload is Readable {
  return typeof payload === 'object' && payload !== null && 'pipe' in payload;
}

/** The query of a request; of a name that is given twice the first value counts. */
export function queryOf(request: FastifyRequest): URLSearchParams {
  const url = request.raw.url ?? '/';
  const mark = url.indexOf('?');
  return new URLSearchParams(mark === -1 ? '' : url.slice(mark + 1));
}

/** Path of a request as it came, without its query and still encoded. */
export function rawPathOf(request: FastifyRequest): string {
  return (request.raw.url ?? '/').split('?')[0] ?? '/';
}
