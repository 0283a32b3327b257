import { join } from 'node:path';
import type { BatchRequest, EngineJob } from '../engine/engine.ts';
import type { SparkInstallation } from './installation.ts';
import { lakehouseUri, mountEnvironment, mountProperties } from './mounts.ts';
import { looksSecret, memoryMiB } from './properties.ts';
import { joinedKeys, tableDefaults, tableProperties } from './table-properties.ts';

/** The folders of one batch; all absolute. */
export interface BatchFolders {
  root: string;
  /** The driver's working folder. */
  work: string;
  /** Spark's blocks and the driver's temporary files; removed at the end. */
  scratch: string;
  /** Spark's event log. */
  events: string;
}

export interface Submission {
  command: string;
  args: string[];
  /** The child's whole environment. */
  env: Record<string, string>;
  properties: Record<string, string>;
  /** What was asked for and is not done as asked, one sentence each. */
  notes: string[];
}

const master = 'local[2]';
/** What the driver gets at least, and when nothing is asked for: Spark's own default. */
const defaultMemoryMiB = 1024;

/** Spark's default of 200 is for a cluster; two threads would spend seconds on the empty ones. */
const shufflePartitions = '8';

/** Keys of which the request's value is part of ours. */
const joined = ['spark.driver.memory', 'spark.driver.extraJavaOptions', ...joinedKeys];

/** Variables of the caller that a job may see: none of them is a secret, or of GitHub's, Azure's. */
const passedOn = ['PATH', 'HOME', 'USER', 'LOGNAME', 'TZ'];

/**
 * The `spark-submit` of a batch. The request's conf goes into `properties` (a file that only the
 * user can read), not on the command line, which every user of the machine sees.
 * @param memoryCapMiB how much a driver gets at most, whatever is asked for.
 */
export function submission(
  job: EngineJob,
  installation: SparkInstallation,
  folders: BatchFolders,
  memoryCapMiB: number,
  callerEnv: Readonly<Record<string, string | undefined>>,
): Submission {
  const { request } = job;
  const notes: string[] = [];
  const asked = request.conf ?? {};
  const memory = request.driverMemory ?? asked['spark.driver.memory'];
  const fixed = {
    ...mountProperties(job.lakehouse, job.lakehouses, job.onelakeHost),
    ...tableProperties(job.lakehouse, job.lakehouses, installation.delta, asked),
    ...machineProperties(folders),
    'spark.driver.memory': driverMemory(memory, memoryCapMiB, notes),
    'spark.driver.extraJavaOptions': javaOptions(folders, asked),
  };
  const conf = Object.fromEntries(Object.entries(asked).filter(([key]) => !joined.includes(key)));
  for (const [key, value] of Object.entries(conf)) {
    if (key in fixed)
      notes.push(`${key} is set by local Fabric; the value of the request is not used.`);
    else if (value !== value.trim()) notes.push(`${key}: Spark drops spaces around a value.`);
  }
  notes.push(...sizingNotes(request));
  for (const arg of request.args ?? []) {
    if (arg.includes('\r')) notes.push('spark-submit takes carriage returns out of arguments.');
  }
  return {
    command: join(installation.pyspark.sparkHome, 'bin', 'spark-submit'),
    args: commandLine(job, join(folders.root, 'spark.properties')),
    env: environment(job, installation, folders, callerEnv),
    properties: {
      'spark.sql.shuffle.partitions': shufflePartitions,
      ...tableDefaults,
      ...conf,
      ...fixed,
    },
    notes,
  };
}

/** The command line for a log: values that look secret are left out. */
export function shownCommand(submission: Submission): string {
  const { args } = submission;
  const shown = args.map((arg, index) => {
    const option = /^--?([\w-]+)(=)?/;
    const [, name, hasValue] = option.exec(arg) ?? [];
    const [, before, beforeHasValue] = option.exec(args[index - 1] ?? '') ?? [];
    if (before !== undefined && beforeHasValue === undefined && looksSecret(before)) return '***';
    if (name !== undefined && hasValue === undefined) return JSON.stringify(arg);
    if (!looksSecret(arg)) return JSON.stringify(arg);
    return name === undefined ? '***' : `--${name}=***`;
  });
  return ['spark-submit', ...shown].join(' ');
}

/** The properties of a request for a log, one `key=value` a line: values that look secret are left out. */
export function shownConf(conf: Readonly<Record<string, string>>): string[] {
  return Object.entries(conf).map(([key, value]) =>
    looksSecret(key) || looksSecret(value) ? `${key}=***` : `${key}=${value}`,
  );
}

function commandLine(job: EngineJob, propertiesFile: string): string[] {
  const { request } = job;
  const args = ['--master', master, '--properties-file', propertiesFile];
  const add = (option: string, value: string | undefined): void => {
    if (value !== undefined && value !== '') args.push(option, value);
  };
  const addUris = (option: string, uris: readonly string[] | undefined): void =>
    add(option, uris?.map((uri) => absolute(job, uri)).join(','));
  if (request.conf?.['spark.app.name'] === undefined) add('--name', request.name);
  add('--class', request.className);
  addUris('--py-files', request.pyFiles);
  addUris('--jars', request.jars);
  addUris('--files', request.files);
  addUris('--archives', request.archives);
  args.push(absolute(job, request.file), ...(request.args ?? []));
  return args;
}

/** A path without a scheme is one of the default lakehouse, not of this machine. */
function absolute(job: EngineJob, uri: string): string {
  return /^[a-z][a-z0-9+.-]*:/i.test(uri)
    ? uri
    : lakehouseUri(job.lakehouse, uri.replace(/^\/+/, ''));
}

function machineProperties(folders: BatchFolders): Record<string, string> {
  return {
    'spark.master': master,
    'spark.submit.deployMode': 'client',
    'spark.driver.host': '127.0.0.1',
    'spark.driver.bindAddress': '127.0.0.1',
    'spark.ui.enabled': 'true',
    // From a free port upwards: 0 lets the system choose.
    'spark.ui.port': '0',
    'spark.ui.showConsoleProgress': 'false',
    'spark.eventLog.enabled': 'true',
    'spark.eventLog.dir': `file://${encodeURI(folders.events)}`,
    'spark.eventLog.rolling.enabled': 'false',
    'spark.eventLog.compress': 'false',
  };
}

function javaOptions(folders: BatchFolders, conf: Readonly<Record<string, string>>): string {
  const asked = conf['spark.driver.extraJavaOptions'];
  return [`"-Djava.io.tmpdir=${folders.scratch}"`, ...(asked === undefined ? [] : [asked])].join(
    ' ',
  );
}

function driverMemory(wanted: string | undefined, capMiB: number, notes: string[]): string {
  if (wanted === undefined) return `${Math.min(defaultMemoryMiB, capMiB)}m`;
  const asked = memoryMiB(wanted);
  // Spark's own message about a malformed size is the one to show.
  if (asked === undefined) return wanted;
  if (asked <= capMiB) return `${asked}m`;
  notes.push(
    `driver memory: ${wanted} was asked for; this machine gives ${capMiB}m, for driver and executors in one process.`,
  );
  return `${capMiB}m`;
}

function sizingNotes(request: BatchRequest): string[] {
  const { driverCores, executorMemory, executorCores, numExecutors } = request;
  const given = Object.entries({ driverCores, executorMemory, executorCores, numExecutors })
    .filter(([, value]) => value !== undefined)
    .map(([name]) => name);
  return given.length === 0
    ? []
    : [
        `${given.join(', ')}: without effect here; Spark runs as ${master}, driver and executors in one process.`,
      ];
}

/**
 * Java's quick compiler alone: it halves the CPU of a job of seconds, as local Fabric's are. One that
 * computes for minutes is better off with both.
 */
export const shortJobs = '-XX:TieredStopAtLevel=1';

function environment(
  job: EngineJob,
  installation: SparkInstallation,
  folders: BatchFolders,
  callerEnv: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const { python, java, pyspark, delta } = installation;
  const env: Record<string, string> = {};
  for (const name of passedOn) {
    const value = callerEnv[name];
    if (value !== undefined) env[name] = value;
  }
  return {
    ...env,
    // Java takes arguments and file names by the locale: without UTF-8 an `ä` arrives as `?`.
    ...(process.platform === 'darwin' ? { LANG: 'en_US.UTF-8' } : { LC_ALL: 'C.UTF-8' }),
    ...mountEnvironment(job.lakehouse),
    TMPDIR: folders.scratch,
    JAVA_HOME: java.home,
    SPARK_HOME: pyspark.sparkHome,
    SPARK_LOCAL_IP: '127.0.0.1',
    SPARK_SUBMIT_OPTS: callerEnv['SPARK_SUBMIT_OPTS'] ?? shortJobs,
    SPARK_LOCAL_DIRS: folders.scratch,
    PYTHONPATH: [pyspark.site, delta.pythonPath].join(':'),
    PYTHONUNBUFFERED: '1',
    PYSPARK_PYTHON: python.executable,
    PYSPARK_DRIVER_PYTHON: python.executable,
  };
}
