import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { asset } from './assets.ts';
import { cacheFolder } from './cache-folder.ts';
import { fillOnce } from './fill-once.ts';
import type { Machine } from './machine.ts';
import type { Python } from './python.ts';
import { runTool, type ToolRun } from './tool-run.ts';

export interface Pyspark {
  /** The value for `PYTHONPATH`: the folder that holds the packages pyspark and py4j. */
  site: string;
  /** The value for `SPARK_HOME`: the package is a whole Spark, with `bin/` and `jars/`. */
  sparkHome: string;
}

export const pysparkVersion = '3.5.8';
const requirements = asset('requirements.txt');

/**
 * The cached PySpark's folder: below `FABRIC_SPARK_BATCH_CACHE`, or else the user's cache folder.
 * Its name changes with the pinned versions and hashes, so clones share it safely.
 */
export function pysparkFolder(machine: Pick<Machine, 'env' | 'home'>): string {
  const hash = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  return join(cacheFolder(machine), `pyspark-${pysparkVersion}-${hash}`);
}

/**
 * The PySpark of the cache, fetched by pip the first time (318 MB), with hashes checked.
 * @throws Error with the end of pip's own words and what to do.
 */
export async function fetchPyspark(options: {
  python: Python;
  folder: string;
  log: (line: string) => void;
}): Promise<Pyspark> {
  const { python, folder, log } = options;
  await fillOnce({
    name: 'PySpark',
    folder,
    problemOf,
    log,
    fill: (temporary) => fetch(python, folder, temporary, log),
  });
  return { site: folder, sparkHome: join(folder, 'pyspark') };
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

async function fetch(
  python: Python,
  folder: string,
  temporary: string,
  log: (line: string) => void,
): Promise<string> {
  const site = join(temporary, 'site');
  // pip unpacks and builds in TMPDIR: beside the target there is room, which a small /tmp may not have.
  const tmp = join(temporary, 'tmp');
  mkdirSync(tmp, { recursive: true });
  log(
    `Fetching PySpark ${pysparkVersion} (318 MB, once) with Python ${python.version} into ${folder}`,
  );
  const { exitCode, tail } = await pip(python, site, tmp, log);
  const problem =
    exitCode === 0 ? problemOf(site) : `pip ended with exit code ${exitCode ?? 'none'}`;
  if (problem !== undefined) throw new Error(failedFetch(problem, folder, tail));
  log(`PySpark ${pysparkVersion} has the hashes of local/spark/requirements.txt.`);
  return site;
}

function pip(
  python: Python,
  site: string,
  tmp: string,
  log: (line: string) => void,
): Promise<ToolRun> {
  const args = ['-m', 'pip', 'install', '--no-input', '--no-cache-dir', '--progress-bar', 'off'];
  args.push('--target', site, '--no-deps', '--require-hashes', '-r', requirements);
  return runTool(python.executable, args, {
    // As variables, because an older pip refuses options that it does not know.
    env: {
      ...process.env,
      TMPDIR: tmp,
      PIP_ROOT_USER_ACTION: 'ignore',
      PIP_DISABLE_PIP_VERSION_CHECK: '1',
    },
    onLine: (line) => {
      if (/^\s*(Downloading|Building wheel|Installing|Successfully)/.test(line))
        log(`  ${line.trim()}`);
    },
  });
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
