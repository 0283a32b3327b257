import type { JsonObject } from '../../../src/http/json.ts';
import type { StageInfo } from './event-log.ts';
import { addTask, noTasks } from './task-metrics.ts';

interface StageKey {
  id: number;
  attempt: number;
}

/** How a task ended, in the words of the event log. */
interface TaskEnd {
  reason: string;
  index: number;
  metrics: JsonObject | undefined;
}

interface JobStart {
  id: number;
  at: number | undefined;
  stages: readonly StageInfo[];
  description: string | undefined;
  group: string | undefined;
}

/** Reasons for which Spark counts a task as killed rather than failed. */
const killed: ReadonlySet<string> = new Set(['TaskKilled', 'TaskCommitDenied']);

class Stage {
  info: StageInfo;
  status: 'PENDING' | 'ACTIVE' | 'COMPLETE' | 'FAILED' | 'SKIPPED' = 'PENDING';
  description: string | undefined;
  pool: string | undefined;
  firstTaskAt: number | undefined;
  active = 0;
  done = 0;
  failed = 0;
  killed = 0;
  readonly doneIndices = new Set<number>();
  readonly sums = noTasks();

  constructor(info: StageInfo) {
    this.info = info;
  }
}

interface Job extends JobStart {
  status: 'RUNNING' | 'SUCCEEDED' | 'FAILED';
  endedAt: number | undefined;
}

/**
 * Jobs and stages of an application, put together from its events as the driver does for its own REST
 * API. Source: Spark 3.5, AppStatusListener.scala; status/api/v1/api.scala.
 */
export class Application {
  readonly #stages = new Map<string, Stage>();
  readonly #jobs = new Map<number, Job>();

  jobStarted(start: JobStart): void {
    this.#jobs.set(start.id, { ...start, status: 'RUNNING', endedAt: undefined });
    for (const info of start.stages) {
      const key = keyText(info);
      if (!this.#stages.has(key)) this.#stages.set(key, new Stage(info));
    }
  }

  jobEnded(id: number, at: number | undefined, succeeded: boolean): void {
    const job = this.#jobs.get(id);
    if (!job) return;
    job.status = succeeded ? 'SUCCEEDED' : 'FAILED';
    job.endedAt = at;
    for (const stage of this.#stagesOf(job))
      if (stage.status === 'PENDING') stage.status = 'SKIPPED';
  }

  stageSubmitted(info: StageInfo, description?: string, pool?: string): void {
    const stage = this.#stage(info);
    Object.assign(stage, { status: 'ACTIVE', description, pool });
  }

  stageCompleted(info: StageInfo): void {
    const stage = this.#stage(info);
    stage.status = info.failure !== undefined ? 'FAILED' : 'COMPLETE';
    if (info.failure === undefined && info.submittedAt === undefined) stage.status = 'SKIPPED';
  }

  taskStarted(key: StageKey, at: number): void {
    const stage = this.#stages.get(keyText(key));
    if (!stage) return;
    stage.firstTaskAt ??= at;
    stage.active += 1;
  }

  taskEnded(key: StageKey, { reason, index, metrics }: TaskEnd): void {
    const stage = this.#stages.get(keyText(key));
    if (!stage) return;
    stage.active -= 1;
    addTask(stage.sums, metrics);
    if (killed.has(reason)) stage.killed += 1;
    else if (reason !== 'Success') stage.failed += 1;
    else {
      stage.done += 1;
      stage.doneIndices.add(index);
    }
  }

  /** As `/stages` answers: the newest first. */
  get stages(): JsonObject[] {
    return [...this.#stages.values()]
      .sort((one, other) => other.info.id - one.info.id || other.info.attempt - one.info.attempt)
      .map(stageData);
  }

  /** As `/jobs` answers: the newest first. */
  get jobs(): JsonObject[] {
    return [...this.#jobs.values()]
      .sort((one, other) => other.id - one.id)
      .map((job) => jobData(job, this.#stagesOf(job)));
  }

  #stage(info: StageInfo): Stage {
    const stage = this.#stages.get(keyText(info)) ?? new Stage(info);
    stage.info = info;
    this.#stages.set(keyText(info), stage);
    return stage;
  }

  /** Of each stage its last attempt. */
  #stagesOf(job: Job): Stage[] {
    return job.stages.flatMap(({ id }) => {
      const attempts = [...this.#stages.values()].filter(({ info }) => info.id === id);
      return attempts.sort((one, other) => one.info.attempt - other.info.attempt).at(-1) ?? [];
    });
  }
}

function keyText({ id, attempt }: StageKey): string {
  return `${id}.${attempt}`;
}

function stageData(stage: Stage): JsonObject {
  const { info } = stage;
  return {
    status: stage.status,
    stageId: info.id,
    attemptId: info.attempt,
    numTasks: info.tasks,
    numActiveTasks: stage.active,
    numCompleteTasks: stage.done,
    numFailedTasks: stage.failed,
    numKilledTasks: stage.killed,
    numCompletedIndices: stage.doneIndices.size,
    submissionTime: stamp(info.submittedAt),
    firstTaskLaunchedTime: stamp(stage.firstTaskAt),
    completionTime: stamp(info.completedAt),
    failureReason: info.failure,
    ...stage.sums,
    name: info.name,
    description: stage.description,
    details: info.details,
    schedulingPool: stage.pool ?? 'default',
    rddIds: info.rdds,
  };
}

function jobData(job: Job, stages: readonly Stage[]): JsonObject {
  const sum = (count: (stage: Stage) => number): number =>
    stages.reduce((total, stage) => total + count(stage), 0);
  const inStatus = (status: Stage['status']): number =>
    sum((stage) => (stage.status === status ? 1 : 0));
  // What an earlier job has done of a stage is not of this one.
  const own = (count: (stage: Stage) => number): number =>
    sum((stage) => (stage.status === 'SKIPPED' ? 0 : count(stage)));
  return {
    jobId: job.id,
    name: job.stages.toSorted((one, other) => one.id - other.id).at(-1)?.name ?? '',
    description: job.description,
    submissionTime: stamp(job.at),
    completionTime: stamp(job.endedAt),
    stageIds: job.stages.map(({ id }) => id),
    jobGroup: job.group,
    status: job.status,
    numTasks: sum(({ info }) => info.tasks),
    numActiveTasks: own(({ active }) => active),
    numCompletedTasks: own(({ done }) => done),
    numSkippedTasks: sum(({ status, info }) => (status === 'SKIPPED' ? info.tasks : 0)),
    numFailedTasks: own(({ failed }) => failed),
    numKilledTasks: own((stage) => stage.killed),
    numCompletedIndices: own(({ doneIndices }) => doneIndices.size),
    numActiveStages: inStatus('ACTIVE'),
    numCompletedStages: inStatus('COMPLETE'),
    numSkippedStages: inStatus('SKIPPED'),
    numFailedStages: inStatus('FAILED'),
  };
}

/** A time as this API writes it: `2025-03-05T12:31:31.000GMT`. */
function stamp(time: number | undefined): string | undefined {
  return time === undefined ? undefined : new Date(time).toISOString().replace('Z', 'GMT');
}
