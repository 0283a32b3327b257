/** `45 s`, `2 min 10 s`, `3 h 5 min`: a length of time in milliseconds, for people. */
export function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1_000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60)
    return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
}

/** The same, with tenths of a second below ten seconds: `0.4 s`. */
export function preciseDuration(milliseconds: number): string {
  const tenths = Math.max(0, Math.round(milliseconds / 100));
  return tenths < 100 ? `${tenths / 10} s` : duration(milliseconds);
}
