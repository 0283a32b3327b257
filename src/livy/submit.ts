import { orAborted } from '../clock.ts';
import { StepError } from '../errors.ts';
import { ReplyCut, type Answer } from '../http/client.ts';
import { refusalLine } from '../http/refusal.ts';
import { retryAt } from '../http/retry-after.ts';
import { TransportError } from '../http/transport.ts';
import type { BatchBody } from './livy.ts';
import { nonceDigits } from './request.ts';
import { search, searchBeside, searchMs, type KnownBatch, type SearchParts } from './search.ts';
import { batchStatus, type BatchStatus } from './status.ts';

export interface SubmitParts extends SearchParts {
  random: () => number;
  /** Until when a full or throttled capacity is tried again; milliseconds since the epoch. */
  capacityUntil: number;
  /** Told once at the start of each wait. */
  onWait: (why: string, milliseconds: number) => void;
  /** Told as soon as the POST may have started a batch that nobody told of. */
  onDoubt: () => void;
}

export type Submitted =
  /** `at`: when; milliseconds since the epoch on the action's clock. */
  | {
      kind: 'accepted';
      id: string;
      how: 'submitted' | 'adopted';
      status: BatchStatus;
      at: number;
      /** Ids of other batches that the same submit started, as far as they were seen. */
      twins?: readonly string[];
    }
  /** The step was interrupted before anything was sent, or while a refused submit waited. */
  | { kind: 'interrupted' }
  /** It may have started a batch, and none was found. `accepted`: a 2xx status line was read, so it did. */
  | { kind: 'unconfirmed'; accepted: boolean; error: StepError };

/** What one POST tells. `ambiguous`: it may have started a batch. */
type Outcome =
  | { kind: 'accepted'; status: BatchStatus; how: 'submitted' | 'adopted' }
  | { kind: 'wait'; why: string; milliseconds: number; error: StepError; until: number }
  | { kind: 'refused'; error: StepError }
  | { kind: 'ambiguous'; why: string }
  | { kind: 'not-sent' };

/** After a signal: how long the reply to a POST is still waited for; milliseconds. */
const afterSignal = 6_000;
/** Tries after a 404 (a lakehouse just made) or a connection that was never made, doubling. */
const retries = { most: 5, notFoundFirst: 5_000, notSentFirst: 1_000 };
const shortestAsked = 1_000;
const capacityWait = { first: 15_000, longest: 120_000 };

/**
 * Submits once (rule 2). Only replies that prove that nothing was started are sent again; a submit
 * whose fate is unknown is looked for by its nonce and adopted, or ends unconfirmed.
 * Throws `StepError` for one that was refused.
 */
export async function submitOnce(
  parts: SubmitParts,
  body: BatchBody,
  nonce: string,
): Promise<Submitted> {
  const { clock, signal } = parts;
  for (let attempt = 0; !signal.aborted; attempt += 1) {
    const sentAt = clock.now();
    const outcome = await post(parts, body, nonce, attempt);
    if (outcome.kind === 'refused') throw outcome.error;
    if (outcome.kind === 'not-sent') break;
    if (outcome.kind === 'accepted') {
      const { id } = outcome.status;
      const { how, status } = outcome;
      if (id !== undefined && how === 'adopted') return adopted(parts, { ...status, id }, sentAt);
      if (id !== undefined) return { kind: 'accepted', id, how, status, at: clock.now() };
      return adopt(parts, nonce, sentAt, 'the service accepted it without a readable id', true);
    }
    if (outcome.kind === 'ambiguous') return adopt(parts, nonce, sentAt, outcome.why, false);
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
    const reply = await letFinish(parts, parts.livy.submit(body, parts.signal), nonce);
    if ('answer' in reply) return judge(parts, reply.answer, attempt);
    parts.onDoubt();
    return { kind: 'accepted', status: reply.found, how: 'adopted' };
  } catch (thrown) {
    // The status line alone tells whether the submit was accepted (rule 2).
    if (thrown instanceof ReplyCut) return judge(parts, thrown.answer, attempt);
    if (!(thrown instanceof TransportError)) throw thrown;
    if (thrown.failure === 'aborted') return { kind: 'not-sent' };
    if (thrown.failure === 'unknown') return { kind: 'ambiguous', why: thrown.message };
    const error = new StepError(
      'SERVICE_UNREACHABLE',
      `The batch could not be submitted: no connection (${thrown.message}).`,
      {
        advice: `Check ${parts.livy.dialect.address}, and that the runner can reach that host (proxy, firewall, private link). Nothing was started.`,
        cause: thrown,
      },
    );
    if (thrown.lasting) return { kind: 'refused', error };
    return again(
      attempt,
      retries.notSentFirst,
      `no connection to ${parts.livy.dialect.service}`,
      error,
    );
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
    const beside = searchBeside(parts, nonce, over.signal).then((found) => ({ found }));
    return await Promise.race([answered, beside, late]);
  } finally {
    over.abort();
  }
}

function judge(parts: SubmitParts, answer: Answer, attempt: number): Outcome {
  const { status } = answer;
  if (status >= 200 && status < 300)
    return { kind: 'accepted', status: batchStatus(answer.json), how: 'submitted' };
  const { dialect } = parts.livy;
  const error = dialect.refused(answer);
  if (status === 429 || status === 430) {
    const now = parts.clock.now();
    const backoff =
      Math.min(capacityWait.first * 2 ** attempt, capacityWait.longest) *
      (0.5 + parts.random() / 2);
    const asked = (retryAt(answer.headers, answer.text, now) ?? now) - now;
    const why =
      status === 430 ? 'the capacity is full' : `${dialect.service} throttles this identity`;
    return {
      kind: 'wait',
      why,
      // A wait of no time is none: it would send without a pause.
      milliseconds: asked >= shortestAsked ? asked : backoff,
      error,
      until: parts.capacityUntil,
    };
  }
  if (dialect.nameTaken(answer))
    return { kind: 'ambiguous', why: 'a batch of its name is there, which is its own' };
  if (status === 404 && dialect.mayBeNew)
    return again(attempt, retries.notFoundFirst, 'Fabric does not find the lakehouse (yet)', error);
  if (status === 408 || status >= 500)
    return { kind: 'ambiguous', why: `${dialect.service} answered ${refusalLine(answer)}` };
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

/** Looks for the batch of a submit that may have started one. */
async function adopt(
  parts: SubmitParts,
  nonce: string,
  sentAt: number,
  why: string,
  accepted: boolean,
): Promise<Submitted> {
  parts.onDoubt();
  parts.onWait(
    `the fate of the submit is not known (${why}), so the list of batches is searched`,
    searchMs,
  );
  const { found, twins, readings } = await search(parts, nonce);
  if (found) return adopted(parts, found, sentAt, twins);
  const start = accepted ? 'The submit was accepted' : 'The submit may have started a batch';
  const error = new StepError(
    'SUBMIT_UNCONFIRMED',
    readings === 0
      ? `${start}, and the list of batches could not be read: ${why}.`
      : `${start}, but no batch of it was found: ${why}.`,
    {
      advice: `Look in ${parts.livy.dialect.hub} for a batch whose name ends with ${nonceDigits(nonce)} before you run the job again.`,
    },
  );
  return { kind: 'unconfirmed', accepted, error };
}

/** Found in the list some time after its acceptance, which lies between the POST and now. */
function adopted(
  parts: SubmitParts,
  batch: KnownBatch,
  sentAt: number,
  twins: readonly KnownBatch[] = [],
): Submitted {
  const told = batch.acceptedAt ?? sentAt;
  const at = Math.min(Math.max(told, sentAt), parts.clock.now());
  const ids = twins.map(({ id }) => id);
  return { kind: 'accepted', id: batch.id, how: 'adopted', status: batch, at, twins: ids };
}
