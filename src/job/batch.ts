import { join } from 'node:path';
import type { RunWords } from '../livy/request.ts';
import type { BatchStatus } from '../livy/status.ts';
import type { RunFacts } from '../report/facts.ts';
import { LiveLog } from './live-log.ts';
import { runUrl, type Place } from './place.ts';
import { Progress } from './progress.ts';
import { settingNames } from './setting-names.ts';
import type { Step } from './step.ts';

/** A batch that this step follows. */
export interface FollowedBatch {
  id: string;
  /** Milliseconds since the epoch on the action's clock. */
  acceptedAt: number;
  /** The same on Fabric's clock, of a batch that an earlier step submitted and as far as Fabric tells. */
  submittedAt: number | undefined;
  log: LiveLog;
  progress: Progress | undefined;
  /** What the placeholders stand for; of the step that submitted it, as far as its tags tell. */
  words: Partial<RunWords>;
}

/** How a batch came to this step, and what is known of it. */
export interface Arrival {
  id: string;
  how: Exclude<RunFacts['submission'], 'unconfirmed' | 'none'>;
  status: BatchStatus;
  acceptedAt: number;
  /** On Fabric's clock, of a batch that an earlier step submitted. */
  submittedAt?: number | undefined;
  name: string;
  words: Partial<RunWords>;
}

/** Tells of a batch whose id is known and makes its log ready to be followed. */
export function beginBatch(step: Step, place: Place, arrival: Arrival): FollowedBatch {
  const { world, facts } = step;
  const { runner, clock } = world;
  const { id, how, status, acceptedAt, submittedAt, name, words } = arrival;
  const folder = join(
    runner.env('RUNNER_TEMP') ?? '.',
    'fabric-spark-batch',
    words.submission ?? id,
  );
  const log = new LiveLog({
    runner,
    clock,
    logs: place.logs(id),
    secrets: step.services.secrets,
    folder,
    shown: step.inputs.logs,
    limit: step.inputs.logLimit,
    late: how === 'attached' || how === 'followed',
  });
  const monitoring = place.monitoring?.(id);
  const { hide } = step.services;
  const { service } = place.livy.dialect;
  const progress = monitoring && new Progress({ clock, monitoring, service, facts, hide });
  Object.assign(facts, {
    batchId: id,
    batchName: name,
    submission: how,
    state: status.state,
    runUrl: runUrl(step.inputs, place.lakehouseId, id),
    logPath: step.inputs.wait ? folder : undefined,
    acceptedAt,
    startingAt: undefined,
    runningAt: undefined,
    endedAt: undefined,
    applicationId: undefined,
    stages: undefined,
    session: undefined,
    settings: how === 'followed' ? undefined : settingNames(step.inputs),
    result: 'Unknown',
  });
  runner.info(`Batch:       ${name} (${how}), id ${id}`);
  runner.info(`Run:         ${facts.runUrl ?? ''}`);
  step.outputs.publish(facts);
  return { id, acceptedAt, submittedAt, log, progress, words };
}

/** The words of a batch that an earlier step submitted, as its tags tell them. */
export function wordsOf({ tags }: BatchStatus): Partial<RunWords> {
  const [submission, runId, attempt] = [tags['submission'], tags['run-id'], tags['attempt']];
  return {
    ...(submission !== undefined && /^[0-9a-f]{32}$/.test(submission) ? { submission } : {}),
    ...(runId === undefined ? {} : { runId }),
    ...(attempt === undefined ? {} : { attempt }),
  };
}

/** When a batch of an earlier step was accepted: by Fabric's clock, but not later than now. */
export function acceptedAt(status: BatchStatus, now: number): number {
  return Math.min(status.acceptedAt ?? now, now);
}
