import { headingOf } from '../report/headings.ts';
import type { Runner } from '../runner.ts';
import type { Interrupt } from './interrupt.ts';

/**
 * What is said when the step has to end at once after a signal, because the runner is about to kill it. A
 * verdict that stood before the signal stands: outputs that tell it are published by then.
 */
export function tellLate(
  runner: Pick<Runner, 'output' | 'error'>,
  { settled }: Pick<Interrupt, 'settled'>,
): void {
  if (settled === undefined) {
    runner.output('result', 'Cancelled');
    runner.output('error-code', 'CANCELLED');
    runner.error(
      'The step was cancelled, and the service did not answer in time. The post step ends the batch.',
      'Spark batch cancelled',
    );
    return;
  }
  const { result, code = 'CANCELLED' } = settled;
  if (settled.code === undefined) runner.output('error-code', code);
  runner.error(
    `The step was cancelled after the batch had ended (${result}): what the step tells of it was cut short.`,
    headingOf({ result, errorCode: code }).text,
  );
}
