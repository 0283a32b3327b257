import { homedir, hostname, networkInterfaces } from 'node:os';

/** Lines of INFO that stand together and are kept at both ends of the run. */
const longestRun = 12;
const kept = 3;
const infoLine = /^\d\d\/\d\d\/\d\d \d\d:\d\d:\d\d INFO /;

/**
 * A log without what is the machine's own: `folders` (by what they are called in the log) and the home
 * become neutral ones, its name becomes `host`, its addresses `192.0.2.1`. Long runs of INFO are cut.
 */
export function neutral(log: string, folders: readonly (readonly [string, string])[]): string {
  const addresses = Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .filter(({ internal }) => !internal)
    .map(({ address }): readonly [string, string] => [address, '192.0.2.1']);
  const names: readonly (readonly [string, string])[] = [
    // The longest first: one folder may lie in another.
    ...[...folders].sort(([a], [b]) => b.length - a.length),
    [homedir(), '/home/runner'],
    ...addresses,
  ];
  const text = names.reduce((all, [own, called]) => all.replaceAll(own, called), log);
  // A short name may stand in other words.
  const host = new RegExp(`(?<![\\w.-])${hostname().replace(/[^\w-]/g, '.')}(?![\\w-])`, 'g');
  return withoutRuns(
    text
      .replace(host, 'host')
      .replace(/\b127\.0\.0\.1:\d+/g, '127.0.0.1:443')
      .split('\n'),
  ).join('\n');
}

function withoutRuns(lines: readonly string[]): string[] {
  const result: string[] = [];
  for (let at = 0; at < lines.length;) {
    let end = at;
    while (infoLine.test(lines[end] ?? '')) end += 1;
    const run = lines.slice(at, end);
    if (run.length > longestRun) result.push(...run.slice(0, kept), ...run.slice(-kept));
    else result.push(...run);
    if (end < lines.length) result.push(lines[end] ?? '');
    at = end + 1;
  }
  return result;
}
