import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { scalaJar } from '../../__tests__/action/scala-jar.ts';
import { sparkEngine } from '../../local/engine/spark.ts';
import { startLocalFabric, type LocalFabric } from '../../local/fabric.ts';
import { startStep } from '../../local/runner/step.ts';
import { findSpark, type SparkInstallation } from '../../local/spark/installation.ts';
import type { Annotation } from '../../local/runner/step-log.ts';
import { logNames, root, type FailureCase, type Logs } from './cases.ts';
import { copyCheckout } from './judge.ts';
import { neutral } from './neutral.ts';

/** What the built action made of a failure, and the logs that it kept. */
export interface SparkRun {
  annotations: readonly Annotation[];
  summary: string;
  result: string;
  /** Neutral, as they are kept. */
  logs: Logs;
}

/** Runs cases with the built action on local Fabric with real Spark. */
export class SparkRuns {
  readonly #folder: string;
  readonly #fabric: LocalFabric;
  readonly #installation: SparkInstallation;

  private constructor(folder: string, fabric: LocalFabric, installation: SparkInstallation) {
    this.#folder = folder;
    this.#fabric = fabric;
    this.#installation = installation;
  }

  /** `maxConcurrent`: how many cases may run at once. */
  static async open(log: (line: string) => void, maxConcurrent: number): Promise<SparkRuns> {
    const installation = await findSpark({ log });
    const folder = mkdtempSync(join(tmpdir(), 'failures-'));
    const stateFolder = join(folder, 'fabric');
    const engine = await sparkEngine({ stateFolder, log, installation, maxConcurrent });
    return new SparkRuns(folder, await startLocalFabric({ engine, stateFolder }), installation);
  }

  async close(): Promise<void> {
    await this.#fabric.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async run(one: FailureCase): Promise<SparkRun> {
    const home = join(this.#folder, one.name);
    const workspace = join(home, 'checkout');
    copyCheckout(one, workspace);
    if (one.scala !== undefined) {
      const source = readFileSync(join(one.folder, one.scala), 'utf8');
      const classes = join(home, 'scala');
      mkdirSync(classes, { recursive: true });
      const jar = scalaJar(this.#installation, classes, { [one.scala]: source });
      writeFileSync(join(workspace, one.file), jar);
    }
    const { NODE_EXTRA_CA_CERTS: certificate = '' } = this.#fabric.env;
    const result = await startStep({
      action: root,
      workspace,
      tempFolder: join(home, 'temp'),
      inputs: {
        ...{ workspace: 'analytics', lakehouse: 'orders', file: one.file },
        ...this.#fabric.inputs,
        'client-secret': this.#fabric.clientSecret,
        'timeout-minutes': '5',
        ...one.inputs,
      },
      runtime: { NODE_EXTRA_CA_CERTS: certificate },
      secrets: [this.#fabric.clientSecret],
    }).done;
    return {
      annotations: result.annotations,
      summary: result.summary ?? '',
      result: result.outputs['result'] ?? '',
      logs: this.#logs(result.outputs['log-path']),
    };
  }

  #logs(folder: string | undefined): Logs {
    const logs: Logs = {};
    if (folder === undefined) return logs;
    const { python, java, pyspark } = this.#installation;
    const own: readonly (readonly [string, string])[] = [
      [this.#folder, '/run'],
      [pyspark.sparkHome, '/spark/python/pyspark'],
      [pyspark.site, '/spark/python'],
      [java.home, '/java'],
      [dirname(dirname(python.executable)), '/python'],
      [root, '/action'],
    ];
    for (const name of logNames) {
      const path = join(folder, name);
      if (existsSync(path)) logs[name] = neutral(readFileSync(path, 'utf8'), own);
    }
    return logs;
  }
}
