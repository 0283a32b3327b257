/** One line of what is promised, and what was measured of it. */
export interface Claim {
  claim: string;
  /** What is promised, such as `at most 2.7`; absent for a figure of which nothing is promised. */
  contract?: string;
  /** With its unit. */
  measured: string;
  /** Does what was measured keep what is promised? Absent where nothing is promised. */
  met?: boolean;
}

/** What one benchmark found. */
export interface Figures {
  claims: readonly Claim[];
  /** Markdown that stands in docs/performance.md beside the table, such as a drawing. */
  detail?: string;
}

/**
 * The end of a benchmark: prints its claims, and hands the figures to `npm run bench` where that started
 * it. A claim that is not met makes the exit code 1.
 */
export function report(figures: Figures): void {
  for (const { claim, contract, measured, met } of figures.claims) {
    const promised = contract === undefined ? '' : ` (contract: ${contract})`;
    console.log(`${verdict(met)}: ${claim}: ${measured}${promised}`);
  }
  if (figures.claims.some(({ met }) => met === false)) process.exitCode = 1;
  process.send?.({ figures });
}

/** How a claim is told of: `met`, `NOT met`, or `—` where nothing is promised. */
export function verdict(met: boolean | undefined): string {
  if (met === undefined) return '—';
  return met ? 'met' : 'NOT met';
}
