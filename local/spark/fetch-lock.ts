import { linkSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { errorCode } from './error-code.ts';

/** A holder touches its lock this often, so that others see that it lives. */
const touchMs = 5_000;
/** A lock untouched for this long is of a dead holder, wherever that ran. */
const staleMs = 60_000;

export interface FetchLock {
  release(): void;
}

export interface LockHolder {
  host: string;
  pid: number;
}

/**
 * Takes the lock if it is free or its holder is dead; otherwise tells who holds it.
 * The lock spares a second download, no more: fetched folders are put in place by a rename, so
 * two that believe to hold it (a holder that slept through `staleMs`) do no harm.
 */
export function tryLock(path: string, now: () => number = Date.now): FetchLock | LockHolder {
  const own = `${path}.${process.pid}`;
  writeFileSync(own, JSON.stringify({ host: hostname(), pid: process.pid }));
  try {
    // A hard link appears at once and with its content, which a create followed by a write does not.
    for (let attempt = 0; attempt < 2; attempt++) {
      try {
        linkSync(own, path);
        return held(path);
      } catch (error) {
        if (errorCode(error) !== 'EEXIST') throw error;
      }
      const holder = readHolder(path);
      if (holder !== undefined && isAlive(path, holder, now())) return holder;
      rmSync(path, { force: true });
    }
    return readHolder(path) ?? { host: 'unknown', pid: 0 };
  } finally {
    rmSync(own, { force: true });
  }
}

function held(path: string): FetchLock {
  const timer = setInterval(() => {
    try {
      utimesSync(path, new Date(), new Date());
    } catch {
      // Taken over by another, which believed us dead; see tryLock.
    }
  }, touchMs);
  timer.unref();
  return {
    release() {
      clearInterval(timer);
      if (readHolder(path)?.pid === process.pid) rmSync(path, { force: true });
    },
  };
}

function readHolder(path: string): LockHolder | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof value !== 'object' || value === null) return undefined;
    if (!('host' in value && 'pid' in value)) return undefined;
    const { host, pid } = value;
    return typeof host === 'string' && typeof pid === 'number' ? { host, pid } : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(path: string, holder: LockHolder, now: number): boolean {
  try {
    if (now - statSync(path).mtimeMs > staleMs) return false;
  } catch {
    return false;
  }
  if (holder.host !== hostname()) return true;
  try {
    process.kill(holder.pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) !== 'ESRCH';
  }
}
