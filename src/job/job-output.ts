import { StepError } from '../errors.ts';
import { isObject, parseJson } from '../http/json.ts';
import type { FollowedBatch } from './batch.ts';
import type { Place } from './place.ts';
import { unlessInterrupted, type Step } from './step.ts';
import { filledPath, staleness } from './written.ts';

/** Bytes that `output-file` may have (design, section 2). */
const mostBytes = 64 * 1024;

/**
 * Reads the JSON object that the job wrote to `output-file`. It counts when it was
 * written after the acceptance of this batch (`staleness`).
 * Throws `StepError` OUTPUT_MISSING, OUTPUT_STALE, OUTPUT_INVALID, or what OneLake refused; `Interrupted`.
 */
export async function readJobOutput(
  step: Step,
  place: Place,
  batch: FollowedBatch,
  template: string,
): Promise<string> {
  const path = filledPath('output-file', 'OUTPUT_MISSING', template, batch);
  const found = await unlessInterrupted(
    step,
    place.lake.read(path, mostBytes, step.interrupt.signal),
  );
  if (found.kind === 'missing')
    throw new StepError('OUTPUT_MISSING', `The job wrote no ${path}, which output-file names.`, {
      advice:
        'Let the job write one JSON object there before it ends; {submission} in the path keeps runs apart.',
    });
  if (found.kind === 'too-large')
    throw new StepError('OUTPUT_INVALID', `${path} has more than 64 KiB.`, {
      advice: 'Write values there that workflows branch on, and data into a table or another file.',
    });
  const stale = staleness(batch, path, found.written);
  if (stale !== undefined)
    throw new StepError('OUTPUT_STALE', stale, {
      advice: 'Let the job write it anew in each run; {submission} in the path keeps runs apart.',
    });
  // What stands for bytes that are no UTF-8.
  if (found.text.includes('\uFFFD') || !isObject(parseJson(found.text)))
    throw new StepError('OUTPUT_INVALID', `${path} holds no JSON object in UTF-8.`, {
      advice: 'Write one JSON object, such as {"rows": 12}.',
    });
  return found.text;
}
