/** Entra says no. `code`: the number behind AADSTS. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly error: string;
  readonly code: number;

  /** `error`: OAuth's own word, such as `invalid_client`. */
  constructor(status: number, error: string, code: number, message: string) {
    super(`AADSTS${code}: ${message}`);
    this.status = status;
    this.error = error;
    this.code = code;
  }
}

/** The credential was not accepted. */
export function invalidClient(code: number, message: string): Refusal {
  return new Refusal(401, 'invalid_client', code, message);
}

export function invalidRequest(code: number, message: string): Refusal {
  return new Refusal(400, 'invalid_request', code, message);
}

/** The body of a refusal. Source: Microsoft identity platform, "Error response". */
export function refusalBody(
  refusal: Refusal,
  ids: { trace: string; correlation: string; now: number },
): Record<string, unknown> {
  const timestamp = `${new Date(ids.now).toISOString().slice(0, 19).replace('T', ' ')}Z`;
  const description = `${refusal.message} Trace ID: ${ids.trace} Correlation ID: ${ids.correlation} Timestamp: ${timestamp}`;
  return {
    error: refusal.error,
    error_description: description,
    error_codes: [refusal.code],
    timestamp,
    trace_id: ids.trace,
    correlation_id: ids.correlation,
  };
}
