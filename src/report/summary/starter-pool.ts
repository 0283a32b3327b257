import { duration } from '../duration.ts';
import type { RunFacts } from '../facts.ts';
import { inline } from '../markdown.ts';
import { phases } from './phases.ts';

/**
 * A warm starter pool starts an application in about 40 s at most, a cluster of its own takes two to
 * three minutes (microsoft/dbt-fabricspark #184: 43 s against 196 s); in between nothing is said.
 */
const slowStart = 90_000;
const named = 8;

/** Why the start took so long, as far as it can be told; '' where it did not, or not on Fabric. */
export function starterPool(facts: RunFacts): string {
  const start = phases(facts).find(({ name }) => name === 'starting');
  const { settings, service = 'Fabric' } = facts;
  if (service !== 'Fabric' || !start || start.to - start.from < slowStart) return '';
  const took = `🐢 Starting took ${duration(start.to - start.from)}, as long as it takes **without the warm starter pool**.`;
  if (settings === undefined) return took;
  if (settings.length === 0)
    return `${took} This step sent no setting that costs it: perhaps the pool was used up, or the workspace has another default pool.`;
  const names = settings.slice(0, named).map(inline).join(', ');
  const rest = settings.length > named ? ` and ${settings.length - named} more` : '';
  return settings.length === 1
    ? `${took} This setting can cost it: ${names}.`
    : `${took} Each of these settings can cost it: ${names}${rest}.`;
}
