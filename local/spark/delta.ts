import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { zipSync } from 'fflate';
import { asset, scalaSources } from './assets.ts';
import { fillOnce } from './fill-once.ts';
import type { Java } from './java.ts';
import { runTool, type ToolRun } from './tool-run.ts';
import { cacheFolder } from './cache-folder.ts';
import { pysparkVersion, type Pyspark } from './pyspark.ts';
import type { Machine } from './machine.ts';
import { jarRepository, proxyOptions } from './repository.ts';

export const deltaVersion = '3.3.3';
const organisation = 'io.delta';

/** The jars of Delta Lake and their SHA-256; 7 MB in all. */
const pins = {
  'delta-spark_2.12': '4912bf902a1c453aba3bd838ff212dedd357155212f9bb37a6b47d97f2827ebc',
  'delta-storage': '45ad193053fd30cebe6d9ab1889873cde39b223a0f210e00ebee8b6642476901',
} as const;

/** What puts lakehouse tables into a Spark, beside its own jars. */
export interface Delta {
  /** Absolute paths, for the driver's class path: Delta's jars and ours. */
  jars: string[];
  /** For `PYTHONPATH`: the jar that holds the Python package `delta`. */
  pythonPath: string;
}

/** The cached jars' folder. Its name changes with what is fetched and what is compiled. */
export function deltaFolder(machine: Pick<Machine, 'env' | 'home'>): string {
  const hash = createHash('sha256').update(JSON.stringify([pins, pysparkVersion]));
  for (const name of scalaSources) hash.update(readFileSync(asset(name)));
  const digest = hash.digest('hex').slice(0, 12);
  return join(cacheFolder(machine), `delta-${deltaVersion}-${digest}`);
}

/**
 * Delta's jars and ours from the cache. The first time Delta's are fetched by the Ivy that comes with
 * Spark, their hashes are checked, and ours is compiled by Spark's Scala compiler.
 * @throws Error with the end of the tool's own words and what to do.
 */
export async function fetchDelta(options: {
  machine: Machine;
  java: Java;
  pyspark: Pyspark;
  log: (line: string) => void;
}): Promise<Delta> {
  const { log } = options;
  const folder = deltaFolder(options.machine);
  await fillOnce({
    name: `Delta Lake ${deltaVersion}`,
    folder,
    problemOf,
    log,
    fill: async (temporary) => {
      log(`Fetching Delta Lake ${deltaVersion} (7 MB, once) into ${folder}`);
      const jars = join(temporary, 'jars');
      mkdirSync(jars);
      await fetchJars({ ...options, temporary, jars, folder });
      log('  compiling the lakehouse catalogue');
      await compile({ ...options, temporary, jars, folder });
      return jars;
    },
  });
  const [spark = '', storage = ''] = deltaJars(folder);
  return { jars: [spark, storage, ownJar(folder)], pythonPath: spark };
}

/** Why a folder does not hold the jars that are wanted; undefined if it does. */
export function problemOf(folder: string): string | undefined {
  const hashProblem = hashProblemOf(folder);
  if (hashProblem !== undefined) return hashProblem;
  return existsSync(ownJar(folder)) ? undefined : `has no ${basename(ownJar(folder))}`;
}

function hashProblemOf(folder: string): string | undefined {
  if (!existsSync(folder)) return 'is not there';
  for (const [index, expected] of Object.values(pins).entries()) {
    const path = deltaJars(folder)[index] ?? '';
    if (!existsSync(path)) return `has no ${basename(path)}`;
    const found = createHash('sha256').update(readFileSync(path)).digest('hex');
    if (found !== expected) return `holds a ${basename(path)} with the SHA-256 ${found}`;
  }
  return undefined;
}

function deltaJars(folder: string): string[] {
  return Object.keys(pins).map((name) => join(folder, `${name}-${deltaVersion}.jar`));
}

function ownJar(folder: string): string {
  return join(folder, 'local-fabric.jar');
}

interface Step {
  machine: Machine;
  java: Java;
  pyspark: Pyspark;
  temporary: string;
  jars: string;
  folder: string;
}

async function fetchJars(step: Step): Promise<void> {
  const { machine, temporary, jars } = step;
  const repository = jarRepository(machine);
  const module = join(temporary, 'ivy.xml');
  const settings = join(temporary, 'ivysettings.xml');
  writeFileSync(module, moduleXml());
  writeFileSync(settings, settingsXml(repository));
  const classPath = join(step.pyspark.sparkHome, 'jars', '*');
  const run = await java(step, [
    ...proxyOptions(machine.env),
    ...['-cp', classPath, 'org.apache.ivy.Main', '-settings', settings, '-ivy', module],
    ...['-cache', join(temporary, 'ivy'), '-types', 'jar', '-warn'],
    ...['-retrieve', join(jars, '[artifact]-[revision].[ext]')],
  ]);
  const problem = run.exitCode === 0 ? hashProblemOf(jars) : ended('Ivy', run);
  if (problem !== undefined) throw new Error(failedFetch(problem, step.folder, run));
}

function moduleXml(): string {
  const dependencies = Object.keys(pins).map(
    (name) =>
      `<dependency org="${organisation}" name="${name}" rev="${deltaVersion}" transitive="false"/>`,
  );
  return `<ivy-module version="2.0">
<info organisation="fabric-spark-batch" module="tables"/>
<dependencies>${dependencies.join('')}</dependencies>
</ivy-module>`;
}

/** Without a root Ivy goes to Maven Central. */
function settingsXml(repository: string | undefined): string {
  const root = repository === undefined ? '' : ` root="${attribute(repository)}"`;
  return `<ivysettings><settings defaultResolver="jars"/>
<resolvers><ibiblio name="jars" m2compatible="true"${root}/></resolvers></ivysettings>`;
}

function attribute(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}

async function compile(step: Step): Promise<void> {
  const { temporary, jars, pyspark } = step;
  const classes = join(temporary, 'classes');
  mkdirSync(classes);
  const classPath = [join(pyspark.sparkHome, 'jars', '*'), ...deltaJars(jars)].join(':');
  const run = await java(step, [
    ...['-Dscala.usejavacp=true', '-cp', classPath, 'scala.tools.nsc.Main'],
    ...['-d', classes, ...scalaSources.map(asset)],
  ]);
  if (run.exitCode !== 0)
    throw new Error(
      [`The lakehouse catalogue was not compiled: ${ended('scalac', run)}.`, ...run.tail].join(
        '\n',
      ),
    );
  const names = readdirSync(classes, { recursive: true, encoding: 'utf8' });
  const compiled = names
    .filter((name) => name.endsWith('.class'))
    .map((name) => [name, new Uint8Array(readFileSync(join(classes, name)))] as const);
  const unfinished = join(temporary, 'local-fabric.jar');
  writeFileSync(unfinished, zipSync(Object.fromEntries(compiled)));
  renameSync(unfinished, ownJar(jars));
}

function java(step: Step, args: readonly string[]): Promise<ToolRun> {
  return runTool(join(step.java.home, 'bin', 'java'), args, { env: step.machine.env });
}

function ended(tool: string, { exitCode }: ToolRun): string {
  return `${tool} ended with exit code ${exitCode ?? 'none'}`;
}

function failedFetch(problem: string, folder: string, { tail }: ToolRun): string {
  return [
    `Delta Lake ${deltaVersion} could not be fetched: ${problem}.`,
    'The last lines of Ivy, which comes with Spark:',
    ...tail.map((line) => `  ${line}`),
    'What to check: that Java on this machine reaches Maven Central, directly or by https_proxy, or the mirror',
    'that ~/.m2/settings.xml or DEFAULT_ARTIFACT_REPOSITORY names; then try again.',
    `Without a network: put ${Object.keys(pins)
      .map((name) => `${name}-${deltaVersion}.jar`)
      .join(' and ')} into a folder laid out as a Maven`,
    `repository and name it: DEFAULT_ARTIFACT_REPOSITORY=file:///… (the target is ${folder}).`,
  ].join('\n');
}
