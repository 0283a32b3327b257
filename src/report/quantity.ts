/** `12,345`, `12.3M`, `1.2G`: a number of rows or tasks, for people. */
export function amount(count: number): string {
  if (!Number.isFinite(count)) return '?';
  if (count >= 1e9) return `${scaled(count / 1e9)}G`;
  if (count >= 1e6) return `${scaled(count / 1e6)}M`;
  return Math.round(count).toLocaleString('en-US');
}

/** `512 B`, `340 MiB`: bytes, in the units of Spark's own pages. */
export function size(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1_024 && unit < units.length - 1) {
    value /= 1_024;
    unit += 1;
  }
  return `${unit === 0 ? Math.round(value) : scaled(value)} ${units[unit] ?? ''}`;
}

/** Two digits after the point where they are all there is to tell, one below 100, else none. */
export function scaled(value: number): string {
  const digits = value >= 100 ? 0 : value >= 1 ? 1 : 3;
  return String(Number(value.toFixed(digits)));
}
