/** OneLake says no, in the form of Azure Data Lake Storage: `{error: {code, message}}` and `x-ms-error-code`. */
export class DfsError extends Error {
  override readonly name = 'DfsError';
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export function noSuchPath(): DfsError {
  return new DfsError(404, 'PathNotFound', 'The specified path does not exist.');
}
