import { closeSync, openSync, readSync } from 'node:fs';
import { Checkout } from '../inputs/checkout.ts';
import { isOfOtherRepository } from '../inputs/commit.ts';
import type { JobFiles } from '../inputs/job-inputs.ts';
import type { CheckoutLine } from '../report/facts.ts';
import type { Finding } from '../report/root-cause.ts';
import { placeOf, type Source } from '../report/root-cause/mapping.ts';

/** A source of more bytes is no line of code that anybody wrote. */
const longestSource = 4 * 1024 * 1024;

interface UploadedSource extends Source {
  realPath: string;
}

/**
 * The line of the checkout where a failure was raised; `undefined` where none is proven. `job` is what the
 * batch runs: of a batch that was only followed it is not known. A file that cannot be read gives no line.
 */
export function causePlace(
  finding: Finding,
  job: JobFiles | undefined,
  checkout: string,
): CheckoutLine | undefined {
  if (job === undefined) return undefined;
  const sources = uploadedSources(job, new Checkout(checkout));
  const paths = new Map(sources.map((source) => [source.file, source.realPath]));
  const place = placeOf(finding.frames, finding.proofs, sources, ({ file }) =>
    linesOf(paths.get(file) ?? ''),
  );
  // Neither annotation nor link could lead there.
  return place && isOfOtherRepository(checkout, place.file) ? undefined : place;
}

/** The Python files that the step uploads, by what the job sees of them. */
function uploadedSources(job: JobFiles, checkout: Checkout): UploadedSource[] {
  const { root, disk } = checkout;
  if (root === undefined) return [];
  const source = (realPath: string, seen: string, zip?: string): UploadedSource[] => {
    const file = disk.path.relative(root, realPath).replaceAll(disk.path.sep, '/');
    return [{ file, seen, realPath, ...(zip === undefined ? {} : { zip }) }];
  };
  return [job.main, ...job.libraries['py-files'], ...job.libraries.files].flatMap((file) => {
    if (file.kind === 'local') {
      const alias = 'alias' in file && typeof file.alias === 'string' ? file.alias : undefined;
      return source(file.realPath, alias ?? file.baseName);
    }
    if (file.kind !== 'directory') return [];
    return file.entries.flatMap(({ name, realPath }) => source(realPath, name, file.baseName));
  });
}

/** Lines as Python counts them; `undefined` for a file that cannot be read or is too large. */
export function linesOf(realPath: string): readonly string[] | undefined {
  try {
    const file = openSync(realPath, 'r');
    try {
      const bytes = Buffer.alloc(longestSource + 1);
      let length = 0;
      for (let read = -1; read !== 0 && length < bytes.length; length += read)
        read = readSync(file, bytes, length, bytes.length - length, length);
      if (length > longestSource) return undefined;
      const text = bytes.toString('utf8', 0, length);
      return text.split(/\r\n|\r|\n/);
    } finally {
      closeSync(file);
    }
  } catch {
    return undefined;
  }
}
