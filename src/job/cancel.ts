import { within, type Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { Answer } from '../http/client.ts';
import { refusalLine } from '../http/refusal.ts';
import { retryAt } from '../http/retry-after.ts';
import type { Livy } from '../livy/livy.ts';

/** How long main may take for the DELETE after a signal: the runner sends SIGTERM at 7.5 s and kills at 10 s. */
const afterSignal = 7_000;
const afterLimit = 30_000;
const pause = 500;
/** A connection that died in silence must not use all the time that there is. */
const hurriedAttempt = 3_000;
const unhurriedAttempt = 12_000;

/**
 * Asks Fabric to end the batch, again until it is heard. `hurry`: after a signal, with the token at
 * hand. Gives `undefined` when Fabric took the request (or knows the batch no longer), else why not.
 */
export async function requestCancel(
  livy: Livy,
  clock: Clock,
  batchId: string,
  hurry: boolean,
): Promise<string | undefined> {
  const patience = hurry ? afterSignal : afterLimit;
  const giveUpAt = clock.now() + patience;
  const limit = new AbortController();
  const ended = new AbortController();
  void clock.sleep(patience, ended.signal).then(() => limit.abort());
  let why = 'there was no time';
  for (let attempt = 0; clock.now() < giveUpAt && !limit.signal.aborted; attempt += 1) {
    try {
      const answer = await cancelOnce({
        livy,
        clock,
        batchId,
        hurry,
        attempt,
        limit: limit.signal,
      });
      if (answer && (answer.status < 300 || answer.status === 404)) {
        ended.abort();
        return undefined;
      }
      why = answer ? refusalLine(answer) : 'no answer in time';
      const asked = answer ? retryAt(answer.headers, answer.text, clock.now()) : undefined;
      const wait = Math.max(pause, (asked ?? 0) - clock.now());
      await clock.sleep(Math.min(wait, Math.max(0, giveUpAt - clock.now())), limit.signal);
    } catch (thrown) {
      why = messageOf(thrown);
      await clock.sleep(pause, limit.signal);
    }
  }
  ended.abort();
  return why;
}

/** One DELETE, no longer than an attempt may take; from the second on with a connection of its own. */
async function cancelOnce(parts: {
  livy: Livy;
  clock: Clock;
  batchId: string;
  hurry: boolean;
  attempt: number;
  limit: AbortSignal;
}): Promise<Answer | undefined> {
  const { livy, clock, batchId, hurry, attempt, limit } = parts;
  const each = hurry ? hurriedAttempt : unhurriedAttempt;
  const send = async (signal: AbortSignal): Promise<Answer | undefined> => {
    const options = { signal, ownConnection: attempt > 0 };
    const atOnce = await livy.cancel(batchId, { ...options, atOnce: true });
    return atOnce && atOnce.status !== 401 ? atOnce : livy.cancel(batchId, options);
  };
  return within(clock, each, send, limit);
}
