import { orAborted, within, type Clock } from '../clock.ts';
import { StepError } from '../errors.ts';
import { refusalLine, type Answer } from '../http/client.ts';
import { retryAt } from '../http/retry-after.ts';
import { TransportError } from '../http/transport.ts';
import type { BatchBody, Livy } from './livy.ts';
import { submitRefused } from './refused.ts';
import { nonceDigits } from './request.ts';
import { batchStatus, type BatchStatus } from './status.ts';

export interface SubmitParts {
  livy: Livy;
  clock: Clock;
  random: () => number;
  /** Ends waiting; a POST that is under way is let finish. */
  signal: AbortSignal;
  /** Until when a full or throttled capacity is tried again; milliseconds since the epoch. */
  capacityUntil: number;
  /** Told once at the start of each wait. */
  onWait: (why: string, milliseconds: number) => void;
}

export type Submitted =
  | { kind: 'accepted'; id: string; how: 'submitted' | 'adopted'; status: BatchStatus; at: number }
  /** The step was interrupted before anything was sent, or while a refused submit waited. */
  | { kind: 'interrupted' };

/** What one POST tells. `ambiguous`: it may have started a batch. */
type Outcome =
  | { kind: 'accepted'; status: BatchStatus; how: 'submitted' | 'adopted' }
  | { kind: 'wait'; why: string; milliseconds: number; error: StepError; until: number }
  | { kind: 'refused'; error: StepError }
  | { kind: 'ambiguous'; why: string };

/** When the list is read for a submit whose reply was lost, in milliseconds after it (rule 2). */
const searchTimes = [2_000, 12_000, 27_000, 47_000];
const fewestReadings = 3;
const mostReadings = 10;
/** After a signal: how long the reply is still waited for, and how often the list is read beside it. */
const afterSignal = 6_000;
const besideEvery = 1_500;
const lastReading = 4_000;
/** The last whole reading comes at least so long after the submit. */
const searchSpan = 45_000;
/** Tries after a 404 (a lakehouse just made) or a connection that was never made, doubling. */
const retries = { most: 5, notFoundFirst: 5_000, notSentFirst: 1_000 };
const shortestAsked = 1_000;
const capacityWait = { first: 15_000, longest: 120_000 };

/**
 * Submits once (rule 2). Only replies that prove that nothing was started are sent again; a submit
 * whose fate is unknown is looked for by its nonce and adopted, or ends as SUBMIT_UNCONFIRMED.
 * Throws `StepError`.
 */
export async function submitOnce(
  parts: SubmitParts,
  body: BatchBody,
  nonce: string,
): Promise<Submitted> {
  const { clock, signal } = parts;
  for (let attempt = 0; !signal.aborted; attempt += 1) {
    const outcome = await post(parts, body, nonce, attempt);
    if (outcome.kind === 'refused') throw outcome.error;
    if (outcome.kind === 'accepted') {
      const { id } = outcome.status;
      if (id !== undefined)
        return { kind: 'accepted', id, how: outcome.how, status: outcome.status, at: clock.now() };
      return search(parts, nonce, 'the service accepted it without a readable id');
    }
    if (outcome.kind === 'ambiguous') return search(parts, nonce, outcome.why);
    if (clock.now() + outcome.milliseconds > outcome.until) throw outcome.error;
    parts.onWait(outcome.why, outcome.milliseconds);
    await clock.sleep(outcome.milliseconds, signal);
  }
  return { kind: 'interrupted' };
}

async function post(
  parts: SubmitParts,
  body: BatchBody,
  nonce: string,
  attempt: number,
): Promise<Outcome> {
  try {
    const reply = await letFinish(parts, parts.livy.submit(body), nonce);
    if ('found' in reply) return { kind: 'accepted', status: reply.found, how: 'adopted' };
    return judge(parts, reply.answer, attempt);
  } catch (thrown) {
    if (!(thrown instanceof TransportError)) throw thrown;
    if (thrown.failure !== 'not-sent') return { kind: 'ambiguous', why: thrown.message };
    const error = new StepError(
      'SERVICE_UNREACHABLE',
      `The batch could not be submitted: no connection (${thrown.message}).`,
      {
        advice:
          'Check fabric-endpoint, and that the runner can reach that host (proxy, firewall, private link). Nothing was started.',
        cause: thrown,
      },
    );
    return again(attempt, retries.notSentFirst, 'no connection to Fabric', error);
  }
}

/**
 * A POST under way is let finish, also after a signal, for as long as the runner leaves time; the
 * search for its batch starts beside it then (rule 3).
 */
async function letFinish(
  parts: SubmitParts,
  posting: Promise<Answer>,
  nonce: string,
): Promise<{ answer: Answer } | { found: BatchStatus }> {
  const { clock, signal } = parts;
  const answered = posting.then((answer) => ({ answer }));
  const early = await orAborted(answered, signal);
  if (early) return early;
  const over = new AbortController();
  const late = clock.sleep(afterSignal, over.signal).then(() => {
    throw new TransportError('unknown', 'the step was cancelled before the reply came');
  });
  late.catch(() => undefined);
  try {
    return await Promise.race([answered, searchBeside(parts, nonce, over.signal), late]);
  } finally {
    over.abort();
  }
}

/** Reads the list again and again until it holds the batch; ends without a value only with `over`. */
async function searchBeside(
  parts: SubmitParts,
  nonce: string,
  over: AbortSignal,
): Promise<{ found: BatchStatus }> {
  for (let reading = 0; !over.aborted && reading < mostReadings; reading += 1) {
    const batches = await parts.livy.list(over).catch(() => undefined);
    const found = batches?.find((batch) => carries(batch, nonce));
    if (found) return { found };
    await parts.clock.sleep(besideEvery, over);
  }
  return new Promise(() => undefined);
}

function judge(parts: SubmitParts, answer: Answer, attempt: number): Outcome {
  const { status } = answer;
  if (status >= 200 && status < 300)
    return { kind: 'accepted', status: batchStatus(answer.json), how: 'submitted' };
  const error = submitRefused(answer);
  if (status === 429 || status === 430) {
    const now = parts.clock.now();
    const backoff =
      Math.min(capacityWait.first * 2 ** attempt, capacityWait.longest) *
      (0.5 + parts.random() / 2);
    const asked = (retryAt(answer.headers, answer.text, now) ?? now) - now;
    const why = status === 430 ? 'the capacity is full' : 'Fabric throttles this identity';
    return {
      kind: 'wait',
      why,
      // A wait of no time is none: it would send without a pause.
      milliseconds: asked >= shortestAsked ? asked : backoff,
      error,
      until: parts.capacityUntil,
    };
  }
  if (status === 404)
    return again(attempt, retries.notFoundFirst, 'Fabric does not find the lakehouse (yet)', error);
  if (status === 408 || status >= 500)
    return { kind: 'ambiguous', why: `Fabric answered ${refusalLine(answer)}` };
  return { kind: 'refused', error };
}

function again(attempt: number, first: number, why: string, error: StepError): Outcome {
  if (attempt + 1 >= retries.most) return { kind: 'refused', error };
  return {
    kind: 'wait',
    why,
    milliseconds: first * 2 ** attempt,
    error,
    until: Number.POSITIVE_INFINITY,
  };
}

/** True for a batch that carries this nonce, as a tag or at the end of its name. */
export function carries(batch: BatchStatus, nonce: string): boolean {
  const tagged = batch.tags['submission'];
  return tagged === undefined
    ? batch.name?.endsWith(` ${nonceDigits(nonce)}`) === true
    : tagged === nonce;
}

function dueAt(reading: number): number {
  const last = searchTimes.at(-1) ?? 0;
  return searchTimes[reading] ?? last + 15_000 * (reading - searchTimes.length + 1);
}

async function listOrAborted(
  livy: Livy,
  signal: AbortSignal,
): Promise<readonly BatchStatus[] | undefined> {
  return orAborted(
    livy.list(signal).catch(() => undefined),
    signal,
  );
}

/** After a signal: one more reading, no longer than the runner leaves time. */
async function lastList(parts: SubmitParts): Promise<readonly BatchStatus[] | undefined> {
  if (!parts.signal.aborted) return undefined;
  return within(parts.clock, lastReading, (limit) => listOrAborted(parts.livy, limit));
}

/** Looks for a batch by its nonce until it is found or three whole readings over 45 s do not hold it. */
async function search(parts: SubmitParts, nonce: string, why: string): Promise<Submitted> {
  const { clock, livy, signal } = parts;
  parts.onWait(
    `the fate of the submit is not known (${why}), so the list of batches is searched`,
    searchTimes.at(-1) ?? 0,
  );
  const start = clock.now();
  let whole = 0;
  let wholeUntil = 0;
  for (let reading = 0; reading < mostReadings && !signal.aborted; reading += 1) {
    if (whole >= fewestReadings && wholeUntil >= searchSpan) break;
    await clock.sleep(Math.max(0, start + dueAt(reading) - clock.now()), signal);
    const batches = (await listOrAborted(livy, signal)) ?? (await lastList(parts));
    const found = batches?.find((batch) => carries(batch, nonce));
    if (found?.id !== undefined)
      return { kind: 'accepted', id: found.id, how: 'adopted', status: found, at: clock.now() };
    if (!batches) continue;
    whole += 1;
    wholeUntil = clock.now() - start;
  }
  throw new StepError(
    'SUBMIT_UNCONFIRMED',
    whole === 0
      ? `The submit may have started a batch, and the list of batches could not be read: ${why}.`
      : `The submit may have started a batch, but none was found: ${why}.`,
    {
      advice: `Look in the monitoring hub for a batch whose name ends with ${nonceDigits(nonce)} before you run the job again: it was not submitted a second time.`,
    },
  );
}
