import { quote } from './forms.ts';
import { shownOf, type ListedFile } from './job-files.ts';
import type { LakehouseFile, UriFile } from './main-file.ts';

/**
 * What is wrong when two files would come to lie under one name, as a sentence; else `undefined`. Uploads of a
 * submission share a folder, and Spark puts all files of a job into one directory under their last names.
 * One and the same file in two inputs is no problem. `groups`: files by the input that names them.
 */
export function equalNames(
  groups: Readonly<Record<string, readonly ListedFile[]>>,
): string | undefined {
  const seen = new Map<string, { input: string; file: ListedFile }>();
  for (const [input, files] of Object.entries(groups)) {
    for (const file of files) {
      for (const name of namesOf(file)) {
        const other = seen.get(name.key);
        if (other === undefined) seen.set(name.key, { input, file });
        else if (identityOf(other.file) !== identityOf(file))
          return `${quote(shownOf(other.file))} (${other.input}) and ${quote(shownOf(file))} (${input}) would both lie under the name ${quote(name.shown)}: rename one of them.`;
      }
    }
  }
  return undefined;
}

/** Names that no other file may have: in the folder of the uploads, and before the job. */
function namesOf(file: ListedFile): { key: string; shown: string }[] {
  const uploaded = file.kind === 'local' || file.kind === 'directory';
  const base = uploaded ? file.baseName : lastName(file);
  const seen = file.alias ?? base;
  return [
    ...(uploaded ? [{ key: `upload ${base}`, shown: base }] : []),
    ...(seen === '' ? [] : [{ key: `job ${seen}`, shown: seen }]),
  ];
}

function lastName(file: LakehouseFile | UriFile): string {
  const path = file.kind === 'uri' ? file.uri : file.path;
  const name = path.slice(path.lastIndexOf('/') + 1);
  try {
    return file.kind === 'uri' ? decodeURIComponent(name) : name;
  } catch {
    return name;
  }
}

function identityOf(file: ListedFile): string {
  if (file.kind === 'local') return `local ${file.realPath}`;
  return `${file.kind} ${shownOf(file)}`;
}
