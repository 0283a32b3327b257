import type { SparkStage } from '../facts.ts';

/** A stage with its time, in milliseconds since the epoch on the service's clock. */
export interface StageBar {
  stage: SparkStage;
  from: number;
  to: number;
}

/** The stages that ran, with their times; one that goes on lasts until `end`, where that is known. */
export function stageBars(stages: readonly SparkStage[], end: number | undefined): StageBar[] {
  return stages.flatMap((stage) => {
    const { submittedAt: from, completedAt, status } = stage;
    const to = completedAt ?? (status === 'active' || status === 'failed' ? end : undefined);
    return from !== undefined && to !== undefined && to >= from && Number.isFinite(to - from)
      ? [{ stage, from, to }]
      : [];
  });
}

/**
 * What a stage does, without what says nothing: the call site that PySpark gives to all that comes
 * through its gateway, and the folders of a file.
 */
export function stageName({ name }: SparkStage): string {
  return name
    .slice(0, 1_000)
    .replace(/ at NativeMethodAccessorImpl\.java:0$/, '')
    .replace(/ at \S*\/(?=[^/\s]+$)/, ' at ');
}

/** Milliseconds. */
export function lengthOf({ from, to }: StageBar): number {
  return to - from;
}
