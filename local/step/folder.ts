import { randomUUID } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What the step's processes tell each other, as files of one folder: the main step that starts local
 * Fabric, the background process that is it, and the post step that stops it.
 */
export class StepFolder {
  /** Absolute. */
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** A folder of the runner's temporary folder that is not there yet. */
  static named(temp: string): StepFolder {
    return new StepFolder(join(temp, `local-fabric-${randomUUID()}`));
  }

  get state(): string {
    return join(this.path, 'state');
  }
  /** What the background process writes. */
  get log(): string {
    return join(this.path, 'fabric.log');
  }
  get pid(): string {
    return join(this.path, 'pid');
  }
  get settings(): string {
    return join(this.path, 'settings.json');
  }
  /** There once it listens; holds its `Exports`. */
  get ready(): string {
    return join(this.path, 'ready.json');
  }
  /** There when it could not start; says why. */
  get problem(): string {
    return join(this.path, 'problem.txt');
  }
  /** There when it is to end: also reaches one that is not listening yet. */
  get stop(): string {
    return join(this.path, 'stop');
  }
  /** Stays behind, since post steps after ours may still name it. */
  get certificates(): string {
    return join(this.path, 'certificates.pem');
  }
}

/** Writes a file that only the user can read, whole or not at all. */
export function writeWhole(path: string, text: string): void {
  writeFileSync(`${path}.part`, text, { mode: 0o600 });
  renameSync(`${path}.part`, path);
}

/** The text of a file; `undefined` when it is not there. */
export function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
