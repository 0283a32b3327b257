import { isObject, parseJson } from '../http/json.ts';

/** The forms in which inputs are written. Each gives a value, or says what is wrong with the text. */
export type Parsed<Value> = { value: Value } | { problem: string };

/** Lines of a text, without CR; blank ones dropped, nothing trimmed inside a line. */
export function lines(text: string): string[] {
  return text
    .replaceAll('\r', '')
    .split('\n')
    .filter((line) => line.trim() !== '');
}

export function parseBoolean(text: string): Parsed<boolean> {
  const word = text.toLowerCase();
  if (word === 'true' || word === 'false') return { value: word === 'true' };
  return { problem: `must be true or false, not ${quote(text)}` };
}

/** Minutes as a decimal number of 0 or more, given back in milliseconds. */
export function parseMinutes(text: string): Parsed<number> {
  if (!/^\d+(\.\d+)?$/.test(text) || Number(text) > 525_600) {
    return { problem: `must be a number of minutes (such as 90 or 1.5), not ${quote(text)}` };
  }
  return { value: Number(text) * 60_000 };
}

/** Megabytes as a decimal number of 0 or more, given back in bytes. */
export function parseMegabytes(text: string): Parsed<number> {
  if (!/^\d+(\.\d+)?$/.test(text) || Number(text) > 1_000_000)
    return { problem: `must be a number of megabytes (such as 10 or 0.5), not ${quote(text)}` };
  return { value: Math.round(Number(text) * 1_000_000) };
}

export function parseCount(text: string): Parsed<number> {
  if (!/^\d{1,5}$/.test(text) || Number(text) < 1)
    return { problem: `must be a whole number of 1 or more, not ${quote(text)}` };
  return { value: Number(text) };
}

export function parseMemory(text: string): Parsed<string> {
  if (!/^[1-9]\d*[kmgt]b?$/i.test(text))
    return { problem: `must be a size with its unit, such as 28g, not ${quote(text)}` };
  return { value: text };
}

export function parseChoice<Choice extends string>(
  text: string,
  choices: readonly Choice[],
): Parsed<Choice> {
  const chosen = choices.find((choice) => choice === text.toLowerCase());
  return chosen === undefined
    ? { problem: `must be one of ${choices.join(', ')}, not ${quote(text)}` }
    : { value: chosen };
}

/** One argument a line; a text that starts with `[` must be a JSON array of strings. */
export function parseArgs(text: string): Parsed<string[]> {
  if (!text.trimStart().startsWith('[')) return { value: lines(text) };
  const list = parseJson(text);
  if (Array.isArray(list) && list.every((item) => typeof item === 'string')) return { value: list };
  return {
    problem: 'starts with "[", so it must be a JSON array of strings (numbers need quotes)',
  };
}

/** `key=value` a line (the first `=` splits), or a JSON object of texts, numbers and booleans. */
export function parseConf(text: string): Parsed<Record<string, string>> {
  return text.trimStart().startsWith('{') ? confFromJson(text) : confFromLines(text);
}

function confFromJson(text: string): Parsed<Record<string, string>> {
  const object = parseJson(text);
  if (!isObject(object)) return { problem: 'starts with "{", so it must be a JSON object' };
  const conf = new Map<string, string>();
  for (const [key, value] of Object.entries(object)) {
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
      return { problem: `has a value for ${quote(key)} that is no text, number or boolean` };
    }
    if (key.trim() === '') return { problem: 'has an empty key' };
    conf.set(key, String(value));
  }
  return { value: Object.fromEntries(conf) };
}

function confFromLines(text: string): Parsed<Record<string, string>> {
  const conf = new Map<string, string>();
  for (const line of lines(text)) {
    const at = line.indexOf('=');
    const key = line.slice(0, at).trim();
    if (at < 1 || key === '') return { problem: `has a line without key=value: ${quote(line)}` };
    if (conf.has(key)) return { problem: `sets ${quote(key)} twice` };
    conf.set(key, line.slice(at + 1));
  }
  return { value: Object.fromEntries(conf) };
}

/** Items of a list that is written with commas, spaces or one a line. */
export function items(text: string): string[] {
  return text.split(/[\s,]+/).filter((item) => item !== '');
}

export type CancelCause = 'cancel' | 'timeout' | 'error';

export function parseCancelOn(text: string): Parsed<ReadonlySet<CancelCause>> {
  const words = items(text.toLowerCase());
  const causes: readonly CancelCause[] = ['cancel', 'timeout', 'error'];
  const bad = words.find((word) => word !== 'never' && !causes.some((cause) => cause === word));
  if (bad !== undefined)
    return { problem: `must hold cancel, timeout, error, or never alone, not ${quote(bad)}` };
  if (words.length === 0) return { problem: 'holds no word: use never to cancel on nothing' };
  if (words.includes('never') && words.length > 1)
    return { problem: 'holds never, which stands alone' };
  return { value: new Set(causes.filter((cause) => words.includes(cause))) };
}

/** A text as it is shown in a problem: bounded, on one line. */
export function quote(text: string): string {
  const line = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  return JSON.stringify(line);
}

/** True for a key that seems to hold a secret, which `args` and `conf` are no place for. */
export function looksSecret(key: string): boolean {
  return /passw(or)?d|\bpwd\b|secret|token|api[._-]?key|account[._-]?key|access[._-]?key|credential/i.test(
    key,
  );
}

/** Options (`--password`) and names before `=` among arguments that seem to hold a secret; never a value. */
export function secretKeys(args: readonly string[]): string[] {
  return args.flatMap((arg, index) => {
    const key = keyOf(arg);
    const before = args[index - 1] ?? '';
    const isValue = !before.includes('=') && keyOf(before) !== undefined && looksSecret(before);
    return key !== undefined && looksSecret(key) && !isValue ? [key] : [];
  });
}

/** A name without dashes has letters only: a value in base64 may end with `=`, too. */
function keyOf(arg: string): string | undefined {
  return (
    /^(--?[a-z][\w.-]{0,60})(?:=|$)/i.exec(arg)?.[1] ??
    /^([a-z][a-z._-]{0,60})=(?!=*$)/i.exec(arg)?.[1]
  );
}
