import { lines, quote, type Parsed } from './forms.ts';
import { parseLakehousePath } from './lakehouse-path.ts';

const mostGlobs = 20;

/** Paths and globs of the lakehouse under `Files/`, one a line, as the user wrote them but for a leading `/`. */
export function parseResults(text: string): Parsed<string[]> {
  const [globs, problems]: [string[], string[]] = [[], []];
  for (const line of lines(text)) {
    // In a glob `?` is one character, and ends no path.
    const parsed = parseLakehousePath(line.trim().replaceAll('?', '*'));
    const glob = line.trim().replace(/^\//, '');
    if ('problem' in parsed) problems.push(parsed.problem);
    else if (listedFolder(glob)?.recursive === true && listedFolder(glob)?.folder === 'Files')
      problems.push(
        `must name a folder under Files/ first, or all files of the lakehouse would be listed: ${quote(glob)}`,
      );
    else globs.push(glob);
  }
  if (globs.length > mostGlobs) problems.push(`must have ${mostGlobs} lines at most`);
  return problems.length > 0 ? { problem: problems.join('; ') } : { value: globs };
}

/**
 * What has to be listed for a glob: the folder before its first wildcard, with what is below it when the
 * wildcard is not in the last name. `undefined` for a path without any.
 */
export function listedFolder(glob: string): { folder: string; recursive: boolean } | undefined {
  const names = glob.split('/');
  const first = names.findIndex((name) =>
    /[*?[{]|[!+@]\(/.test(name.replace(/\{(?:submission|run-id|attempt)\}/g, '')),
  );
  if (first === -1) return undefined;
  const recursive = first < names.length - 1 || names[first] === '**';
  return { folder: names.slice(0, first).join('/'), recursive };
}
