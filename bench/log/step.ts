import { spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { readActionFile, stepInputs } from '../../local/runner/action-file.ts';
import {
  githubContext,
  runnerContext,
  stepEnvironment,
  writeEvent,
} from '../../local/runner/environment.ts';
import { FileCommands, keyValuePairs } from '../../local/runner/file-commands.ts';
import { numberAt, parseJson } from '../../src/http/json.ts';

/** What a process used in all. */
export interface Used {
  peakMb: number;
  cpuMs: number;
}

export interface Ran {
  used: Used;
  /** From the first bytes of the log in the output to the last. */
  seconds: number;
  /** The file that holds the whole output. */
  output: string;
  /** The folder with the log files, of a step. */
  logPath: string;
}

/** How an output is read, and what of it is the log. */
export interface Reading {
  file: string;
  /** Bytes that the log begins with, and how many it has as shown. */
  first: Buffer;
  length: number;
  /** Megabytes a second; 0: as they come. */
  rate: number;
}

const probe = new URL('probe.js', import.meta.url).href;

/** The built main entry as the runner starts it, with its output read by us: the runner would keep all of it. */
export async function runStep(
  parts: {
    action: string;
    folder: string;
    job: string;
    inputs: Readonly<Record<string, string>>;
    certificatePath: string;
  },
  reading: Reading,
): Promise<Ran> {
  const { action: root, folder, inputs } = parts;
  const [checkout, temp] = [join(folder, 'checkout'), join(folder, 'temp')];
  for (const one of [checkout, temp]) mkdirSync(one, { recursive: true });
  writeFileSync(join(checkout, 'job.py'), parts.job);
  const action = readActionFile(root);
  const github = githubContext({}, checkout);
  const runner = runnerContext(temp, false);
  const contexts = { github, runner, matrix: null, strategy: { 'job-total': 1, 'job-index': 0 } };
  const given = { workspace: 'analytics', lakehouse: 'orders', file: 'job.py', ...inputs };
  const { files } = new FileCommands(temp);
  const env = stepEnvironment({
    env: new Map([['NODE_EXTRA_CA_CERTS', parts.certificatePath]]),
    state: new Map(),
    inputs: stepInputs(action, given, contexts).values,
    github: { ...github, event_path: writeEvent(github, temp), ...files },
    runner,
    path: [],
  });
  const ran = await measured([process.execPath, action.main], { cwd: checkout, env }, reading);
  const outputs = new Map(keyValuePairs(readFileSync(files.output, 'utf8')));
  return { ...ran, logPath: outputs.get('log-path') ?? '' };
}

/** Runs a command whose standard output is the log, with what else it may print. Throws when it fails. */
export async function measured(
  [command = '', ...args]: readonly string[],
  place: { cwd: string; env: Record<string, string> },
  reading: Reading,
): Promise<Ran> {
  const report = `${reading.file}.used`;
  const options = [process.env['BENCH_NODE_OPTIONS'] ?? '', `--import=${probe}`].join(' ');
  const child = spawn(command, args, {
    cwd: place.cwd,
    env: { ...place.env, BENCH_PROBE: report, NODE_OPTIONS: options.trim() },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const seconds = await readAll(child.stdout, reading);
  const code = await ended;
  if (code !== 0)
    throw new Error(`${command} ended with ${code ?? 'a signal'}: see ${reading.file}`);
  return { used: usedOf(report), seconds, output: reading.file, logPath: '' };
}

/** Reads to the end into the file; gives the seconds from the log's first bytes to its last. */
async function readAll(stream: Readable, { file, first, length, rate }: Reading): Promise<number> {
  const to = openSync(file, 'w');
  let [begun, ended, seen] = [0, 0, 0];
  const chunks: AsyncIterable<Buffer> = stream;
  for await (const chunk of chunks) {
    writeSync(to, chunk);
    if (begun === 0 && chunk.includes(first)) begun = performance.now();
    if (begun > 0 && ended === 0) {
      seen += chunk.length;
      if (seen >= length) ended = performance.now();
    }
    if (rate > 0) await sleep(chunk.length / rate / 1_000);
  }
  closeSync(to);
  return (ended - begun) / 1_000;
}

/** A command that is no node tells nothing. */
function usedOf(report: string): Used {
  if (!existsSync(report)) return { peakMb: NaN, cpuMs: NaN };
  const told = parseJson(readFileSync(report, 'utf8'));
  return { peakMb: numberAt(told, 'peakMb') ?? NaN, cpuMs: numberAt(told, 'cpuMs') ?? NaN };
}
