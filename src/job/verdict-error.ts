import { StepError } from '../errors.ts';
import type { Dialect } from '../livy/livy.ts';
import { stateWords, type BatchStatus } from '../livy/status.ts';
import type { Verdict } from '../livy/verdict.ts';
import type { TestResults } from '../report/facts.ts';
import type { Finding } from '../report/root-cause.ts';
import { failedTests } from '../report/test-words.ts';

/** An annotation's message is cut by the runner at 4,096 characters; the advice must still fit. */
const longestCause = 2_500;

function bounded(text: string): string {
  return text.length > longestCause ? `${text.slice(0, longestCause)}…` : text;
}

/**
 * A verdict that is not success, in words. `finding`: what the log names; `tests`: what the job's own say;
 * `onlyLog`: the folder of the driver log, where no page of the service shows the run.
 */
export function verdictError(
  verdict: Verdict,
  status: BatchStatus | undefined,
  finding: Finding | undefined,
  { service, vanished }: Dialect,
  tests?: TestResults,
  onlyLog?: string,
): StepError {
  const said = status?.messages.join(' ') ?? '';
  const words = status ? stateWords(status) : 'not found';
  switch (verdict.code) {
    case 'STATE_CONFLICT':
      return new StepError(
        'STATE_CONFLICT',
        `${service} tells of success and of failure at once (${words}), which is no proof. ${said}`.trim(),
        {
          advice: `Look at the run in ${service}; the log above shows how far the job came.`,
        },
      );
    case 'CANCELLED_ELSEWHERE':
      return new StepError(
        'CANCELLED_ELSEWHERE',
        `The batch was cancelled by someone else (${words}). ${said}`.trim(),
        {
          advice: 'The monitoring hub shows who cancelled it.',
        },
      );
    case 'QUEUE_EXPIRED':
      return new StepError(
        'QUEUE_EXPIRED',
        `The batch waited in the queue of the capacity until it expired. ${said}`.trim(),
        {
          advice: 'Run it when the capacity has less to do, or choose a larger capacity.',
        },
      );
    case 'CAPACITY_FULL':
      return new StepError(
        'CAPACITY_FULL',
        `The capacity had no room for the batch. ${said}`.trim(),
        {
          advice:
            'Wait until other Spark jobs have ended or cancel one in the monitoring hub, choose a larger capacity, or raise capacity-wait-minutes.',
        },
      );
    case 'UNKNOWN_STATE':
      return new StepError(
        'UNKNOWN_STATE',
        `The outcome of the batch cannot be told from what ${service} says (${words}). ${said}`.trim(),
        {
          advice: `Look at the run in ${service} before you rely on what it wrote.`,
        },
      );
    case 'BATCH_VANISHED':
      return new StepError(
        'BATCH_VANISHED',
        `${service} does not know the batch any more, and its list does not hold it.`,
        { advice: vanished },
      );
    default: {
      // A test run ends with an exit code, of which the log tells no more than its number.
      const failed = tests && tests.failed > 0 ? `${bounded(failedTests(tests))}\n` : '';
      const run = onlyLog === undefined ? `${service} shows the run` : `all of it is in ${onlyLog}`;
      const why = finding ? bounded(finding.cause.message.join('\n')) : said;
      return new StepError(
        'BATCH_FAILED',
        `${failed}The job failed: ${why || `${service} says ${words} and no more`}`,
        {
          advice: finding
            ? [finding.advice, `The log of the step shows what led to it, and ${run}.`]
                .filter((part) => part !== undefined)
                .join(' ')
            : `Look at the log above; ${run}.`,
        },
      );
    }
  }
}
