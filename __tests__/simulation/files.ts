/** The files that log records write, in memory: by path, in the order of writing. */
const files = new Map<string, Uint8Array[]>();
const full = new Set<string>();
/** The path of each open file, by its number. */
let opened: (string | undefined)[] = [];

/** Stands in for `node:fs` below the log record. */
export function mkdirSync(): void {
  // There are no folders here.
}

/** Opened to append; gives a number that stands for the file. */
export function openSync(path: string): number {
  opened.push(path);
  return opened.length - 1;
}

/** Writes the bytes from `from` on, all of them. */
export function writeSync(file: number, bytes: Uint8Array, from: number): number {
  const path = opened[file];
  if (path === undefined) throw new Error('EBADF: bad file descriptor, write');
  for (const folder of full)
    if (path.startsWith(folder))
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  const piece = bytes.subarray(from);
  const pieces = files.get(path);
  if (pieces) pieces.push(piece);
  else files.set(path, [piece]);
  return piece.length;
}

export function closeSync(file: number): void {
  opened[file] = undefined;
}

/** From now on nothing can be written under this folder. */
export function fillDisk(folder: string): void {
  full.add(folder);
}

export function contentOf(path: string): Buffer {
  return Buffer.concat(files.get(path) ?? []);
}

/** Forgets all files. */
export function clearFiles(): void {
  files.clear();
  full.clear();
  opened = [];
}
