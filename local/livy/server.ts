import { spawn, type ChildProcess } from 'node:child_process';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { SparkInstallation } from '../spark/installation.ts';
import { endGroups, signalGroup, watchGroup } from '../spark/process-group.ts';
import { shortJobs } from '../spark/submit.ts';

export interface LivySettings {
  installation: SparkInstallation;
  /** Folder with the jars of the server. */
  jars: string;
  /** Absolute; configuration, logs and what Spark writes go below it. */
  stateFolder: string;
  /** Folders of which jobs may be named by a local path; all absolute. */
  jobFolders: readonly string[];
  /** 0: any free one. */
  port?: number;
  /** Further lines of livy.conf. */
  conf?: Readonly<Record<string, string>>;
}

/** An Apache Livy that runs on loopback. */
export interface LivyServer {
  /** Without a slash at its end. */
  readonly url: string;
  readonly port: number;
  /** Ends the server and every batch of it. */
  close(): Promise<void>;
  /** SIGKILL to the server alone, as in a crash: its batches go on. */
  kill(): Promise<void>;
}

const master = 'local[2]';
const longestStart = 60_000;
const passedOn = ['PATH', 'HOME', 'USER', 'LOGNAME', 'TZ'];

/** Starts the server of the class path on 127.0.0.1 and waits until it listens. Throws with the end of its log. */
export async function startLivy(settings: LivySettings): Promise<LivyServer> {
  const { installation, jars, stateFolder } = settings;
  const [conf, logs, work, scratch] = ['conf', 'logs', 'work', 'scratch'].map((name) =>
    join(stateFolder, name),
  );
  if (conf === undefined || logs === undefined || work === undefined || scratch === undefined)
    throw new Error('A folder has no name.');
  for (const folder of [conf, logs, work, scratch]) mkdirSync(folder, { recursive: true });
  writeFileSync(join(conf, 'livy.conf'), livyConf(settings));
  writeFileSync(join(conf, 'log4j.properties'), log4j);
  const child = spawn(
    join(installation.java.home, 'bin', 'java'),
    [
      `-Djava.io.tmpdir=${scratch}`,
      ...['-cp', [conf, join(jars, '*')].join(delimiter)],
      'org.apache.livy.server.LivyServer',
    ],
    {
      cwd: work,
      env: environment(installation, { stateFolder, conf, scratch }),
      // A group of its own, which the batches share: one signal ends them all.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const { pid } = child;
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const dismissWatch = pid === undefined ? () => undefined : watchGroup(pid);
  const url = await listening(child, join(logs, 'server.log')).catch(async (thrown: unknown) => {
    if (pid !== undefined) await endGroups(pid);
    dismissWatch();
    throw thrown;
  });
  return {
    url,
    port: Number(new URL(url).port),
    async close() {
      if (pid !== undefined) {
        await endGroups(pid);
        // What a batch started in the same group, and that outlived spark-submit.
        signalGroup(pid, 'SIGKILL');
      }
      dismissWatch();
      await gone;
    },
    async kill() {
      const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** The address that the server itself tells, once it listens. Its log goes to a file. */
function listening(child: ChildProcess, logFile: string): Promise<string> {
  const tail: string[] = [];
  return new Promise((resolve, reject) => {
    const fail = (why: string): void =>
      reject(new Error(`Apache Livy did not start: ${why}.\n${tail.join('\n')}`));
    const timer = setTimeout(() => fail('it does not listen after 60 s'), longestStart);
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code) => {
      clearTimeout(timer);
      fail(`it ended with exit code ${code ?? 'none'}`);
    });
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on('line', (line) => {
        appendFileSync(logFile, `${line}\n`);
        tail.push(line);
        if (tail.length > 30) tail.shift();
        const url = /Starting server on (http:\/\/\S+)/.exec(line)?.[1];
        if (url === undefined) return;
        clearTimeout(timer);
        resolve(url);
      });
    }
  });
}

function livyConf({ jobFolders, port = 0, conf = {} }: LivySettings): string {
  const lines = {
    'livy.server.host': '127.0.0.1',
    'livy.server.port': String(port),
    'livy.spark.master': master,
    'livy.spark.deploy-mode': 'client',
    'livy.file.local-dir-whitelist': jobFolders.join(','),
    ...conf,
  };
  return Object.entries(lines)
    .map(([key, value]) => `${key} = ${value}\n`)
    .join('');
}

const log4j = `log4j.rootCategory=INFO, console
log4j.appender.console=org.apache.log4j.ConsoleAppender
log4j.appender.console.target=System.err
log4j.appender.console.layout=org.apache.log4j.PatternLayout
log4j.appender.console.layout.ConversionPattern=%d{yy/MM/dd HH:mm:ss} %p %c{1}: %m%n
`;

function environment(
  { python, java, pyspark }: SparkInstallation,
  folders: { stateFolder: string; conf: string; scratch: string },
): Record<string, string> {
  const env: Record<string, string> = {};
  for (const name of passedOn) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  return {
    ...env,
    // Livy decodes the log of a batch by the locale, and stops reading at what does not decode.
    ...(process.platform === 'darwin' ? { LANG: 'en_US.UTF-8' } : { LC_ALL: 'C.UTF-8' }),
    TMPDIR: folders.scratch,
    JAVA_HOME: java.home,
    LIVY_HOME: folders.stateFolder,
    LIVY_CONF_DIR: folders.conf,
    SPARK_HOME: pyspark.sparkHome,
    SPARK_LOCAL_IP: '127.0.0.1',
    SPARK_SUBMIT_OPTS: process.env['SPARK_SUBMIT_OPTS'] ?? shortJobs,
    SPARK_LOCAL_DIRS: folders.scratch,
    PYTHONPATH: pyspark.site,
    PYTHONUNBUFFERED: '1',
    PYSPARK_PYTHON: python.executable,
    PYSPARK_DRIVER_PYTHON: python.executable,
  };
}
