import type { Chain, Trip } from './play.ts';

/**
 * The requests of a chain as text, one a line, each latency two columns: `##` on the longest chain, `--` beside
 * it; then the requests that had come back when it left.
 */
export function drawn({ trips, depth }: Chain): string {
  const critical = longestChain(trips);
  const width = Math.max(...trips.map(({ what }) => what.length));
  return trips
    .map((trip) => {
      const [from, to] = [Math.round(trip.from), Math.round(Math.min(trip.to, depth))];
      const bar = (critical.has(trip) ? '##' : '--').repeat(to - from);
      const line = `${'. '.repeat(from)}${bar}`.padEnd(2 * Math.round(depth));
      const before = trips.filter(({ to: end }) => near(end, trip.from)).map(({ what }) => what);
      const after = before.length === 0 ? '' : `  after ${[...new Set(before)].join(', ')}`;
      return `${trip.what.padEnd(width)}  ${line}${after}`.trimEnd();
    })
    .join('\n');
}

/** From the submit back: each waited for one that had just come back. */
function longestChain(trips: readonly Trip[]): Set<Trip> {
  const chain = new Set<Trip>();
  let at = trips.find(({ what }) => what === 'submit');
  while (at) {
    chain.add(at);
    const { from } = at;
    at = trips.find(({ to }) => near(to, from));
  }
  return chain;
}

/** Milliseconds are whole, latencies are not. */
function near(one: number, other: number): boolean {
  return Math.abs(one - other) < 0.3;
}
