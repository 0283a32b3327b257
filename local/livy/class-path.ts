import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder } from '../spark/cache-folder.ts';
import { fillOnce } from '../spark/fill-once.ts';
import type { Java } from '../spark/java.ts';
import { MissingToolError, pathFolders, type Machine } from '../spark/machine.ts';
import { runTool } from '../spark/tool-run.ts';

export const livyVersion = '0.7.1-incubating';
const pom = fileURLToPath(new URL('pom.xml', import.meta.url));
const copy = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';
const serverJar = `livy-server-${livyVersion}.jar`;

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
  const { machine, java, log } = options;
  const hash = createHash('sha256').update(readFileSync(pom)).digest('hex').slice(0, 12);
  const folder = join(cacheFolder(machine), `livy-${livyVersion}-${hash}`);
  await fillOnce({
    name: `Apache Livy ${livyVersion}`,
    folder,
    problemOf: (jars) => (existsSync(join(jars, serverJar)) ? undefined : `has no ${serverJar}`),
    log,
    fill: (temporary) => {
      const maven = findMaven(machine);
      log(
        `Fetching Apache Livy ${livyVersion} (114 jars, 70 MB, once) with ${maven} into ${folder}`,
      );
      return fetch(maven, java, temporary);
    },
  });
  log(`Apache Livy ${livyVersion}: ${readdirSync(folder).length} jars in ${folder}`);
  return folder;
}

function findMaven(machine: Machine): string {
  const folder = pathFolders(machine).find((one) => machine.list(one).includes('mvn'));
  if (folder === undefined)
    throw new MissingToolError(
      'The jars of Apache Livy are fetched with Maven, and there is no mvn on the PATH.\n  Debian, Ubuntu: sudo apt-get install maven\n  macOS:          brew install maven',
    );
  return join(folder, 'mvn');
}

async function fetch(maven: string, java: Java, temporary: string): Promise<string> {
  const jars = join(temporary, 'jars');
  mkdirSync(jars);
  cpSync(pom, join(temporary, 'pom.xml'));
  const args = ['-B', '-ntp', '--strict-checksums', '-f', join(temporary, 'pom.xml')];
  args.push(copy, '-DincludeScope=runtime', `-DoutputDirectory=${jars}`);
  const env = { ...process.env, JAVA_HOME: java.home };
  const { exitCode, tail } = await runTool(maven, args, { env });
  if (exitCode === 0) return jars;
  throw new Error(
    [
      `Apache Livy could not be fetched: Maven ended with ${exitCode ?? 'a signal'}.`,
      ...tail.map((line) => `  ${line}`),
      'What to check: that Maven can download on this machine (proxy, mirror), then try again.',
    ].join('\n'),
  );
}
