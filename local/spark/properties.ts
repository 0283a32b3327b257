/** Text of a Java properties file, as `spark-submit --properties-file` reads it. */
export function propertiesText(properties: Readonly<Record<string, string>>): string {
  const lines = Object.entries(properties).map(([key, value]) => `${escape(key)}=${escape(value)}`);
  return `${lines.join('\n')}\n`;
}

/** Everything but plain characters becomes `\uXXXX`, so nothing can be a separator, comment or line end. */
function escape(text: string): string {
  return text.replace(
    /[^\w./@,$-]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

const mebibytes = { k: 1 / 1024, m: 1, g: 1024, t: 1024 * 1024 } as const;

/** Size in MiB of a JVM memory text such as `28g`, `512m`, `512` (MiB); undefined if it is none. */
export function memoryMiB(text: string): number | undefined {
  const match = /^(\d+)\s*(?:([kmgt])b?)?$/i.exec(text.trim());
  if (match === null) return undefined;
  const unit = match[2]?.toLowerCase() ?? 'm';
  return unit === 'k' || unit === 'm' || unit === 'g' || unit === 't'
    ? Math.max(1, Math.floor(Number(match[1]) * mebibytes[unit]))
    : undefined;
}

/** True for a conf key or an argument whose value is better not shown in a log. */
export function looksSecret(text: string): boolean {
  return /secret|password|passwd|token|credential|access.?key|account.?key|\bsig=|connection.?string/i.test(
    text,
  );
}
