import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import { refusalLine, type Answer } from '../http/client.ts';
import { orAborted } from './interrupt.ts';
import type { Livy } from '../livy/livy.ts';

/** How long main may take for the DELETE after a signal: the runner sends SIGTERM at 7.5 s and kills at 10 s. */
const afterSignal = 7_000;
const afterLimit = 30_000;
const pause = 500;

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
  while (clock.now() < giveUpAt && !limit.signal.aborted) {
    try {
      const answer = await orAborted(cancelOnce(livy, batchId, hurry, limit.signal), limit.signal);
      if (answer && (answer.status < 300 || answer.status === 404)) {
        ended.abort();
        return undefined;
      }
      why = answer ? refusalLine(answer) : 'no answer in time';
    } catch (thrown) {
      why = messageOf(thrown);
    }
    await clock.sleep(pause, limit.signal);
  }
  ended.abort();
  return why;
}

async function cancelOnce(
  livy: Livy,
  batchId: string,
  hurry: boolean,
  signal: AbortSignal,
): Promise<Answer | undefined> {
  const atOnce = hurry ? await livy.cancel(batchId, { signal, atOnce: true }) : undefined;
  return atOnce ?? livy.cancel(batchId, { signal });
}
