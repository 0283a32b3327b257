import type { Answer } from '../http/client.ts';
import { isObject, listAt, textAt } from '../http/json.ts';
import type { HttpRequest } from '../http/transport.ts';

/** Sends a request to OneLake until it answers with one of the statuses. Throws `StepError` for any other. */
export type Ask = (request: HttpRequest, statuses: readonly number[]) => Promise<Answer>;

/** No folder has this many pages; a server that never ends its list must not hold the step. */
const mostPages = 1_000;

/** When a file was written, as the answer tells that came with it. */
export interface Written {
  /** `Last-Modified`: milliseconds since the epoch on OneLake's clock, in whole seconds. */
  modifiedAt: number;
  /** `Date` less `Last-Modified`: both are OneLake's own, so no other clock counts. */
  ageMs: number;
  /** When that answer's headers came, on the action's clock: the body may take long after them. */
  heardAt: number;
}

/** What came of reading a file. */
export type FileRead =
  | {
      kind: 'found';
      text: string;
      /** `undefined` when OneLake did not tell. */
      written: Written | undefined;
    }
  | { kind: 'missing' }
  | { kind: 'too-large' };

/** A folder as it is listed; times in milliseconds since the epoch, on OneLake's clock. */
export interface ListedFolder {
  /** Its last name. */
  name: string;
  modifiedAt: number;
  /** When the list was answered. */
  now: number;
}

/** A file as it is listed. */
export interface ListedLakeFile {
  /** From the lakehouse on, such as `Files/out/a.xml`. */
  path: string;
  /** `undefined` when OneLake did not tell. */
  written: Written | undefined;
}

/**
 * Reads a file whole, if it is no larger than `mostBytes`; one byte more is asked for, no further ones.
 * Source: Azure Data Lake Storage Gen2, "Path - Read".
 */
export async function readFile(ask: Ask, url: string, mostBytes: number): Promise<FileRead> {
  const headers = { range: `bytes=0-${mostBytes}` };
  const answer = await ask({ method: 'GET', url, headers }, [200, 206, 404, 416]);
  // A folder is read as an empty file.
  const isFile = answer.headers['x-ms-resource-type'] !== 'directory';
  if (answer.status === 404 || !isFile) return { kind: 'missing' };
  if (answer.status === 416) return emptyFile(ask, url);
  if (sizeOf(answer) > mostBytes) return { kind: 'too-large' };
  return { kind: 'found', text: answer.text, written: writtenBy(answer) };
}

/** An empty file has no first byte (416); when it was written stands in the answer to a `HEAD`. */
async function emptyFile(ask: Ask, url: string): Promise<FileRead> {
  const head = await ask({ method: 'HEAD', url }, [200, 404]);
  return head.status === 404
    ? { kind: 'missing' }
    : { kind: 'found', text: '', written: writtenBy(head) };
}

/**
 * The folders of a list, over all its pages; none when the folder that is listed is not there.
 * Source: Azure Data Lake Storage Gen2, "Path - List".
 */
export async function listFolders(ask: Ask, list: string): Promise<ListedFolder[]> {
  const found: ListedFolder[] = [];
  for await (const page of pagesOf(ask, list)) found.push(...foldersOf(page));
  return found;
}

/** The files of a list, page by page as they are asked for; none when the folder is not there. */
export async function* listFiles(ask: Ask, list: string): AsyncGenerator<ListedLakeFile[], void> {
  for await (const page of pagesOf(ask, list)) yield filesOf(page);
}

async function* pagesOf(ask: Ask, list: string): AsyncGenerator<Answer, void> {
  let url = list;
  for (let page = 0; page < mostPages; page += 1) {
    const answer = await ask({ method: 'GET', url }, [200, 404]);
    if (answer.status === 404) return;
    yield answer;
    const next = answer.headers['x-ms-continuation'];
    if (!next) return;
    url = `${list}&continuation=${encodeURIComponent(next)}`;
  }
}

/** Bytes of the whole file, of which the reply may hold a part. */
function sizeOf({ status, headers, text }: Answer): number {
  const ranged = /^bytes \d+-\d+\/(\d+)$/.exec(headers['content-range'] ?? '')?.[1];
  if (status === 206 && ranged !== undefined) return Number(ranged);
  // Bytes that are no UTF-8 count more once they are text.
  return Math.min(Number(headers['content-length'] ?? Infinity), Buffer.byteLength(text));
}

/** `undefined` when one of the times is missing or none. `modified` is the answer's own unless told. */
function writtenBy(
  { headers, heardAt }: Answer,
  modified = headers['last-modified'],
): Written | undefined {
  const [now, modifiedAt] = [timeOf(headers['date']), timeOf(modified)];
  return now === undefined || modifiedAt === undefined || heardAt === undefined
    ? undefined
    : { modifiedAt, ageMs: now - modifiedAt, heardAt };
}

/** The folders of one page. One whose age is not told is left out: nobody may take it for an old one. */
function foldersOf(answer: Answer): ListedFolder[] {
  const now = timeOf(answer.headers['date']);
  return listAt(answer.json, 'paths').flatMap((path) => {
    const name = textAt(path, 'name')?.split('/').at(-1);
    const modifiedAt = timeOf(textAt(path, 'lastModified'));
    if (!isFolder(path) || !name || modifiedAt === undefined || now === undefined) return [];
    return [{ name, modifiedAt, now }];
  });
}

/** The files of one page. Each name begins with the lakehouse. */
function filesOf(answer: Answer): ListedLakeFile[] {
  return listAt(answer.json, 'paths').flatMap((listed) => {
    const path = textAt(listed, 'name')?.split('/').slice(1).join('/');
    if (isFolder(listed) || !path) return [];
    // Without a time of its own that of the list is not the file's.
    return [{ path, written: writtenBy(answer, textAt(listed, 'lastModified') ?? '') }];
  });
}

/** OneLake writes the text `"true"`. */
function isFolder(path: unknown): boolean {
  return isObject(path) && String(path['isDirectory']).toLowerCase() === 'true';
}

function timeOf(text: string | undefined): number | undefined {
  const time = text === undefined ? NaN : Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}
