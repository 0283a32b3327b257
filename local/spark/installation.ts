import { deltaVersion, fetchDelta, type Delta } from './delta.ts';
import { findJava, type Java } from './java.ts';
import { MissingToolError, thisMachine, type Machine } from './machine.ts';
import { fetchPyspark, pysparkFolder, type Pyspark } from './pyspark.ts';
import { findPython, type Python } from './python.ts';

/** Everything that one `spark-submit` needs. */
export interface SparkInstallation {
  python: Python;
  java: Java;
  pyspark: Pyspark;
  delta: Delta;
}

/**
 * Finds Python and Java on this machine, PySpark and Delta Lake in the user's cache, fetching what is
 * not there. What is found is told in one line.
 * @throws MissingToolError that names everything that is missing, with its fix.
 */
export async function findSpark(options: {
  log: (line: string) => void;
  machine?: Machine;
}): Promise<SparkInstallation> {
  const machine = options.machine ?? thisMachine();
  if (machine.platform === 'win32') {
    throw new MissingToolError(
      'Local Spark runs on Linux and macOS. On Windows use it inside WSL (wsl --install).',
    );
  }
  const [python, java] = await Promise.allSettled([findPython(machine), findJava(machine)]);
  if (python.status === 'rejected' || java.status === 'rejected') {
    const reasons = [python, java].flatMap((found): unknown[] =>
      found.status === 'rejected' ? [found.reason] : [],
    );
    throw new MissingToolError(
      reasons
        .map((reason) => (reason instanceof Error ? reason.message : String(reason)))
        .join('\n\n'),
    );
  }
  const pyspark = await fetchPyspark({
    python: python.value,
    folder: pysparkFolder(machine),
    log: options.log,
  });
  const delta = await fetchDelta({ machine, java: java.value, pyspark, log: options.log });
  options.log(
    `Spark: PySpark in ${pyspark.site}, Delta Lake ${deltaVersion}, Python ${python.value.version} (${python.value.executable}), ` +
      `Java ${java.value.version} (${java.value.home})`,
  );
  return { python: python.value, java: java.value, pyspark, delta };
}
