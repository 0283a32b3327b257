import type { Answer } from '../../src/http/client.ts';

/** A reply with a JSON body. */
export function jsonAnswer(
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): Answer {
  return { status, headers, text: JSON.stringify(body), json: body };
}

/** A reply whose body is no JSON. */
export function textAnswer(
  status: number,
  text: string,
  headers: Record<string, string> = {},
): Answer {
  return { status, headers, text, json: undefined };
}

export const htmlError = '<html><body><h1>502 Bad Gateway</h1></body></html>';
