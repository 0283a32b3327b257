import { isOfOtherRepository } from '../inputs/commit.ts';
import type { CheckoutLine } from '../report/facts.ts';
import type { Step } from './step.ts';

/**
 * A line of the checkout as an annotation may name it: `undefined` with `annotations: false`, and where the
 * check run, which belongs to the run's commit of this repository, would show other code there.
 */
export function annotatedLine(
  { inputs, facts, world }: Pick<Step, 'inputs' | 'facts' | 'world'>,
  place: CheckoutLine | undefined,
): CheckoutLine | undefined {
  if (!inputs.annotations || place === undefined || facts.otherCommit === true) return undefined;
  const checkout = world.runner.env('GITHUB_WORKSPACE') || '.';
  return isOfOtherRepository(checkout, place.file) ? undefined : place;
}
