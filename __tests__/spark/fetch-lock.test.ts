import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { tryLock, type FetchLock, type LockHolder } from '../../local/spark/fetch-lock.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lock-'));
  path = join(folder, 'pyspark.lock');
});
afterEach(() => rmSync(folder, { recursive: true }));

function taken(lock: FetchLock | LockHolder): FetchLock {
  if (!('release' in lock)) throw new Error(`held by ${lock.pid}`);
  return lock;
}

describe('tryLock', () => {
  test('is held by one at a time, and free after release', () => {
    const lock = taken(tryLock(path));
    expect(tryLock(path)).toEqual({ host: hostname(), pid: process.pid });
    lock.release();
    expect(readdirSync(folder)).toEqual([]);
    taken(tryLock(path)).release();
  });

  test('takes over from a dead process', () => {
    const dead = spawnSync('true').pid;
    writeFileSync(path, JSON.stringify({ host: hostname(), pid: dead }));
    taken(tryLock(path)).release();
    expect(existsSync(path)).toBe(false);
  });

  test('leaves the lock of another machine while it is touched, and takes it over later', () => {
    writeFileSync(path, JSON.stringify({ host: 'elsewhere', pid: 1 }));
    expect(tryLock(path)).toEqual({ host: 'elsewhere', pid: 1 });
    taken(tryLock(path, () => Date.now() + 61_000)).release();
  });

  test('takes over a lock that nobody can read', () => {
    writeFileSync(path, '');
    taken(tryLock(path)).release();
  });
});
