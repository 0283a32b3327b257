import type { RunFacts } from '../facts.ts';
import { cut, plain } from '../markdown.ts';
import { scaled } from '../quantity.ts';

/** `0.42 vCore-hours`; '' where Fabric does not tell. */
export function vCoreHours({ session }: RunFacts): string {
  const hours = session?.vCoreHours;
  if (hours === undefined || !Number.isFinite(hours) || hours < 0) return '';
  const shown = scaled(hours);
  return hours > 0 && shown === '0' ? 'less than 0.001 vCore-hours' : `${shown} vCore-hours`;
}

/** What the run cost, and how that came about; '' where Fabric does not tell. */
export function cost(facts: RunFacts): string {
  const hours = vCoreHours(facts);
  if (hours === '') return '';
  const reckoned = facts.session?.reckoned;
  return `**${hours}**${reckoned ? `: ${plain(cut(reckoned.replace(/\s+/g, ' '), 300))}` : ''}`;
}
