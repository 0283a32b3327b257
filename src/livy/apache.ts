import { StepError } from '../errors.ts';
import type { Answer, HttpClient } from '../http/client.ts';
import { refusalLine } from '../http/refusal.ts';
import { isObject } from '../http/json.ts';
import type { HttpRequest } from '../http/transport.ts';
import type { BatchBody, Dialect, Livy } from './livy.ts';
import { batchPage, batchStatus, type BatchStatus } from './status.ts';
import { isOver } from './verdict.ts';

/** Apache Livy, and what its log has to ask before it reads by an id. */
export interface ApacheLivy extends Livy {
  /** True when the last answer by this id was not about our batch. */
  lost(id: string): boolean;
}

const pageSize = 500;
const mostPages = 500;
/** How long a page of the list is asked for again, and how long one try may take; milliseconds. */
const listPatience = { patience: 10_000, longest: 30_000 };
/** A server with `livy.server.csrf-protection.enabled` wants it of every request that changes something. */
const headers = { 'x-requested-by': 'fabric-spark-batch' };

const signIn = 'This server wants a sign-in, and livy-url is for one that needs none';
const checkList = 'Check livy-url: the batches are looked for in /batches below it.';
const advice: Readonly<Record<number, string>> = {
  400: 'Check file, conf and the sizing inputs. A local path must lie under livy.file.local-dir-whitelist of the server.',
  401: `${signIn}.`,
  403: `${signIn}.`,
  404: checkList,
};

const dialect: Dialect = {
  service: 'Livy',
  address: 'livy-url',
  hub: 'the list of batches of the Livy server',
  keepsTags: false,
  uniqueNames: true,
  mayBeNew: false,
  checkId: 'Check batch-id and livy-url: ids begin at 0 with each start of the server.',
  rights: signIn,
  checkList,
  vanished:
    'The server was restarted, or someone deleted the batch, or it was over and forgotten (livy.server.session.state-retain.sec). Whether the job succeeded, or still runs, is not known: look at what it wrote.',
  nameTaken: (answer) => answer.status === 400 && /Duplicate session name/i.test(answer.text),
  refused: (answer) =>
    new StepError(
      answer.status === 404 ? 'NOT_FOUND' : 'REQUEST_REFUSED',
      `Livy refused the batch: ${refusalLine(answer)}`,
      { advice: `${advice[answer.status] ?? ''} Nothing was started.`.trim() },
    ),
};

/**
 * Apache Livy's batch API, without a sign-in. `url`: without a slash at its end. Three things differ:
 * tags are refused, so that a name is what a submit is known by; ids begin at 0 with each start of the
 * server, so that an id counts only with its name; DELETE forgets the batch at once, so that a 404
 * after it is its end. Source: incubator-livy, server/batch and server/SessionServlet.scala.
 */
export function apacheLivy(http: HttpClient, url: string): ApacheLivy {
  return new Apache(http, url);
}

class Apache implements ApacheLivy {
  readonly dialect = dialect;
  readonly #http: HttpClient;
  readonly #batches: string;
  readonly #names = new Map<string, string>();
  readonly #ended = new Set<string>();
  readonly #lost = new Set<string>();

  constructor(http: HttpClient, url: string) {
    this.#http = http;
    this.#batches = `${url}/batches`;
  }

  async submit(body: BatchBody, unless: AbortSignal): Promise<Answer> {
    const answer = await this.#http.send({
      method: 'POST',
      url: this.#batches,
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ ...body, tags: undefined }),
      ownConnection: true,
      unlessAborted: unless,
    });
    const refused = answer.status >= 400 && answer.status < 500 && answer.status !== 408;
    if (refused && !dialect.nameTaken(answer)) await this.#forget(body.name);
    return answer;
  }

  async get(id: string, signal?: AbortSignal, urgent = false): Promise<Answer> {
    const request = { method: 'GET' as const, url: this.#one(id), headers, urgent };
    const answer = this.#ofOurs(id, await this.#http.send(request, { signal }));
    if (answer.status === 404) this.#lost.add(id);
    else this.#lost.delete(id);
    return answer;
  }

  /** A batch that is not ours, or over, is left: its DELETE would take its log away. */
  async cancel(id: string, options: Parameters<Livy['cancel']>[1] = {}): Promise<Answer> {
    const { signal, ownConnection = false } = options;
    const seen = await this.get(id, signal, true);
    if (seen.status === 404 || (seen.status === 200 && isOver(batchStatus(seen.json)))) return seen;
    const request = { method: 'DELETE' as const, url: this.#one(id), headers, urgent: true };
    const answer = await this.#http.send({ ...request, ownConnection }, { signal });
    if (answer.status < 300) this.#ended.add(id);
    return answer;
  }

  async list(
    signal?: AbortSignal,
    onRefused?: (answer: Answer) => void,
  ): Promise<readonly BatchStatus[] | undefined> {
    const found = new Map<string, BatchStatus>();
    let read = 0;
    let most = 0;
    for (let page = 0; page < mostPages; page += 1) {
      const url = `${this.#batches}?from=${read}&size=${pageSize}`;
      const request: HttpRequest = { method: 'GET', url, headers };
      const answer = await this.#http.send(request, { signal, ...listPatience });
      const list = answer.status === 200 ? batchPage(answer.json) : undefined;
      if (list?.total === undefined) {
        onRefused?.(answer);
        return undefined;
      }
      for (const item of list.items) if (item.id !== undefined) found.set(item.id, item);
      read += list.items.length;
      // One that was forgotten between two pages moves the others up, past what was read.
      const moved = list.total < most;
      most = list.total;
      if (moved) read = 0;
      else if (list.items.length === 0 || read >= list.total) return [...found.values()];
    }
    return undefined;
  }

  known(id: string, name: string, ended = false): void {
    this.#names.set(id, name);
    if (ended) this.#ended.add(id);
  }

  holds(batches: readonly BatchStatus[], id: string): boolean {
    const name = this.#names.get(id);
    return batches.some((batch) => batch.id === id && (name === undefined || batch.name === name));
  }

  lost(id: string): boolean {
    return this.#lost.has(id);
  }

  pausedUntil(): number {
    return this.#http.pausedUntil(this.#batches);
  }

  freeAt(): number {
    return this.#http.freeAt(this.#batches);
  }

  #one(id: string): string {
    return `${this.#batches}/${encodeURIComponent(id)}`;
  }

  /** What an answer by the id says of our batch. */
  #ofOurs(id: string, answer: Answer): Answer {
    const name = this.#names.get(id);
    const another =
      answer.status === 200 &&
      isObject(answer.json) &&
      name !== undefined &&
      batchStatus(answer.json).name !== name;
    const gone = another || (answer.status === 404 && isObject(answer.json));
    if (gone && this.#ended.has(id))
      return { ...answer, status: 200, json: { id, name, state: 'killed' } };
    if (!another) return answer;
    const json = { msg: `the id ${id} is of another batch now, since the server was restarted` };
    return { ...answer, status: 404, text: '', json };
  }

  /** A submit that was refused may leave an entry that starts nothing, stays for ever and holds the name. */
  async #forget(name: string): Promise<void> {
    const batches = await this.list().catch(() => undefined);
    for (const batch of batches ?? []) {
      if (batch.id === undefined || batch.name !== name) continue;
      const request = { method: 'DELETE' as const, url: this.#one(batch.id), headers };
      await this.#http.send({ ...request, urgent: true }).catch(() => undefined);
    }
  }
}
