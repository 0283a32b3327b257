import type { EngineSnapshot } from '../engine/engine.ts';
import type { Batch } from './batch.ts';

/** Livy's word, Fabric's result and Fabric's own word before Livy, for each phase (as seen by public clients). */
function words(
  snapshot: EngineSnapshot,
  cancelling: boolean,
): { state?: string; result?: string; fabric?: string } {
  switch (snapshot.phase) {
    case 'queued':
      return { state: 'not_started', result: 'Uncertain', fabric: 'queued' };
    case 'starting':
      return {
        state: 'starting',
        result: 'Uncertain',
        fabric: cancelling ? 'cancelling' : 'submitting',
      };
    case 'running':
      return {
        state: 'running',
        result: 'Uncertain',
        ...(cancelling ? { fabric: 'cancelling' } : {}),
      };
    case 'success':
      return { state: 'success', result: 'Succeeded' };
    case 'dead':
      return { state: 'dead', result: 'Failed' };
    case 'killed':
      return { state: 'killed', result: 'Cancelled', fabric: 'cancelled' };
    case 'error':
      return { state: 'error', result: 'Failed', fabric: 'error' };
  }
}

function time(milliseconds: number | undefined): string | undefined {
  return milliseconds === undefined ? undefined : new Date(milliseconds).toISOString();
}

/** Leaves out what is absent, as the real answers do. */
function present(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && value !== null),
  );
}

function schedulerState({ phase, endedAt }: EngineSnapshot): string {
  if (endedAt !== undefined) return 'Ended';
  return phase === 'queued' ? 'Queued' : 'Scheduled';
}

/** The echo of the request. Tags are no part of it. Source: Livy API swagger, LivyRequestBase. */
function creationRequest({ request }: Batch): Record<string, unknown> {
  return Object.fromEntries(Object.entries(request).filter(([name]) => name !== 'tags'));
}

export interface BodyOptions {
  /** False: tags are dropped, as by servers that do not know them. */
  tags: boolean;
}

/** The body of a batch. Source: fabric-samples, Livy API swagger, BatchResponse. */
export function batchBody(batch: Batch, options: BodyOptions): Record<string, unknown> {
  const snapshot = batch.snapshot();
  const { state, result, fabric } = words(snapshot, batch.cancels > 0);
  const endedAt = time(snapshot.endedAt);
  const failed = snapshot.phase === 'dead' || snapshot.phase === 'error';
  const message =
    snapshot.error?.message ?? (failed ? 'The Spark application ended with an error.' : undefined);
  return present({
    id: batch.id,
    name: batch.request.name,
    appId: snapshot.applicationId,
    artifactId: batch.mount.lakehouseId,
    jobType: 'SparkBatch',
    submitterId: batch.submitter.objectId,
    submitterName: batch.submitter.name,
    state,
    result,
    cancellationReason: snapshot.phase === 'killed' ? 'Cancelled by the Livy API.' : undefined,
    errorInfo: failed
      ? [{ message, errorCode: snapshot.error?.code ?? 'SparkJobFailed', source: 'User' }]
      : undefined,
    tags: options.tags ? batch.request.tags : undefined,
    livyInfo: present({
      notStartedAt: time(batch.acceptedAt),
      startingAt: time(snapshot.startingAt),
      runningAt: time(snapshot.runningAt),
      successAt: snapshot.phase === 'success' ? endedAt : undefined,
      deadAt: failed ? endedAt : undefined,
      killedAt: snapshot.phase === 'killed' ? endedAt : undefined,
      currentState: state,
      jobCreationRequest: creationRequest(batch),
    }),
    fabricBatchStateInfo:
      fabric === undefined
        ? undefined
        : present({
            state: fabric,
            errorMessage: snapshot.phase === 'error' ? message : undefined,
          }),
    schedulerInfo: present({
      submittedAt: time(batch.acceptedAt),
      queuedAt: time(batch.acceptedAt),
      scheduledAt: time(snapshot.startingAt),
      endedAt,
      currentState: schedulerState(snapshot),
    }),
    ...snapshot.overlay,
  });
}

/** The first answer is poor in fields: no application, no times. */
export function acceptedBody(batch: Batch, options: BodyOptions): Record<string, unknown> {
  return present({
    id: batch.id,
    name: batch.request.name,
    artifactId: batch.mount.lakehouseId,
    state: 'not_started',
    tags: options.tags ? batch.request.tags : undefined,
    fabricBatchStateInfo: { state: 'queued' },
    livyInfo: { jobCreationRequest: creationRequest(batch) },
  });
}

/** An item of the list. Source: the same, LivySparkActivity. */
export function listItem(batch: Batch, options: BodyOptions): Record<string, unknown> {
  const snapshot = batch.snapshot();
  const { state, result } = words(snapshot, batch.cancels > 0);
  return present({
    id: batch.id,
    appId: snapshot.applicationId,
    name: batch.request.name,
    workspaceId: batch.mount.workspaceId,
    submitterId: batch.submitter.objectId,
    submitterName: batch.submitter.name,
    artifactId: batch.mount.lakehouseId,
    result,
    submittedAt: time(batch.acceptedAt),
    startedAt: time(snapshot.runningAt),
    endedAt: time(snapshot.endedAt),
    tags: options.tags ? batch.request.tags : undefined,
    schedulerState: schedulerState(snapshot),
    livyState: state,
    isJobTimedOut: false,
  });
}
