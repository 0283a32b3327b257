/** The files that log records write, in memory: by path, in the order of writing. */
const files = new Map<string, Uint8Array[]>();
const full = new Set<string>();

/** Stands in for `node:fs` below the log record. */
export function mkdirSync(): void {
  // There are no folders here.
}

export function appendFileSync(path: string, bytes: Uint8Array): void {
  for (const folder of full)
    if (path.startsWith(folder))
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  const pieces = files.get(path);
  if (pieces) pieces.push(bytes);
  else files.set(path, [bytes]);
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
}
