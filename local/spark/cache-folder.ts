import { join, resolve } from 'node:path';
import type { Machine } from './machine.ts';

/** Where fetched tools are kept for all clones: `FABRIC_SPARK_BATCH_CACHE`, or else below the user's cache folder. */
export function cacheFolder(machine: Pick<Machine, 'env' | 'home'>): string {
  const { FABRIC_SPARK_BATCH_CACHE: own, XDG_CACHE_HOME: xdg } = machine.env;
  return resolve(own || join(xdg || join(machine.home, '.cache'), 'fabric-spark-batch'));
}
