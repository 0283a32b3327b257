import {
  TransportError,
  type HttpReply,
  type HttpRequest,
  type Transport,
} from '../../../src/http/transport.ts';
import type { VirtualClock } from '../virtual-clock.ts';

export interface Reply {
  status: number;
  headers?: Record<string, string>;
  text?: string;
  /** The body breaks off after this text. */
  cut?: boolean;
}

async function* bodyOf(text: string, cut: boolean): AsyncIterable<Uint8Array> {
  if (text !== '') yield await Promise.resolve(Buffer.from(text));
  if (cut) throw new Error('other side closed');
}

/** A network that answers as a test says, and remembers what was put on it and when. */
export class FakeNetwork {
  readonly requests: HttpRequest[] = [];
  /** Milliseconds after the start of the clock. */
  readonly times: number[] = [];
  readonly #clock: VirtualClock;
  answer: (
    request: HttpRequest,
    index: number,
    signal?: AbortSignal,
  ) => Reply | Error | Promise<Reply | Error>;

  constructor(clock: VirtualClock, answer: FakeNetwork['answer']) {
    this.#clock = clock;
    this.answer = answer;
  }

  readonly transport: Transport = async (request, signal): Promise<HttpReply> => {
    if (signal?.aborted) throw new TransportError('aborted', 'aborted');
    this.requests.push(request);
    this.times.push(this.#clock.elapsed);
    const reply = await this.answer(request, this.requests.length - 1, signal);
    if (reply instanceof Error) throw reply;
    return {
      status: reply.status,
      headers: reply.headers ?? {},
      body: bodyOf(reply.text ?? '', reply.cut ?? false),
    };
  };
}
