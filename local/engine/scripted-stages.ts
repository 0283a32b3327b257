import type { MonitoringResource } from './engine.ts';

/** Fields of a stage in the words of Spark's REST API, over those of a stage that has done nothing. */
export interface ScriptedStage {
  stageId: number;
  attemptId?: number;
  status?: string;
  name?: string;
  numTasks?: number;
  numCompleteTasks?: number;
  [field: string]: unknown;
}

const counts = [
  'numActiveTasks',
  'numCompleteTasks',
  'numFailedTasks',
  'numKilledTasks',
  'inputBytes',
  'inputRecords',
  'outputBytes',
  'outputRecords',
  'shuffleReadBytes',
  'shuffleReadRecords',
  'shuffleWriteBytes',
  'shuffleWriteRecords',
];
const nothingDone = {
  status: 'ACTIVE',
  attemptId: 0,
  numTasks: 1,
  ...Object.fromEntries(counts.map((count) => [count, 0])),
};

/** What `/stages` or `/stages/{id}` answers: the newest first, each as it was told last. */
export function scriptedStages(
  told: readonly ScriptedStage[],
  { id, statuses = [] }: MonitoringResource,
): unknown {
  const stages = new Map<string, ScriptedStage>();
  for (const stage of told) {
    const key = `${stage.stageId}.${stage.attemptId ?? 0}`;
    const name = `stage ${stage.stageId}`;
    stages.set(key, { ...nothingDone, name, ...stages.get(key), ...stage });
  }
  const all = [...stages.values()].sort((one, other) => other.stageId - one.stageId);
  if (id !== undefined) {
    const attempts = all.filter(({ stageId }) => stageId === id);
    return attempts.length === 0 ? undefined : attempts;
  }
  return all.filter(
    ({ status = '' }) =>
      statuses.length === 0 || statuses.some((one) => one.toUpperCase() === status.toUpperCase()),
  );
}
