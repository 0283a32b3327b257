import {
  TransportError,
  type HttpReply,
  type HttpRequest,
  type Transport,
} from '../../src/http/transport.ts';
import type { Authority } from './authority.ts';
import type { SimulatedClock } from './clock.ts';
import { json, type ServiceReply, type SimulatedFabric } from './fabric.ts';
import { answerOf, bodyOf, isBefore, rewritten } from './faults.ts';
import type { RequestFault, Target } from './plan.ts';
import type { Random } from './random.ts';
import { batchOf, streamOf, targetOf } from './requests.ts';
import { nothingYet, type Sent } from './sent.ts';

export interface NetworkParts {
  clock: SimulatedClock;
  random: Random;
  fabric: SimulatedFabric;
  authority: Authority;
  faults: readonly RequestFault[];
  /** In which phase a leg is. */
  phaseOf: (leg: number, part: 'main' | 'post') => string;
  /** Told of each request as it leaves. */
  onSent: (sent: Sent) => void;
}

/** How long undici waits for the status line, and for the next bytes of a body; milliseconds. */
const silence = { headers: 100_000, body: 60_000 };

/** How long the toolkit waits for the issuer; milliseconds. */
const toolkitPatience = 180_000;

/** The network between the steps and the services: latency, faults, and a journal of every request. */
export class Network {
  readonly journal: Sent[] = [];
  readonly #parts: NetworkParts;
  readonly #met = new Map<RequestFault, number>();
  readonly #files = new Set<string>();

  constructor(parts: NetworkParts) {
    this.#parts = parts;
  }

  /** The transport of one process. `startedAt`: when its leg started. */
  transport(leg: number, part: 'main' | 'post', startedAt: number): Transport {
    return (request, signal) => this.#send(request, { leg, part, startedAt }, signal);
  }

  /** GitHub's issuer, which the toolkit of the runner asks. Throws as the toolkit does. */
  async oidc(leg: number, part: 'main' | 'post', startedAt: number, trip: number): Promise<void> {
    const { clock, onSent, phaseOf } = this.#parts;
    const url = new URL('https://run-actions.githubusercontent.com/token');
    const fault = this.#faultOf('oidc', url, { leg, part, startedAt });
    const sent: Sent = {
      ...nothingYet,
      at: clock.now(),
      target: 'oidc',
      method: 'GET',
      url: url.href,
      leg,
      part,
      fault: fault?.kind,
      phase: fault ? phaseOf(leg, part) : '',
      made: [],
    };
    this.journal.push(sent);
    onSent(sent);
    await clock.sleep(fault?.kind === 'silent' ? toolkitPatience : trip);
    sent.endedAt = clock.now();
    sent.outcome = fault ? 500 : 200;
    if (fault)
      throw new Error(
        `Failed to get ID Token. \n Error Code : ${fault.kind === '403' ? 403 : 500}`,
      );
  }

  async #send(
    request: HttpRequest,
    from: { leg: number; part: 'main' | 'post'; startedAt: number },
    signal?: AbortSignal,
  ): Promise<HttpReply> {
    const { clock, phaseOf, onSent } = this.#parts;
    const url = new URL(request.url);
    const target = targetOf(request.method, url);
    const { leg, part } = from;
    const fault = this.#faultOf(target, url, from);
    const sent: Sent = {
      ...nothingYet,
      at: clock.now(),
      target,
      method: request.method,
      url: request.url,
      batch: batchOf(url),
      leg,
      part,
      urgent: request.urgent === true,
      optional: request.optional === true,
      fault: fault?.kind,
      phase: fault ? phaseOf(leg, part) : '',
      made: [],
    };
    this.journal.push(sent);
    onSent(sent);
    try {
      if (signal?.aborted) throw aborted();
      const reply = await this.#orAborted(this.#exchange(request, url, sent, fault), signal);
      sent.outcome = reply.status;
      return {
        status: reply.status,
        headers: reply.headers,
        body: bodyOf(reply.body, fault, (ms) => this.#wait(ms, signal)),
      };
    } catch (thrown) {
      if (thrown instanceof TransportError) sent.outcome = thrown.failure;
      throw thrown;
    } finally {
      sent.endedAt = clock.now();
    }
  }

  /** What the service and the way to it make of a request. */
  async #exchange(
    request: HttpRequest,
    url: URL,
    sent: Sent,
    fault: RequestFault | undefined,
  ): Promise<ServiceReply> {
    const { clock, random } = this.#parts;
    const trip = 10 + random.next() * 150;
    const changes = request.method !== 'GET' && request.method !== 'HEAD';
    await clock.sleep(fault?.kind === 'slow' ? fault.seconds * 1_000 : trip);
    if (fault?.kind === 'refused')
      throw new TransportError('not-sent', 'connect ECONNREFUSED 127.0.0.1:443');
    if (fault && isBefore(fault.kind)) return this.#failed(fault, sent);
    let reply = await this.#serve(request, url, sent);
    // The gateway sends it again, at once or a while later.
    if (fault?.kind === 'twin')
      clock.after((fault.seconds - 1) * 1_000, () => void this.#serve(request, url, sent));
    if (changes) await clock.sleep(trip);
    if (fault) reply = await this.#touched(fault, reply, sent);
    return reply;
  }

  /** A fault that has kept the request from its effect. */
  async #failed(fault: RequestFault, sent: Sent): Promise<ServiceReply> {
    const { clock } = this.#parts;
    if (fault.kind === 'silent') await this.#parts.clock.sleep(silence.headers);
    if (fault.kind === 'silent' || fault.kind === 'reset-before')
      throw new TransportError('unknown', 'read ECONNRESET');
    const answer = answerOf(fault, clock.now());
    sent.pauseUntil = answer.pauseUntil;
    return answer.reply;
  }

  /** A fault of a reply whose request has had its effect. */
  async #touched(fault: RequestFault, reply: ServiceReply, sent: Sent): Promise<ServiceReply> {
    if (fault.kind === 'silent-after') await this.#parts.clock.sleep(silence.headers);
    if (['silent-after', 'reset-after', 'twin'].includes(fault.kind))
      throw new TransportError('unknown', 'read ECONNRESET');
    if (fault.kind.endsWith('-after')) {
      const answer = answerOf(fault, this.#parts.clock.now());
      sent.pauseUntil = answer.pauseUntil;
      return answer.reply;
    }
    return rewritten(fault.kind, reply);
  }

  async #serve(request: HttpRequest, url: URL, sent: Sent): Promise<ServiceReply> {
    const { authority, clock, fabric } = this.#parts;
    const body = typeof request.body === 'string' ? request.body : '';
    if (sent.target === 'token') {
      const answer = authority.token(new URLSearchParams(body), clock.now());
      return json(answer.status, answer.body);
    }
    if (sent.target === 'onelake') return this.#lake(request.method, url);
    const before = fabric.every.length;
    const reply = await fabric.handle({
      method: request.method,
      url,
      authorization: request.headers?.['authorization'],
      body,
    });
    sent.effect = reply.status < 300;
    sent.made.push(...fabric.every.slice(before).map(({ id }) => id));
    if (reply.status === 429 && sent.pauseUntil === undefined)
      sent.pauseUntil = toldBy(reply, clock.now());
    return reply;
  }

  /** As much of OneLake as a dry run needs. */
  #lake(method: string, url: URL): ServiceReply {
    if (method === 'PUT') this.#files.add(url.pathname);
    if (method === 'DELETE') this.#files.clear();
    const status = { PUT: 201, PATCH: 202 }[method] ?? 200;
    return { status: url.search.includes('flush') ? 200 : status, headers: {}, body: [] };
  }

  #faultOf(
    target: Target,
    url: URL,
    from: { leg: number; part: 'main' | 'post'; startedAt: number },
  ): RequestFault | undefined {
    const { faults, clock } = this.#parts;
    if (faults.length === 0) return undefined;
    const age = clock.now() - from.startedAt;
    let found: RequestFault | undefined;
    for (const fault of faults) {
      if (fault.target !== target || fault.leg !== from.leg || fault.part !== from.part) continue;
      if (fault.stream !== undefined && fault.stream !== streamOf(url)) continue;
      if (fault.window) {
        if (age >= fault.window[0] && age < fault.window[1]) found ??= fault;
        continue;
      }
      const met = this.#met.get(fault) ?? 0;
      this.#met.set(fault, met + 1);
      if (met >= fault.skip && met < fault.skip + fault.times) found ??= fault;
    }
    return found;
  }

  async #wait(ms: number, signal?: AbortSignal): Promise<never> {
    await this.#parts.clock.sleep(Math.min(ms, silence.body), signal);
    throw signal?.aborted ? aborted() : new Error('terminated: body timeout');
  }

  /** The reply, or the failure that an abort is; the exchange itself goes on. */
  #orAborted(work: Promise<ServiceReply>, signal?: AbortSignal): Promise<ServiceReply> {
    if (!signal) return work;
    return new Promise((resolve, reject) => {
      const abort = (): void => reject(aborted());
      signal.addEventListener('abort', abort, { once: true });
      const over = (): void => signal.removeEventListener('abort', abort);
      work.then(
        (reply) => {
          over();
          resolve(reply);
        },
        (thrown: unknown) => {
          over();
          reject(thrown instanceof Error ? thrown : new Error(String(thrown)));
        },
      );
    });
  }
}

function aborted(): TransportError {
  return new TransportError('aborted', 'the request was ended');
}

function toldBy(reply: ServiceReply, now: number): number | undefined {
  const seconds = Number(reply.headers['retry-after'] ?? 'none');
  return Number.isNaN(seconds) ? undefined : now + seconds * 1_000;
}
