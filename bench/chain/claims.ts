import type { Claim } from '../measure/claims.ts';
import type { ChainCase } from './cases.ts';
import type { Chain } from './play.ts';

/** What is told of a chain; the same on every machine. */
export function chainClaim({ name, atMost }: ChainCase, { depth, trips }: Chain): Claim {
  const rounded = Math.round(depth);
  const count = `${rounded} (${trips.length} requests)`;
  return {
    claim: `Depth of the chain before the submit: ${name}`,
    measured: count,
    ...(atMost === undefined ? {} : { contract: `at most ${atMost}`, met: rounded <= atMost }),
  };
}
