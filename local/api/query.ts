import { invalidInput } from './api-error.ts';

/** A parameter that is a whole number, as OData has it. Throws 400 InvalidInput. */
export function wholeNumber(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  if (!/^\d{1,15}$/.test(text)) throw invalidInput(`${name} must be a whole number, not ${text}.`);
  return Number(text);
}

/** A parameter that is `true` or `false` in any case; absent is false. Throws 400 InvalidInput. */
export function flag(query: URLSearchParams, name: string): boolean {
  const text = (query.get(name) ?? 'false').toLowerCase();
  if (text !== 'true' && text !== 'false')
    throw invalidInput(`${name} must be true or false, not ${text}.`);
  return text === 'true';
}

/** A whole number within limits, both included. Throws 400 InvalidInput. */
export function numberWithin(
  query: URLSearchParams,
  name: string,
  limits: { least: number; most: number },
): number | undefined {
  const number = wholeNumber(query, name);
  if (number !== undefined && (number < limits.least || number > limits.most))
    throw invalidInput(`${name} must be ${limits.least} to ${limits.most}.`);
  return number;
}
