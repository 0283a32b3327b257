/**
 * When a service asks to be tried again, in milliseconds since the epoch; absent when it does not
 * say. Reads `Retry-After` (seconds or an HTTP date) and, where that is missing, a text such as
 * `until: 4/17/2026 12:22:35 PM (UTC)` in the body of Fabric's RequestBlocked.
 */
export function retryAt(
  headers: Record<string, string>,
  body: string,
  now: number,
): number | undefined {
  const header = headers['retry-after']?.trim();
  if (header !== undefined && header !== '') {
    if (/^\d+(\.\d+)?$/.test(header)) return now + Number(header) * 1_000;
    const date = Date.parse(header);
    if (!Number.isNaN(date)) return Math.max(date, now);
  }
  const until = /until:\s*(\d{1,2}\/\d{1,2}\/\d{4} \d{1,2}:\d{2}:\d{2} ?[AP]M) \(UTC\)/i.exec(
    body,
  )?.[1];
  const time = until === undefined ? NaN : Date.parse(`${until} UTC`);
  return Number.isNaN(time) ? undefined : Math.max(time, now);
}
