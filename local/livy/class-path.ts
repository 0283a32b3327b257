import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { tryLock } from '../spark/fetch-lock.ts';
import type { Java } from '../spark/java.ts';
import { MissingToolError, pathFolders, type Machine } from '../spark/machine.ts';
import { pysparkFolder } from '../spark/pyspark.ts';

export const livyVersion = '0.7.1-incubating';
const pom = fileURLToPath(new URL('pom.xml', import.meta.url));
const copy = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';
const serverJar = `livy-server-${livyVersion}.jar`;
const waitMs = 500;
const tailLines = 15;

/**
 * The folder with the jars of an Apache Livy server, beside the cached PySpark; fetched by Maven the
 * first time (114 jars, 70 MB), with checksums checked. Of several processes one fetches, the others wait.
 * @throws MissingToolError without Maven; Error with the end of Maven's own words.
 */
export async function fetchLivy(options: {
  machine: Machine;
  java: Java;
  log: (line: string) => void;
}): Promise<string> {
  const { machine, log } = options;
  const hash = createHash('sha256').update(readFileSync(pom)).digest('hex').slice(0, 12);
  const folder = join(dirname(pysparkFolder(machine)), `livy-${livyVersion}-${hash}`);
  while (!existsSync(join(folder, serverJar))) {
    mkdirSync(dirname(folder), { recursive: true });
    const lock = tryLock(`${folder}.lock`);
    if (!('release' in lock)) {
      await sleep(waitMs);
      continue;
    }
    try {
      if (!existsSync(join(folder, serverJar))) await fetch({ ...options, folder });
    } finally {
      lock.release();
    }
  }
  log(`Apache Livy ${livyVersion}: ${readdirSync(folder).length} jars in ${folder}`);
  return folder;
}

async function fetch(options: {
  machine: Machine;
  java: Java;
  log: (line: string) => void;
  folder: string;
}): Promise<void> {
  const { machine, java, log, folder } = options;
  const maven = pathFolders(machine)
    .filter((one) => machine.list(one).includes('mvn'))
    .map((one) => join(one, 'mvn'))[0];
  if (maven === undefined)
    throw new MissingToolError(
      'The jars of Apache Livy are fetched with Maven, and there is no mvn on the PATH.\n  Debian, Ubuntu: sudo apt-get install maven\n  macOS:          brew install maven',
    );
  const temporary = `${folder}.fetching-${process.pid}`;
  const jars = join(temporary, 'jars');
  mkdirSync(jars, { recursive: true });
  cpSync(pom, join(temporary, 'pom.xml'));
  log(`Fetching Apache Livy ${livyVersion} (114 jars, 70 MB, once) with ${maven} into ${folder}`);
  try {
    const args = ['-B', '-ntp', '--strict-checksums', '-f', join(temporary, 'pom.xml')];
    args.push(copy, '-DincludeScope=runtime', `-DoutputDirectory=${jars}`);
    const { exitCode, tail } = await run(maven, args, java);
    if (exitCode !== 0 || !existsSync(join(jars, serverJar)))
      throw new Error(
        [
          `Apache Livy could not be fetched: Maven ended with ${exitCode ?? 'a signal'}.`,
          ...tail.map((line) => `  ${line}`),
          'What to check: that Maven can download on this machine (proxy, mirror), then try again.',
        ].join('\n'),
      );
    rmSync(folder, { recursive: true, force: true });
    renameSync(jars, folder);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

function run(
  maven: string,
  args: readonly string[],
  java: Java,
): Promise<{ exitCode: number | null; tail: readonly string[] }> {
  return new Promise((settle, reject) => {
    const child = spawn(maven, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, JAVA_HOME: java.home },
    });
    const tail: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        tail.push(line);
        if (tail.length > tailLines) tail.shift();
      });
    }
    child.on('error', reject);
    child.on('close', (exitCode) => settle({ exitCode, tail }));
  });
}
