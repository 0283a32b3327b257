import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';

/** One process, as /proc shows it. */
export interface Process {
  pid: number;
  parent: number;
  /** Clock ticks from the boot to its start: together with the pid no other process has it. */
  started: string;
  /** `Z`: a zombie. */
  state: string;
  /** Name of the binary that runs, whatever the process calls itself. */
  program: string;
  /** Of a zombie both are empty. */
  commandLine: string;
  environment: string;
}

export const isPython = ({ program }: Process): boolean => program.startsWith('python');
/** The JVM that `spark-submit` becomes, not the short one that works out its command line. */
export const isSparkSubmit = ({ program, commandLine }: Process): boolean =>
  program === 'java' &&
  commandLine.includes(' org.apache.spark.deploy.SparkSubmit ') &&
  !commandLine.includes(' org.apache.spark.launcher.Main ');

/** What tells it from every other process, those of the same pid included. */
export const keyOf = ({ pid, started }: Process): string => `${pid} ${started}`;

function text(path: string): string {
  try {
    return readFileSync(path, 'utf8').replaceAll('\0', ' ');
  } catch {
    // Gone, a zombie, or of another user.
    return '';
  }
}

/** Undefined when it has ended meanwhile. */
function read(pid: string): Process | undefined {
  const folder = `/proc/${pid}`;
  const stat = text(`${folder}/stat`);
  // The name stands in brackets and may hold anything, brackets included.
  const [state, parent, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const started = rest[17];
  if (state === undefined || parent === undefined || started === undefined) return undefined;
  const environment = text(`${folder}/environ`);
  const commandLine = text(`${folder}/cmdline`);
  let program = '';
  try {
    program = basename(readlinkSync(`${folder}/exe`));
  } catch {
    // As above.
  }
  return {
    pid: Number(pid),
    parent: Number(parent),
    started,
    state,
    program,
    commandLine,
    environment,
  };
}

/** The whole process table, zombies included. */
function table(): Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(read)
    .filter((one) => one !== undefined);
}

/** The children of this process, zombies included. */
export function ownChildren(): Process[] {
  return table().filter(({ parent }) => parent === process.pid);
}

/**
 * Watches for the processes of batches from the start. The mark of a batch is its folder, whose
 * name is the id that Fabric gave it: every process of its `spark-submit` has it on the command
 * line or, as TMPDIR and SPARK_LOCAL_DIRS, in the environment that it was started with.
 */
export class Watch {
  readonly #folder: string;
  readonly #seen = new Map<string, Map<string, Process>>();
  readonly #timer: NodeJS.Timeout;

  /** @param folder holds the folders of the batches. */
  constructor(folder: string) {
    this.#folder = `${folder}/`;
    this.#timer = setInterval(() => this.#look(), 150);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** Every process of the batch that was ever seen. */
  seen(batchId: string): Process[] {
    return [...this.#of(batchId).values()];
  }

  /**
   * What is in the process table now, of all that have or once had the mark. A zombie counts when
   * it is ours to wait for; another is the business of its parent, which counts or is init.
   */
  now(batchId: string): Process[] {
    const all = this.#look();
    const known = this.#of(batchId);
    return all.filter(
      (one) => known.has(keyOf(one)) && (one.state !== 'Z' || one.parent === process.pid),
    );
  }

  #of(batchId: string): Map<string, Process> {
    const seen = this.#seen.get(batchId) ?? new Map<string, Process>();
    this.#seen.set(batchId, seen);
    return seen;
  }

  #look(): Process[] {
    const all = table();
    for (const one of all) {
      for (const where of [one.commandLine, one.environment]) {
        const at = where.indexOf(this.#folder);
        if (at === -1) continue;
        const [batchId] = where.slice(at + this.#folder.length).split('/');
        if (batchId !== undefined) this.#of(batchId).set(keyOf(one), one);
      }
    }
    return all;
  }
}
