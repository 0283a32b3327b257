import type { EnginePhase } from '../engine/engine.ts';
import type { Batch } from './batch.ts';

const sessionStateOf: Readonly<Record<EnginePhase, string>> = {
  queued: 'NotStarted',
  starting: 'NotStarted',
  running: 'InProgress',
  success: 'Succeeded',
  dead: 'Failed',
  error: 'Failed',
  killed: 'Cancelled',
};

/** A batch as the monitoring API tells of it. Source: Lakehouse API, "Get Livy Session". */
export function sessionBody(batch: Batch, now: number): Record<string, unknown> {
  const { submitter, mount: lakehouse, request } = batch;
  const snapshot = batch.snapshot();
  const { startingAt, runningAt, endedAt } = snapshot;
  const end = endedAt ?? now;
  const principal = {
    id: submitter.objectId,
    displayName: submitter.name,
    type: 'ServicePrincipal',
  };
  const item = {
    workspaceId: lakehouse.workspaceId,
    itemId: lakehouse.lakehouseId,
    referenceType: 'ById',
  };
  return {
    sparkApplicationId: snapshot.applicationId,
    state: sessionStateOf[snapshot.phase],
    livyId: batch.id,
    livyName: request.name,
    origin: snapshot.phase === 'queued' ? 'PendingJob' : 'SubmittedJob',
    attemptNumber: batch.attempt,
    maxNumberOfAttempts: batch.attempt,
    submitter: principal,
    consumerId: principal,
    item,
    creatorItem: item,
    itemName: lakehouse.lakehouseName,
    itemType: 'Lakehouse',
    jobType: 'SparkBatch',
    operationName: 'Batch Livy Run',
    submittedDateTime: stamp(batch.acceptedAt),
    startDateTime: stamp(startingAt),
    endDateTime: stamp(endedAt),
    queuedDuration: seconds(batch.acceptedAt, runningAt ?? end),
    runningDuration: seconds(runningAt ?? end, end),
    totalDuration: seconds(batch.acceptedAt, end),
    jobInstanceId: batch.id,
    isHighConcurrency: false,
    runtimeVersion: '1.3',
    driverCores: request.driverCores,
    executorCores: request.executorCores,
    numExecutors: request.numExecutors,
    isDynamicAllocationEnabled: dynamic(request.conf?.['spark.dynamicAllocation.enabled']),
  };
}

/** As Spark takes it; a pool of Fabric may have another default. */
function dynamic(conf: string | undefined): boolean {
  return conf?.toLowerCase() === 'true';
}

function stamp(time: number | undefined): string | undefined {
  return time === undefined ? undefined : `${new Date(time).toISOString().slice(0, 19)}Z`;
}

function seconds(from: number, to: number): { value: number; timeUnit: string } {
  return { value: (to - from) / 1_000, timeUnit: 'Seconds' };
}
