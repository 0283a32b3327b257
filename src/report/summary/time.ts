import { cost } from './cost.ts';
import { duration } from '../duration.ts';
import type { RunFacts } from '../facts.ts';
import { phases } from './phases.ts';
import { starterPool } from './starter-pool.ts';
import { timeline } from './timeline.ts';

/**
 * `queued 40 s (starting 30 s of it) · running 1 min`, as far as it came; '' where no time is known. As in the
 * output `queued-seconds`, a batch is queued until its application starts.
 */
export function spent(facts: RunFacts): string {
  const lengths = new Map(phases(facts).map(({ name, from, to }) => [name, to - from]));
  const [queued, starting] = [lengths.get('queued'), lengths.get('starting')];
  if (queued !== undefined) lengths.set('queued', queued + (starting ?? 0));
  const words = [...lengths].map(([name, length]) => `${name} ${duration(length)}`);
  if (queued === undefined || starting === undefined) return words.join(' · ');
  const [whole = '', part = '', ...rest] = words;
  return [`${whole} (${part} of it)`, ...rest].join(' · ');
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
