import { isObject, parseJson } from '../../src/http/json.ts';
import { json, type ServiceReply } from './fabric.ts';
import type { RequestFault, RequestFaultKind } from './plan.ts';

const before: ReadonlySet<RequestFaultKind> = new Set([
  'reset-before',
  'silent',
  '408-before',
  '429',
  '429-retry-after',
  '429-until',
  '430',
  '430-retry-after',
  '430-until',
  '5xx-before',
  '503-retry-after',
  '401',
  '403',
  '404',
]);

/** True for a fault that keeps the request from its effect. */
export function isBefore(kind: RequestFaultKind): boolean {
  return before.has(kind);
}

const page = Buffer.from('<!DOCTYPE html><html><body><h1>Service unavailable</h1></body></html>');

/** The answer that a fault gives in place of the service's, and how long it asks to be left alone. */
export function answerOf(
  fault: RequestFault,
  now: number,
): { reply: ServiceReply; pauseUntil: number | undefined } {
  const [code, how] = splitKind(fault.kind);
  // Whole seconds, as the text of `until:` has them.
  const until = Math.ceil(now / 1_000) * 1_000 + fault.seconds * 1_000;
  if (code === '5xx')
    return {
      reply: {
        status: [500, 502, 503, 504][fault.seconds % 4] ?? 500,
        headers: { 'content-type': 'text/html' },
        body: [page],
      },
      pauseUntil: undefined,
    };
  const status = Number(code);
  const message =
    how === 'until'
      ? `Request is blocked by the upstream service until: ${utcText(until)} (UTC)`
      : `refused with ${code}`;
  const headers: Record<string, string> =
    how === 'retry-after' ? { 'retry-after': String(fault.seconds) } : {};
  const pauseUntil =
    how === 'until' ? until : how === 'retry-after' ? now + fault.seconds * 1_000 : undefined;
  const reply = json(status, { errorCode: 'RequestBlocked', message, requestId: 'r-2' }, headers);
  // The pause of a full capacity is the submit's alone.
  return { reply, pauseUntil: status === 430 ? undefined : pauseUntil };
}

function splitKind(kind: string): [string, string | undefined] {
  const dash = kind.indexOf('-');
  return dash === -1 ? [kind, undefined] : [kind.slice(0, dash), kind.slice(dash + 1)];
}

/** A time as this one message of Fabric writes it: `4/17/2026 12:22:35 PM`. */
function utcText(time: number): string {
  const date = new Date(time);
  const hour = date.getUTCHours();
  const two = (number: number): string => String(number).padStart(2, '0');
  const clock = `${hour % 12 === 0 ? 12 : hour % 12}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
  return `${date.getUTCMonth() + 1}/${date.getUTCDate()}/${date.getUTCFullYear()} ${clock} ${hour < 12 ? 'AM' : 'PM'}`;
}

/** The body of a reply, as far as the fault lets it come. */
export async function* bodyOf(
  body: readonly Uint8Array[],
  fault: RequestFault | undefined,
  stall: (ms: number) => Promise<never>,
): AsyncIterable<Uint8Array> {
  if (fault?.kind !== 'cut' && fault?.kind !== 'stall') {
    yield* body;
    return;
  }
  const whole = Buffer.concat(body);
  const kept = Math.floor(whole.length / 2);
  if (kept > 0) yield whole.subarray(0, kept);
  if (fault.kind === 'stall') await stall(Infinity);
  throw new Error('terminated: other side closed');
}

/** A reply with other words or fewer fields; its status stays. */
export function rewritten(kind: RequestFaultKind, reply: ServiceReply): ServiceReply {
  if (kind === 'html' && reply.status === 200)
    return { ...reply, headers: { 'content-type': 'text/html' }, body: [page] };
  if (kind !== 'unknown-word' && kind !== 'missing-fields') return reply;
  const body = parseJson(Buffer.concat(reply.body).toString('utf8'));
  if (!isObject(body)) return reply;
  if (kind === 'missing-fields') return json(reply.status, {});
  const odd = { state: 'hibernating', fabricBatchStateInfo: { state: 'dozing' }, result: null };
  return json(reply.status, { ...body, ...odd, livyInfo: null, schedulerInfo: null });
}
