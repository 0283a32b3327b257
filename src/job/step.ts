import type { OneLake } from '../fabric/onelake.ts';
import type { Inputs } from '../inputs.ts';
import type { RunFacts } from '../report/facts.ts';
import type { Services, World } from './connect.ts';
import { orAborted } from '../clock.ts';
import type { Interrupt } from './interrupt.ts';
import type { Outputs } from './outcome.ts';

/** One step of a workflow under way: what it was given, and what is known of it so far. */
export interface Step {
  world: World;
  inputs: Inputs;
  services: Services;
  interrupt: Interrupt;
  /** A new 128-bit nonce as 32 hex digits. */
  newNonce: () => string;
  /** Of the first submission; it names the upload folder too. */
  firstNonce: string;
  /** Nonces of submits that may have started a batch that nobody told of (rule 2). */
  doubts: string[];
  /** Ids of batches that a submit started beside the one that is followed, as far as they were seen. */
  twins: string[];
  /** True once a submit whose fate stayed unknown was sent again (`on-unconfirmed`). */
  resubmitted: boolean;
  /** Ids of the batches that were followed; the last one is under way. */
  followed: string[];
  facts: RunFacts;
  outputs: Outputs;
  /** Where this step's uploads are, once they begin; by names as long as no id is known. */
  upload?: { lake: OneLake; folder: string };
}

/** Thrown where the step was told to end before there was a batch. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** Waits for `work`, but not beyond the signal. Throws `Interrupted`, or what `work` throws. */
export async function unlessInterrupted<Value>(step: Step, work: Promise<Value>): Promise<Value> {
  const outcome = await orAborted(
    work.then((value) => ({ value })),
    step.interrupt.signal,
  );
  if (outcome === undefined || step.interrupt.raised) throw new Interrupted();
  return outcome.value;
}
