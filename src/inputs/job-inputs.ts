import { equalNames } from './equal-names.ts';
import { parseListedFiles, type ListedFile, type ListInput } from './job-files.ts';
import { parseMainFile, type MainFile } from './main-file.ts';
import type { Reader } from './reader.ts';

/** The files that a batch is submitted with. */
export interface JobFiles {
  main: MainFile;
  /** The main file as the user named it. */
  shown: string;
  libraries: Readonly<Record<ListInput, readonly ListedFile[]>>;
  warnings: string[];
}

const lists: readonly ListInput[] = ['py-files', 'jars', 'files', 'archives'];

/** Reads `file` and the lists beside it; what is wrong with them is told to the reader. */
export function readJobFiles(reader: Reader, checkout: string): JobFiles {
  const text = reader.required('file');
  const nowhere: MainFile = { kind: 'uri', uri: '' };
  const main = text === '' ? nowhere : reader.value('file', parseMainFile(text, checkout), nowhere);
  const libraries: Record<ListInput, readonly ListedFile[]> = {
    'py-files': [],
    jars: [],
    files: [],
    archives: [],
  };
  const warnings: string[] = [];
  for (const list of lists) {
    const none: { files: ListedFile[]; warnings: string[] } = { files: [], warnings: [] };
    const parsed = reader.parsed(list, (items) => parseListedFiles(list, items, checkout), none);
    libraries[list] = parsed.files;
    warnings.push(...parsed.warnings);
  }
  const equal = equalNames({ file: [main], ...libraries });
  if (equal !== undefined) reader.problems.push(equal);
  return { main, shown: shownFile(main), libraries, warnings };
}

function shownFile(file: MainFile): string {
  if (file.kind === 'local') return file.shown;
  return file.kind === 'lakehouse' ? file.path : file.uri;
}

/** True when something of the checkout has to be uploaded. */
export function needsUpload({ main, libraries }: JobFiles): boolean {
  const all = [main, ...Object.values(libraries).flat()];
  return all.some(({ kind }) => kind === 'local' || kind === 'directory');
}
