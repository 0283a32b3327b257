import { createHash } from 'node:crypto';
import type { BatchBody } from './livy.ts';

/** What a run is told apart by; all of it goes into the tags of the batch (rule 2). */
export interface RunIdentity {
  serverUrl: string;
  repository: string;
  workflow: string;
  runId: string;
  attempt: string;
  runKey: string;
}

/** Everything of a submit but the nonce. */
export type BatchPlan = Omit<BatchBody, 'tags'>;

const digitsInName = 12;

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The part of the nonce that ends the batch's name, for servers that drop tags. */
export function nonceDigits(nonce: string): string {
  return nonce.slice(0, digitsInName);
}

/**
 * The body of a submit under a nonce (32 hex digits). `contents` maps each uploaded file's URI to
 * the hash of its bytes: the fingerprint holds that in its place, so that it is the same for the
 * same work wherever it was uploaded.
 */
export function batchBody(
  plan: BatchPlan,
  nonce: string,
  run: RunIdentity,
  contents: ReadonlyMap<string, string>,
): BatchBody {
  const work = JSON.stringify(plan, (key, value: unknown) => {
    if (key === 'name') return undefined;
    return typeof value === 'string' ? (contents.get(value) ?? value) : value;
  });
  const { serverUrl, repository, runId, workflow, runKey } = run;
  return {
    ...plan,
    name: `${plan.name} ${nonceDigits(nonce)}`,
    tags: {
      submission: nonce,
      lineage: sha256(JSON.stringify([serverUrl, repository, runId, workflow, runKey])),
      attempt: run.attempt,
      repository,
      'run-id': runId,
      fingerprint: sha256(work),
    },
  };
}
