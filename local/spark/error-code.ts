/** The `code` of a system error (`ENOENT`, …); undefined if it has none. Holds across realms, as tests have them. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
