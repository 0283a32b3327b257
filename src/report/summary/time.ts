import { cost } from './cost.ts';
import { duration } from '../duration.ts';
import type { RunFacts } from '../facts.ts';
import { phases } from './phases.ts';
import { starterPool } from './starter-pool.ts';
import { timeline } from './timeline.ts';

/** `queued 10 s · starting 30 s · running 1 min`, as far as it came; '' where no time is known. */
export function spent(facts: RunFacts): string {
  return phases(facts)
    .map(({ name, from, to }) => `${name} ${duration(to - from)}`)
    .join(' · ');
}

/** How long the batch was in all, in milliseconds, where that is known. */
export function wholeTime(facts: RunFacts): number | undefined {
  const spans = phases(facts);
  const first = spans[0];
  const last = spans.at(-1);
  return first && last ? last.to - first.from : undefined;
}

/** Where the time went, as words and as a diagram, what it cost, and why the start was slow; may be ''. */
export function timeSection(facts: RunFacts): string {
  const total = wholeTime(facts);
  const diagram = timeline(facts);
  const price = cost(facts);
  const parts = [
    [total === undefined ? '' : `**${duration(total)}**: ${spent(facts)}`, price]
      .filter((line) => line !== '')
      .join('  \n'),
    starterPool(facts),
    diagram ? `\`\`\`mermaid\n${diagram.diagram}\n\`\`\`` : '',
    diagram && diagram.left > 0
      ? `The diagram leaves out ${diagram.left} shorter stage${diagram.left === 1 ? '' : 's'}.`
      : '',
  ].filter((part) => part !== '');
  if (parts.length === 0) return '';
  return [price === '' ? '### Time' : '### Time and cost', ...parts].join('\n\n');
}
