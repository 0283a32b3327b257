import type { Answer } from './client.ts';
import { isObject } from './json.ts';

/** The fields of an error body in any of the services' forms; every one may be absent. */
export interface Refusal {
  code: string | undefined;
  message: string | undefined;
  requestId: string | undefined;
}

const longestMessage = 600;

/** Reads the error body of Fabric (`errorCode`), of OneLake (`error.code`), of Apache Livy (`msg`) or of none (HTML). */
export function refusalOf(answer: Answer): Refusal {
  const body = isObject(answer.json) ? answer.json : {};
  const inner = isObject(body['error']) ? body['error'] : body;
  const text = (value: unknown): string | undefined =>
    typeof value === 'string' && value.trim() !== ''
      ? value.replace(/\s+/g, ' ').trim().slice(0, longestMessage)
      : undefined;
  const { headers } = answer;
  return {
    code:
      text(body['errorCode']) ??
      text(inner['code']) ??
      text(headers['x-ms-public-api-error-code']) ??
      text(headers['x-ms-error-code']),
    message:
      text(inner['message']) ?? text(body['message']) ?? text(body['msg']) ?? text(answer.json),
    requestId:
      text(body['requestId']) ?? text(headers['requestid']) ?? text(headers['x-ms-request-id']),
  };
}

/** `403 (InsufficientPrivileges): The caller …`: a refusal in one line, without the raw reply. */
export function refusalLine(answer: Answer): string {
  const { code, message } = refusalOf(answer);
  return `${answer.status}${code ? ` (${code})` : ''}${message ? `: ${message}` : ''}`;
}
