import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import type { SparkInstallation } from '../../local/spark/installation.ts';

/** Compiles Scala sources with the compiler that comes with Spark, so that no JDK is needed, and gives a jar. */
export function scalaJar(
  installation: SparkInstallation,
  folder: string,
  sources: Readonly<Record<string, string>>,
  classPath: readonly string[] = [],
): Uint8Array {
  const classes = join(folder, 'classes');
  mkdirSync(classes, { recursive: true });
  const paths = Object.entries(sources).map(([name, text]) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  });
  const jars = join(installation.pyspark.sparkHome, 'jars', '*');
  const java = join(installation.java.home, 'bin', 'java');
  const path = [jars, ...classPath].join(':');
  execFileSync(java, [
    ...['-Dscala.usejavacp=true', '-cp', path, 'scala.tools.nsc.Main'],
    ...['-d', classes, ...paths],
  ]);
  const names = readdirSync(classes, { recursive: true, encoding: 'utf8' });
  const compiled = names.filter((name) => name.endsWith('.class'));
  return zipSync(
    Object.fromEntries(
      compiled.map((name) => [name, new Uint8Array(readFileSync(join(classes, name)))]),
    ),
  );
}
