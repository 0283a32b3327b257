import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import {
  isObject,
  listAt,
  numberAt,
  objectAt,
  parseJson,
  textAt,
  type JsonObject,
} from '../../../src/http/json.ts';
import { Application } from './application.ts';

/**
 * What Spark's own event log tells of an application. A last line that is still being written is left
 * out. Source: Spark 3.5, JsonProtocol.scala.
 */
export async function readEventLog(path: string): Promise<Application> {
  const application = new Application();
  const lines = createInterface({ input: createReadStream(path), crlfDelay: Infinity });
  for await (const line of lines) {
    // Most of a log are events of other listeners, whose plans are long.
    if (!line.startsWith('{"Event":"SparkListener')) continue;
    const event = parseJson(line);
    if (isObject(event)) take(application, event);
  }
  return application;
}

function take(application: Application, event: JsonObject): void {
  const properties = objectAt(event, 'Properties');
  const info = objectAt(event, 'Stage Info');
  switch (textAt(event, 'Event')) {
    case 'SparkListenerJobStart':
      application.jobStarted({
        id: numberAt(event, 'Job ID') ?? 0,
        at: numberAt(event, 'Submission Time'),
        stages: listAt(event, 'Stage Infos').map(stageInfo),
        description: textAt(properties, 'spark.job.description'),
        group: textAt(properties, 'spark.jobGroup.id'),
      });
      return;
    case 'SparkListenerJobEnd':
      application.jobEnded(
        numberAt(event, 'Job ID') ?? 0,
        numberAt(event, 'Completion Time'),
        textAt(objectAt(event, 'Job Result'), 'Result') === 'JobSucceeded',
      );
      return;
    case 'SparkListenerStageSubmitted':
      application.stageSubmitted(
        stageInfo(info),
        textAt(properties, 'spark.job.description'),
        textAt(properties, 'spark.scheduler.pool'),
      );
      return;
    case 'SparkListenerStageCompleted':
      application.stageCompleted(stageInfo(info));
      return;
    case 'SparkListenerTaskStart':
      application.taskStarted(
        keyOf(event),
        numberAt(objectAt(event, 'Task Info'), 'Launch Time') ?? 0,
      );
      return;
    case 'SparkListenerTaskEnd':
      application.taskEnded(keyOf(event), {
        reason: textAt(objectAt(event, 'Task End Reason'), 'Reason') ?? '',
        index: numberAt(objectAt(event, 'Task Info'), 'Index') ?? 0,
        metrics: objectAt(event, 'Task Metrics'),
      });
  }
}

function keyOf(event: JsonObject): { id: number; attempt: number } {
  return {
    id: numberAt(event, 'Stage ID') ?? 0,
    attempt: numberAt(event, 'Stage Attempt ID') ?? 0,
  };
}

/** A stage as events tell of it; what has not happened is absent. */
export interface StageInfo {
  id: number;
  attempt: number;
  name: string;
  tasks: number;
  details: string;
  rdds: readonly number[];
  submittedAt: number | undefined;
  completedAt: number | undefined;
  failure: string | undefined;
}

function stageInfo(info: unknown): StageInfo {
  return {
    ...keyOf(isObject(info) ? info : {}),
    name: textAt(info, 'Stage Name') ?? '',
    tasks: numberAt(info, 'Number of Tasks') ?? 0,
    details: textAt(info, 'Details') ?? '',
    rdds: listAt(info, 'RDD Info').flatMap((rdd) => numberAt(rdd, 'RDD ID') ?? []),
    submittedAt: numberAt(info, 'Submission Time'),
    completedAt: numberAt(info, 'Completion Time'),
    failure: textAt(info, 'Failure Reason'),
  };
}
