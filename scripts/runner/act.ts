import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { isObject, objectAt, parseJson, textAt, type JsonObject } from '../../src/http/json.ts';

export interface ActOptions {
  program: string;
  /** A git repository; the jobs get a copy of it. */
  checkout: string;
  event: string;
  /** Name of the workflow's file. */
  workflow: string;
  /** The event's payload. */
  payload?: JsonObject;
  /** Of a workflow_dispatch. */
  inputs?: Readonly<Record<string, string>>;
  env?: Readonly<Record<string, string>>;
  secrets?: Readonly<Record<string, string>>;
  /** The repository's variables. */
  vars?: Readonly<Record<string, string>>;
  /** Folders that stand for `owner/name@ref`, of which nothing is fetched then. */
  repositories?: Readonly<Record<string, string>>;
  /** For act's own files; a new one for each run. */
  folder: string;
}

/** One line of act's log. */
export interface ActLine {
  /** Id of the job; '' for act's own lines. */
  job: string;
  /** `Main` or `Post`; '' outside steps. */
  stage: string;
  text: string;
  /** Name and data of a workflow command, as act understood it. */
  command?: string;
  data?: string;
  /** `file:line` of an annotation that names both. */
  place?: string;
}

/** A workflow that runs, or ran, under nektos/act, its jobs as processes of this machine. */
export class ActRun {
  /** act's own files, the jobs' copies of the checkout among them. */
  readonly folder: string;
  readonly lines: ActLine[] = [];
  /** `success` or `failure` of each job that ended; of a matrix the last leg's to end. */
  readonly results = new Map<string, string>();
  /** act's exit code; 128 and more when a signal ended it. */
  readonly ended: Promise<number>;
  over = false;
  readonly #child: ChildProcess;

  constructor(options: ActOptions) {
    this.folder = options.folder;
    this.#child = spawn(options.program, argumentsOf(options), {
      cwd: options.checkout,
      env: { ...process.env, XDG_CONFIG_HOME: join(options.folder, 'config') },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own: Ctrl-C at the terminal reaches it only through us.
      detached: true,
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      if (stream) createInterface({ input: stream }).on('line', (line) => this.#read(line));
    this.ended = new Promise((resolve, reject) => {
      this.#child.once('error', reject);
      this.#child.once('close', (code) => {
        this.over = true;
        resolve(code ?? 128);
      });
    });
  }

  /** Throws once the workflow is over, for those who wait for something in it. */
  checkRunning(): void {
    if (this.over) throw new Error('The workflow ended too soon.');
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** The texts of a job, joined. */
  textOf(job: string, stage?: string): string {
    return this.lines
      .filter((line) => line.job === job && (stage === undefined || line.stage === stage))
      .map(({ text }) => text)
      .join('\n');
  }

  /** What the job's error annotations say. */
  errorsOf(job: string): string[] {
    return this.lines
      .filter((line) => line.job === job && line.command === 'error')
      .map(({ data = '' }) => data);
  }

  /** Where the job's error annotations stand, of those that name a line. */
  placesOf(job: string): string[] {
    return this.lines
      .filter((line) => line.job === job && line.command === 'error')
      .flatMap(({ place }) => place ?? []);
  }

  /** The job summaries of its steps: act prints each in one line of its log. */
  summariesOf(job: string): string[] {
    return this.lines
      .filter((line) => line.job === job)
      .flatMap(({ text }) => /^\W*Summary - (.*)$/su.exec(text)?.[1] ?? []);
  }

  #read(line: string): void {
    const entry = parseJson(line);
    if (!isObject(entry)) {
      this.lines.push({ job: '', stage: '', text: line });
      return;
    }
    const job = textAt(entry, 'jobID') ?? '';
    const result = textAt(entry, 'jobResult');
    if (result !== undefined) this.results.set(job, result);
    const [command, data] = [textAt(entry, 'command'), textAt(entry, 'arg')];
    const properties = objectAt(entry, 'kvPairs');
    const [file, at] = [textAt(properties, 'file'), textAt(properties, 'line')];
    this.lines.push({
      job,
      stage: textAt(entry, 'stage') ?? '',
      text: (textAt(entry, 'msg') ?? '').replace(/[\r\n]+$/, ''),
      ...(command !== undefined && { command }),
      ...(data !== undefined && { data }),
      ...(file !== undefined && at !== undefined && { place: `${file}:${at}` }),
    });
  }
}

function argumentsOf(options: ActOptions): string[] {
  const { folder, event, workflow, env = {}, secrets = {}, vars = {}, inputs = {} } = options;
  const write = (name: string, text: string): string => {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
  const settings = (values: Readonly<Record<string, string>>): string =>
    Object.entries(values)
      .map(([name, value]) => `${name}=${JSON.stringify(value)}\n`)
      .join('');
  // Files that are there and empty keep act from reading the user's own.
  return [
    event,
    ...['--workflows', `.github/workflows/${workflow}`],
    // Jobs run as processes of this machine, without containers.
    ...['ubuntu-latest', 'ubuntu-24.04'].flatMap((name) => ['-P', `${name}=-self-hosted`]),
    '--json',
    '--no-cache-server',
    ...['--action-cache-path', join(folder, 'cache')],
    ...['--eventpath', write('event.json', JSON.stringify({ ...options.payload, inputs }))],
    ...['--env-file', write('env', settings(env))],
    ...['--secret-file', write('secrets', settings(secrets))],
    ...['--var-file', write('vars', settings(vars)), '--input-file', write('inputs', '')],
    ...Object.entries(options.repositories ?? {}).flatMap(([name, path]) => [
      '--local-repository',
      `${name}=${path}`,
    ]),
  ];
}
