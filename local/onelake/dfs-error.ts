import { textAt } from '../../src/http/json.ts';

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

/** The action is not allowed there. Source: "OneLake API parity", "Managed OneLake folders". */
export function notAllowedHere(): DfsError {
  return new DfsError(
    400,
    'OperationNotAllowedOnThePath',
    'This operation is not allowed at the first level of an item.',
  );
}

export function invalidParameter(name: string): DfsError {
  return new DfsError(
    400,
    'InvalidQueryParameterValue',
    `Value for one of the query parameters is not valid: ${name}.`,
  );
}

const bySystemCode: Readonly<Record<string, () => DfsError>> = {
  ENOENT: noSuchPath,
  ENOTDIR: pathConflict,
  EISDIR: pathConflict,
  EEXIST: pathConflict,
  ENOTEMPTY: pathConflict,
  EINVAL: pathConflict,
  ENAMETOOLONG: () =>
    new DfsError(400, 'InvalidResourceName', 'The specified resource name is too long.'),
};

/** A file where a folder must be, or the other way round. */
export function pathConflict(): DfsError {
  return new DfsError(
    409,
    'PathConflict',
    'The specified path, or part of it, is of another kind.',
  );
}

/** What the file system refused, as OneLake would say it; absent for any other error. */
export function ofFileSystem(error: unknown): DfsError | undefined {
  return bySystemCode[textAt(error, 'code') ?? '']?.();
}
