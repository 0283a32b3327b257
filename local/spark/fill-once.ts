import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { tryLock } from './fetch-lock.ts';

const waitMs = 500;
const newsMs = 10_000;

export interface Filling {
  /** What is fetched, for the log. */
  name: string;
  /** The folder of the cache that is to be filled. */
  folder: string;
  /** Why a folder is not what is wanted; undefined if it is. */
  problemOf: (folder: string) => string | undefined;
  /** Makes the content somewhere in a temporary folder beside the target, and returns where. */
  fill: (temporary: string) => Promise<string>;
  log: (line: string) => void;
}

/**
 * Fills a folder of the cache unless it is filled. Of several processes that want it at once, one
 * works and the others wait. The folder appears by a rename, so it is whole or not there.
 * @throws what `fill` throws.
 */
export async function fillOnce(filling: Filling): Promise<void> {
  const { name, folder, problemOf, log } = filling;
  let lastNews = 0;
  while (problemOf(folder) !== undefined) {
    mkdirSync(dirname(folder), { recursive: true });
    const lock = tryLock(`${folder}.lock`);
    if ('release' in lock) {
      try {
        if (problemOf(folder) !== undefined) await fillNow(filling);
      } finally {
        lock.release();
      }
    } else {
      if (Date.now() - lastNews > newsMs) {
        lastNews = Date.now();
        log(`${name} is being fetched by process ${lock.pid} on ${lock.host}; waiting for it.`);
      }
      await sleep(waitMs);
    }
  }
}

async function fillNow({ name, folder, problemOf, fill, log }: Filling): Promise<void> {
  removeLeftovers(folder);
  const temporary = `${folder}.fetching-${process.pid}`;
  mkdirSync(temporary, { recursive: true });
  const started = Date.now();
  const seconds = (): number => Math.round((Date.now() - started) / 1000);
  const news = setInterval(() => log(`  still fetching, ${seconds()} s`), newsMs);
  try {
    const filled = await fill(temporary);
    const problem = problemOf(filled);
    if (problem !== undefined) throw new Error(`${name}: the folder that was fetched ${problem}.`);
    // One that lost its lock may find the folder in place, and in use by running batches.
    if (problemOf(folder) !== undefined) {
      rmSync(folder, { recursive: true, force: true });
      renameSync(filled, folder);
    }
    log(`${name} is ready (${seconds()} s).`);
  } finally {
    clearInterval(news);
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** Folders of fetches that were killed; the holder of the lock is alone. */
function removeLeftovers(folder: string): void {
  const prefix = `${basename(folder)}.fetching-`;
  for (const name of readdirSync(dirname(folder))) {
    if (name.startsWith(prefix))
      rmSync(join(dirname(folder), name), { recursive: true, force: true });
  }
}
