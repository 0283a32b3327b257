/**
 * What runs the batches of a local Fabric: real Spark, or a script of what a batch does.
 * The services ask at each request what the engine knows at that moment; they keep no state of
 * a batch's progress themselves, so both engines look the same from outside.
 */

/** The body of `POST …/batches`, as parsed by the Livy API (fields that were not sent are absent). */
export interface BatchRequest {
  name?: string;
  file: string;
  className?: string;
  args?: string[];
  jars?: string[];
  pyFiles?: string[];
  files?: string[];
  archives?: string[];
  conf?: Record<string, string>;
  tags?: Record<string, string>;
  driverMemory?: string;
  driverCores?: number;
  executorMemory?: string;
  executorCores?: number;
  numExecutors?: number;
}

/** A lakehouse as the engine mounts it. */
export interface LakehouseMount {
  workspaceId: string;
  workspaceName: string;
  lakehouseId: string;
  lakehouseName: string;
  /** Absolute path of the folder that holds `Files/` and `Tables/`. */
  folder: string;
}

export interface EngineJob {
  /** The batch id. */
  id: string;
  request: BatchRequest;
  /** The lakehouse that hosts the batch: relative paths and the default catalogue are its own. */
  lakehouse: LakehouseMount;
  /** Every lakehouse of this local Fabric, the host's own included. */
  lakehouses: readonly LakehouseMount[];
  /** Host (with port, if any) of the OneLake endpoint, beside `onelake.dfs.fabric.microsoft.com`. */
  onelakeHost: string;
}

/** `queued`: not yet given to Spark. The last four are terminal. */
export type EnginePhase =
  'queued' | 'starting' | 'running' | 'success' | 'dead' | 'killed' | 'error';

export interface EngineSnapshot {
  phase: EnginePhase;
  /** Spark's application id; absent until the application exists. */
  applicationId?: string;
  /** Milliseconds since the epoch, each absent until it happened. */
  startingAt?: number;
  runningAt?: number;
  endedAt?: number;
  /** A message of the engine itself (spark-submit could not be started, capacity is full, …). */
  error?: { code: string; message: string };
  /** Fields merged over the batch body that the API would build, for words and shapes that are rare. */
  overlay?: Record<string, unknown>;
}

export type DriverStream = 'stdout' | 'stderr';

/** The driver's two streams, and spark-submit's own log (`livy`). */
export type EngineLog = DriverStream | 'livy';

/** A place at which the current file of a driver stream was closed and the next one began. */
export interface LogCut {
  /** `roll`: the next file is of the same attempt. `restart`: it is the first of the next attempt. */
  kind: 'roll' | 'restart';
  stream: DriverStream;
  /** Bytes of the stream before this place, those of all attempts. */
  at: number;
  /** Milliseconds since the epoch. */
  time: number;
}

/** What is asked of Spark's own REST API, below the application. */
export interface MonitoringResource {
  kind: 'jobs' | 'stages' | 'allexecutors';
  /** One job, or all attempts of one stage. */
  id?: number;
  /** Only those in one of these, in any case; none: all. */
  statuses?: readonly string[];
}

export interface EngineRun {
  snapshot(): EngineSnapshot;
  /** Bytes `[from, to)` of a log as far as it has been written; fewer when there are fewer. */
  read(log: EngineLog, from: number, to: number): Buffer;
  /** Length in bytes of a log as far as it has been written. */
  length(log: EngineLog): number;
  /** The cuts so far, in the order of time. An engine without this never cuts a stream. */
  cuts?(): readonly LogCut[];
  /** The JSON that Spark's REST API answers; `undefined` for what it does not know. */
  monitoring?(resource: MonitoringResource): Promise<unknown>;
  /** Asks for the end of the batch. Returns at once; `snapshot` tells when it has ended. */
  cancel(): void;
}

export interface Engine {
  readonly kind: 'spark' | 'script';
  run(job: EngineJob): EngineRun;
  /** Ends every process that this engine started, and waits for their end. */
  close(): Promise<void>;
}
