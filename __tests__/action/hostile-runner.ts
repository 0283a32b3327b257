import { actionsRunner } from '../../src/runner.ts';
import { RecordingRunner } from '../service/recording-runner.ts';

/** A recording runner that writes the driver log as the real one does, its fences included. */
export class WritingRunner extends RecordingRunner {
  /** What went of the driver log to the job's standard output. */
  printed = '';
  readonly #given: RecordingRunner;
  readonly #real = actionsRunner({
    env: {},
    write: (text) => {
      this.printed += text.toString();
      return Promise.resolve();
    },
  });

  constructor(given: RecordingRunner) {
    super({ inputs: {} });
    this.#given = given;
  }

  override input(name: string): string {
    return this.#given.input(name);
  }

  override env(name: string): string | undefined {
    return this.#given.env(name);
  }

  override remote(lines: readonly string[], group?: string): Promise<void> {
    return this.#real.remote(lines, group);
  }
}
