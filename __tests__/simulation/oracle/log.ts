import { lessSecrets, shownLog } from '../../shown-log.ts';
import { contentOf } from '../files.ts';
import type { Batch } from '../../../local/api/batch.ts';
import type { LegTrace } from '../leg.ts';
import type { Printed } from '../runner.ts';
import type { Trace } from '../stage.ts';
import { followedBatch, hasEvent, minute, type Check } from './truth.ts';

type Stream = 'stdout' | 'stderr';

/** Words with which the log owns up to a loss. */
const loss =
  /missing|(did|does) not serve|serve[sd] no|not served|not shown to its end|is not complete|not read to its end|lost|There is no driver log/i;
const verdicts: readonly string[] = ['Succeeded', 'Failed', 'NotStarted', 'Unknown'];

/** `log-path` holds the bytes that the driver wrote, less our secrets, or a notice states the loss. */
export const logIsWhole: Check = (trace, leg) => {
  const batch = followedBatch(trace, leg);
  const folder = leg.main.outputs['log-path'];
  if (!batch || folder === undefined || leg.end !== 'itself') return [];
  const { result = '', 'error-code': code = '' } = leg.main.outputs;
  const verdict = verdicts.includes(result) || code === 'CANCELLED_ELSEWHERE';
  const told = leg.main.ownLines.some((line) => loss.test(line) && !/it is tried again/.test(line));
  const wrong: string[] = [];
  for (const stream of ['stdout', 'stderr'] as const) {
    const truth = Buffer.from(
      lessSecrets(batch.read(stream, 0, batch.length(stream)), jobSecrets(trace, leg)),
    );
    const kept = contentOf(`${folder}/${stream}.log`);
    if (kept.equals(truth)) continue;
    if (!isPart(withoutSecretsHead(kept, jobSecrets(trace, leg)), truth)) {
      wrong.push(
        `${stream}.log holds what was not served so (${kept.length} of ${truth.length} bytes)`,
      );
      continue;
    }
    const over = batch.snapshot().endedAt;
    const saw = over !== undefined && over <= leg.endedAt;
    const watched = ![
      'STATUS_UNREADABLE',
      'SIGN_IN_ENDED',
      'UNKNOWN_STATE',
      'SUBMIT_UNCONFIRMED',
      'BATCH_VANISHED',
    ].includes(code);
    if (verdict && saw && watched && !told && !rolledUnseen(trace, leg, batch, kept, truth))
      wrong.push(
        `${stream}.log lacks ${truth.length - kept.length} of ${truth.length} bytes, and no line says so`,
      );
  }
  return wrong;
};

/**
 * What was rolled away before the first look at it, where the server lists no files, cannot be known
 * (docs/guarantees.md): all that came after it is there. A first look that is late says so.
 */
function rolledUnseen(
  trace: Trace,
  leg: LegTrace,
  batch: Batch,
  kept: Buffer,
  truth: Buffer,
): boolean {
  const unlisted = trace.schedule.settings.some(({ kind }) => kind === 'rolling-not-served');
  const early = (batch.snapshot().runningAt ?? 0) + minute;
  const rolled = batch.cuts().some(({ kind, time }) => kind === 'roll' && time <= early);
  const late = ['attached', 'followed'].includes(leg.main.outputs['submission'] ?? '');
  return unlisted && rolled && !late && truth.subarray(truth.length - kept.length).equals(kept);
}

/** The one secret that a job prints here, where the step knows it. */
function jobSecrets(trace: Trace, leg: LegTrace): string[] {
  return leg.plan.identity === 'secret' ? [trace.stage.secret] : [];
}

/** At most so many bytes of a secret at which a log breaks off are kept (docs/guarantees.md). */
const keptOfSecret = 7;

/** Without the beginning of a secret at the very end, which the truth has as a whole and hidden. */
function withoutSecretsHead(kept: Buffer, secrets: readonly string[]): Buffer {
  for (const secret of secrets)
    for (let length = keptOfSecret; length > 0; length -= 1)
      if (kept.subarray(-length).equals(Buffer.from(secret.slice(0, length))))
        return kept.subarray(0, -length);
  return kept;
}

/** The lines of the one come in the other, in their order, each once. */
function isPart(kept: Buffer, truth: Buffer): boolean {
  if (truth.subarray(0, kept.length).equals(kept)) return true;
  const lines = truth.toString('latin1').split('\n');
  let at = 0;
  const parts = kept.toString('latin1').split('\n');
  return parts.every((line, index) => {
    // Where bytes are missing a line may be cut at either end.
    const edge = index === 0 || index === parts.length - 1;
    const from = at;
    while (at < lines.length) {
      const candidate = lines[at] ?? '';
      const afterGap = at > from && line !== '' && candidate.endsWith(line);
      if (candidate === line || afterGap || (edge && candidate.includes(line))) {
        at += 1;
        return true;
      }
      at += 1;
    }
    return false;
  });
}

/** The shown log is the documented function of the bytes in the file. */
export const shownAsDocumented: Check = (trace, leg) => {
  const folder = leg.main.outputs['log-path'];
  const limited = leg.plan.inputs['log-limit'] !== undefined;
  if (folder === undefined || leg.end !== 'itself' || limited) return [];
  if (trace.schedule.processes.some(({ kind }) => kind === 'disk-full')) return [];
  const logs = leg.plan.inputs['logs'] ?? 'both';
  const wrong: string[] = [];
  for (const stream of ['stdout', 'stderr'] as const) {
    const bytes = contentOf(`${folder}/${stream}.log`);
    const expected = logs === 'both' || logs === stream ? shownLog(bytes) : [];
    const shown = shownLines(leg.main.printed, stream);
    if (shown.length !== expected.length || shown.some((line, index) => line !== expected[index]))
      wrong.push(
        ...explainShown(
          stream,
          shown,
          expected,
          trace.schedule.batches.length > 0 && hasRestart(trace, leg),
        ),
      );
  }
  return wrong;
};

function hasRestart(trace: Trace, leg: LegTrace): boolean {
  return ['restart', 'restart-same-bytes', 'restart-silent', 'roll'].some((kind) =>
    hasEvent(trace, leg, kind),
  );
}

/** A file that begins anew ends the line before it, which the bytes alone do not tell. */
function explainShown(
  stream: Stream,
  shown: readonly string[],
  expected: readonly string[],
  restarted: boolean,
): string[] {
  if (restarted && shown.join('') === expected.join('')) return [];
  return [`${stream} is shown in ${shown.length} lines instead of ${expected.length}`];
}

/** What was shown of a stream as it was followed. */
function shownLines(printed: readonly Printed[], stream: Stream): string[] {
  const lines: string[] = [];
  let before = '';
  for (const one of printed) {
    if (one.kind !== 'remote') {
      before = one.text;
      continue;
    }
    const apart = /^(The end of |There is no driver log)/.test(before);
    before = '';
    if (apart) continue;
    const isStderr = one.group?.startsWith('Spark log, ') === true;
    if (isStderr === (stream === 'stderr')) lines.push(...one.lines);
  }
  return lines;
}
