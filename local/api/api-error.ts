/**
 * The Fabric API says no. The body is `{errorCode, message, requestId}`.
 * Source: Fabric REST API, "ErrorResponse".
 */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly errorCode: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    errorCode: string,
    message: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.status = status;
    this.errorCode = errorCode;
    this.headers = headers;
  }
}

export function invalidInput(message: string): ApiError {
  return new ApiError(400, 'InvalidInput', message);
}
