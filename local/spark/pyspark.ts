import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { cacheFolder } from './cache-folder.ts';
import { tryLock } from './fetch-lock.ts';
import type { Machine } from './machine.ts';
import type { Python } from './python.ts';

export interface Pyspark {
  /** The value for `PYTHONPATH`: the folder that holds the packages pyspark and py4j. */
  site: string;
  /** The value for `SPARK_HOME`: the package is a whole Spark, with `bin/` and `jars/`. */
  sparkHome: string;
}

export const pysparkVersion = '3.5.8';
const requirements = fileURLToPath(new URL('requirements.txt', import.meta.url));
const waitMs = 500;
const newsMs = 10_000;
const tailLines = 15;

/**
 * The cached PySpark's folder: below `FABRIC_SPARK_BATCH_CACHE`, or else the user's cache folder.
 * Its name changes with the pinned versions and hashes, so clones share it safely.
 */
export function pysparkFolder(machine: Pick<Machine, 'env' | 'home'>): string {
  const hash = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  return resolve(cacheFolder(machine), `pyspark-${pysparkVersion}-${hash}`);
}

/**
 * The PySpark of the cache, fetched by pip the first time (318 MB), with hashes checked.
 * Of several processes that want it at once, one fetches and the others wait.
 * @throws Error with the end of pip's own words and what to do.
 */
export async function fetchPyspark(options: {
  python: Python;
  folder: string;
  log: (line: string) => void;
}): Promise<Pyspark> {
  const { folder, log } = options;
  const pyspark = { site: folder, sparkHome: join(folder, 'pyspark') };
  let lastNews = 0;
  while (problemOf(folder) !== undefined) {
    mkdirSync(dirname(folder), { recursive: true });
    const lock = tryLock(`${folder}.lock`);
    if ('release' in lock) {
      try {
        if (problemOf(folder) !== undefined) await fetch(options);
      } finally {
        lock.release();
      }
    } else {
      if (Date.now() - lastNews > newsMs) {
        lastNews = Date.now();
        log(`PySpark is being fetched by process ${lock.pid} on ${lock.host}; waiting for it.`);
      }
      await sleep(waitMs);
    }
  }
  return pyspark;
}

/** Why a folder is not the PySpark that is wanted; undefined if it is. */
export function problemOf(folder: string): string | undefined {
  if (!existsSync(folder)) return 'is not there';
  const version = join(folder, 'pyspark', 'version.py');
  if (!existsSync(version)) return 'has no pyspark/version.py';
  if (
    /__version__.*?=\s*["'](.*)["']/.exec(readFileSync(version, 'utf8'))?.[1] !== pysparkVersion
  ) {
    return `does not hold PySpark ${pysparkVersion}`;
  }
  const parts = [
    `pyspark/jars/spark-core_2.12-${pysparkVersion}.jar`,
    'pyspark/jars/hadoop-client-api-3.3.4.jar',
    'pyspark/bin/spark-submit',
    'py4j/java_gateway.py',
  ];
  const missing = parts.find((part) => !existsSync(join(folder, part)));
  return missing === undefined ? undefined : `has no ${missing}`;
}

async function fetch(options: {
  python: Python;
  folder: string;
  log: (line: string) => void;
}): Promise<void> {
  const { python, folder, log } = options;
  removeLeftovers(folder);
  const temporary = `${folder}.fetching-${process.pid}`;
  const site = join(temporary, 'site');
  // pip unpacks and builds in TMPDIR: beside the target there is room, which a small /tmp may not have.
  const tmp = join(temporary, 'tmp');
  mkdirSync(tmp, { recursive: true });
  log(
    `Fetching PySpark ${pysparkVersion} (318 MB, once) with Python ${python.version} into ${folder}`,
  );
  const started = Date.now();
  const seconds = (): number => Math.round((Date.now() - started) / 1000);
  const news = setInterval(() => log(`  still fetching, ${seconds()} s`), newsMs);
  try {
    const { exitCode, tail } = await pip(python, site, tmp, log);
    const problem =
      exitCode === 0 ? problemOf(site) : `pip ended with exit code ${exitCode ?? 'none'}`;
    if (problem !== undefined) throw new Error(failedFetch(problem, folder, tail));
    // One that lost its lock may find the folder in place, and in use by running batches.
    if (problemOf(folder) !== undefined) {
      rmSync(folder, { recursive: true, force: true });
      renameSync(site, folder);
    }
    log(
      `PySpark ${pysparkVersion} is ready (${seconds()} s); its hashes are those of local/spark/requirements.txt.`,
    );
  } finally {
    clearInterval(news);
    rmSync(temporary, { recursive: true, force: true });
  }
}

function pip(
  python: Python,
  site: string,
  tmp: string,
  log: (line: string) => void,
): Promise<{ exitCode: number | null; tail: string[] }> {
  const args = ['-m', 'pip', 'install', '--no-input', '--no-cache-dir', '--progress-bar', 'off'];
  args.push('--target', site, '--no-deps', '--require-hashes', '-r', requirements);
  return new Promise((settle, reject) => {
    const child = spawn(python.executable, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      // As variables, because an older pip refuses options that it does not know.
      env: {
        ...process.env,
        TMPDIR: tmp,
        PIP_ROOT_USER_ACTION: 'ignore',
        PIP_DISABLE_PIP_VERSION_CHECK: '1',
      },
    });
    const tail: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        tail.push(line);
        if (tail.length > tailLines) tail.shift();
        if (/^\s*(Downloading|Building wheel|Installing|Successfully)/.test(line))
          log(`  ${line.trim()}`);
      });
    }
    child.on('error', reject);
    child.on('close', (exitCode) => settle({ exitCode, tail }));
  });
}

/** Folders of fetches that were killed; the holder of the lock is alone. */
function removeLeftovers(folder: string): void {
  const prefix = `${basename(folder)}.fetching-`;
  for (const name of readdirSync(dirname(folder))) {
    if (name.startsWith(prefix))
      rmSync(join(dirname(folder), name), { recursive: true, force: true });
  }
}

function failedFetch(problem: string, folder: string, tail: readonly string[]): string {
  return [
    `PySpark ${pysparkVersion} could not be fetched: ${problem}.`,
    'The last lines of pip:',
    ...tail.map((line) => `  ${line}`),
    'What to check: that pip can download on this machine (proxy, PIP_INDEX_URL), that 2 GB are free',
    `in ${dirname(folder)} (FABRIC_SPARK_BATCH_CACHE names another folder), then try again.`,
  ].join('\n');
}
