import { TransportError, type HttpReply, type HttpRequest } from '../../src/http/transport.ts';

/** What a batch does, in milliseconds after its submit. */
export interface LivyScript {
  prints?: readonly { at: number; lines: readonly string[] }[];
  /** Without it the batch runs until it is deleted. */
  end?: { at: number; state: 'success' | 'dead' };
}

/** Instead of an answer: `lost` after the effect, `refused` without one, or a status without one. */
export type LivyFault = 'lost' | 'refused' | number;

interface Batch {
  id: number;
  name: string;
  at: number;
  /** Of a refused file: starts nothing and stays. */
  stuck: boolean;
  body: Record<string, unknown>;
}

/**
 * A double of Apache Livy 0.7.1 as far as batches go: unique names, ids from 0 on, a ring of log lines,
 * entries that a refused file leaves behind, batches that are forgotten. In memory, on the test's clock.
 */
export class LivyDouble {
  readonly requests: { method: string; path: string; at: number }[] = [];
  readonly sent: HttpRequest[] = [];
  readonly deleted: string[] = [];
  script: LivyScript = { end: { at: 5_000, state: 'success' } };
  ringSize = 200;
  /** On YARN. */
  appId: string | null = null;
  diagnostics: readonly string[] = [];
  /** How long a batch that is over is listed. */
  retainMs = 600_000;
  fault: (request: HttpRequest, path: string) => LivyFault | undefined = () => undefined;
  readonly #now: () => number;
  #batches: Batch[] = [];
  #next = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Names that are listed now. */
  get names(): string[] {
    return this.#listed().map(({ name }) => name);
  }

  get bodies(): Record<string, unknown>[] {
    return this.#batches.map(({ body }) => body);
  }

  /** The server starts anew, without recovery: it knows nothing, and counts from 0. */
  restart(): void {
    this.#batches = [];
    this.#next = 0;
  }

  /** A batch of someone else. */
  add(name: string): void {
    this.#batches.push({ id: this.#next++, name, at: this.#now(), stuck: false, body: {} });
  }

  /** The network to it. */
  readonly transport = (request: HttpRequest): Promise<HttpReply> => {
    const { pathname, search } = new URL(request.url);
    const path = pathname.replace(/^\/livy/, '');
    this.sent.push(request);
    this.requests.push({ method: request.method, path: `${path}${search}`, at: this.#now() });
    const fault = this.fault(request, path);
    if (fault === 'refused') return Promise.reject(new TransportError('not-sent', 'ECONNREFUSED'));
    if (typeof fault === 'number') return Promise.resolve(reply(fault, { msg: 'fault' }));
    const answer = this.#answer(request, path, new URL(request.url).searchParams);
    return fault === 'lost'
      ? Promise.reject(new TransportError('unknown', 'ECONNRESET'))
      : Promise.resolve(answer);
  };

  #answer({ method, body }: HttpRequest, path: string, query: URLSearchParams): HttpReply {
    if (path === '/batches' && method === 'POST') return this.#submit(String(body));
    const from = Number(query.get('from') ?? 0);
    const size = Number(query.get('size') ?? 100);
    if (path === '/batches') {
      const listed = this.#listed();
      const sessions = listed.slice(from, from + size).map((batch) => this.#shown(batch));
      return reply(200, { from, total: listed.length, sessions });
    }
    const [, id, log] = /^\/batches\/([^/]+)(\/log)?$/.exec(path) ?? [];
    const batch = this.#listed().find((one) => String(one.id) === id);
    if (!batch) return reply(404, { msg: `Session '${id ?? ''}' not found.` });
    if (method === 'DELETE') {
      this.#batches = this.#batches.filter((one) => one !== batch);
      this.deleted.push(batch.name);
      return reply(200, { msg: 'deleted' });
    }
    if (log === undefined) return reply(200, this.#shown(batch));
    const ring = ['stdout: ', ...this.#ring(batch), '\nstderr: ', ...this.#diagnostics()];
    return reply(200, {
      id: batch.id,
      from,
      total: ring.length,
      log: ring.slice(from, from + size),
    });
  }

  #submit(text: string): HttpReply {
    const body: unknown = JSON.parse(text);
    if (typeof body !== 'object' || body === null) return reply(400, 'no object');
    const fields: Record<string, unknown> = { ...body };
    if ('tags' in fields) return reply(400, 'Unrecognized field "tags"');
    const name = String(fields['name']);
    const id = this.#next++;
    if (this.names.includes(name))
      return reply(400, { msg: `Duplicate session name: Some(${name}) for session ${id}` });
    const stuck = String(fields['file']).startsWith('/elsewhere/');
    this.#batches.push({ id, name, at: this.#now(), stuck, body: fields });
    if (stuck)
      return reply(400, {
        msg: 'requirement failed: Local path cannot be added to user sessions.',
      });
    return reply(201, { id, name, state: 'running', appId: null, log: [] });
  }

  #listed(): Batch[] {
    return this.#batches.filter(({ at, stuck }) => {
      const end = this.script.end;
      return stuck || end === undefined || this.#now() - at < end.at + this.retainMs;
    });
  }

  #shown(batch: Batch): unknown {
    const { end } = this.script;
    const over = end !== undefined && this.#now() - batch.at >= end.at;
    const state = batch.stuck ? 'starting' : over ? end.state : 'running';
    return { id: batch.id, name: batch.name, owner: null, state, appId: this.appId, log: [] };
  }

  #diagnostics(): string[] {
    return this.appId === null ? [] : ['\nYARN Diagnostics: ', ...this.diagnostics];
  }

  #ring(batch: Batch): string[] {
    const printed = (this.script.prints ?? [])
      .filter(({ at }) => this.#now() - batch.at >= at)
      .flatMap(({ lines }) => lines);
    return printed.slice(-this.ringSize);
  }
}

function reply(status: number, json: unknown): HttpReply {
  async function* body(): AsyncIterable<Uint8Array> {
    await Promise.resolve();
    yield Buffer.from(JSON.stringify(json));
  }
  return { status, headers: { 'content-type': 'application/json' }, body: body() };
}
