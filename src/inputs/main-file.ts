import { Checkout, localDisk, type Disk, type LocalFile } from './checkout.ts';
import { type Parsed, quote } from './forms.ts';
import { parseAbfssUri, parseLakehousePath } from './lakehouse-path.ts';

export interface LakehouseFile {
  kind: 'lakehouse';
  /** Under `Files/`. */
  path: string;
}

export interface UriFile {
  kind: 'uri';
  uri: string;
}

/** The main file of the batch: in the checkout (to be uploaded), in the lakehouse, or a URI. */
export type MainFile = LocalFile | LakehouseFile | UriFile;

/**
 * Reads the input `file`. A path in the checkout must be a regular file whose real path lies in
 * the checkout and not in `.git` (rule 8); `./Files/x` is the checkout, `Files/x` the lakehouse.
 */
export function parseMainFile(
  text: string,
  checkout: string,
  disk: Disk = localDisk,
): Parsed<MainFile> {
  const ending = /\.(py|jar|r)$/i.exec(text)?.[1]?.toLowerCase();
  if (ending === 'r')
    return {
      problem: 'is an R script, which Fabric cannot run as a batch: use a .py or .jar file',
    };
  if (ending === undefined) return { problem: `must end in .py or .jar, not ${quote(text)}` };
  return parseRemoteFile(text) ?? new Checkout(checkout, disk).file(text);
}

/** A URI, or a path of the lakehouse; `undefined` for a text that is a path of the checkout. */
export function parseRemoteFile(text: string): Parsed<LakehouseFile | UriFile> | undefined {
  if (/^abfss:/i.test(text)) {
    const uri = parseAbfssUri(text);
    return 'problem' in uri ? uri : { value: { kind: 'uri', uri: uri.value } };
  }
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text))
    return { problem: `must be a path or an abfss: URI, not ${quote(text)}` };
  if (!text.startsWith('Files/')) return undefined;
  const path = parseLakehousePath(text);
  return 'problem' in path ? path : { value: { kind: 'lakehouse', path: path.value } };
}
