import { realpathSync, statSync } from 'node:fs';
import { basename, isAbsolute, relative, resolve, sep } from 'node:path';
import { type Parsed, quote } from './forms.ts';
import { parseAbfssUri, parseLakehousePath } from './lakehouse-path.ts';

/** The main file of the batch: in the checkout (to be uploaded), in the lakehouse, or a URI. */
export type MainFile =
  | { kind: 'local'; shown: string; realPath: string; baseName: string; size: number }
  | { kind: 'lakehouse'; path: string }
  | { kind: 'uri'; uri: string };

/**
 * Reads the input `file`. A path in the checkout must be a regular file whose real path lies in
 * the checkout and not in `.git` (rule 8); `./Files/x` is the checkout, `Files/x` the lakehouse.
 */
export function parseMainFile(text: string, checkout: string): Parsed<MainFile> {
  const ending = /\.(py|jar|r)$/i.exec(text)?.[1]?.toLowerCase();
  if (ending === 'r')
    return {
      problem: 'is an R script, which Fabric cannot run as a batch: use a .py or .jar file',
    };
  if (ending === undefined) return { problem: `must end in .py or .jar, not ${quote(text)}` };
  if (/^abfss:/i.test(text)) {
    const uri = parseAbfssUri(text);
    return 'problem' in uri ? uri : { value: { kind: 'uri', uri: uri.value } };
  }
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text))
    return { problem: `must be a path or an abfss: URI, not ${quote(text)}` };
  if (text.startsWith('Files/')) {
    const path = parseLakehousePath(text);
    return 'problem' in path ? path : { value: { kind: 'lakehouse', path: path.value } };
  }
  return localFile(text, checkout);
}

function localFile(text: string, checkout: string): Parsed<MainFile> {
  const root = realPathOf(checkout);
  const path = root === undefined ? undefined : realPathOf(resolve(root, text));
  if (root === undefined || path === undefined) {
    return {
      problem: `names no file of the checkout: ${quote(text)} (a path in the lakehouse starts with Files/; is there an actions/checkout step?)`,
    };
  }
  const inside = relative(root, path);
  if (inside === '' || isAbsolute(inside) || inside.split(sep)[0] === '..')
    return { problem: `leads out of the checkout: ${quote(text)}` };
  if (inside.split(sep).some((segment) => segment.toLowerCase() === '.git'))
    return { problem: `must not lie in .git: ${quote(text)}` };
  const stats = statSync(path);
  if (!stats.isFile()) return { problem: `is no regular file: ${quote(text)}` };
  return {
    value: {
      kind: 'local',
      shown: text,
      realPath: path,
      baseName: basename(text),
      size: stats.size,
    },
  };
}

function realPathOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
