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

/** Everything of a submit but the nonce; placeholders stand as the user wrote them. */
export type BatchPlan = Omit<BatchBody, 'tags'>;

/** What the placeholders of `args`, `conf`, `results`, `output-file` stand for. */
export interface RunWords {
  submission: string;
  runId: string;
  attempt: string;
}

const digitsInName = 12;

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The part of the nonce that ends the batch's name, for servers that drop tags. */
export function nonceDigits(nonce: string): string {
  return nonce.slice(0, digitsInName);
}

/** A text with `{submission}`, `{run-id}`, `{attempt}` replaced, each read once. */
export function filled(text: string, words: RunWords): string {
  const values: Readonly<Record<string, string>> = {
    '{submission}': words.submission,
    '{run-id}': words.runId,
    '{attempt}': words.attempt,
  };
  return text.replace(/\{(?:submission|run-id|attempt)\}/g, (word) => values[word] ?? word);
}

/** The same for every attempt of one call of a run (rule 2): what `on-rerun` knows a batch by. */
export function lineageOf(run: RunIdentity): string {
  const { serverUrl, repository, runId, workflow, runKey } = run;
  return sha256(JSON.stringify([serverUrl, repository, runId, workflow, runKey]));
}

/**
 * The same for the same work: of the request as the user wrote it, without the name. `contents` maps
 * each uploaded file's URI to what stands for it (its bytes and its name), so that it does not matter
 * where it was uploaded.
 */
export function fingerprintOf(plan: BatchPlan, contents: ReadonlyMap<string, string>): string {
  const work = JSON.stringify(plan, (key, value: unknown) => {
    if (key === 'name') return undefined;
    return typeof value === 'string' ? (contents.get(value) ?? value) : value;
  });
  return sha256(work);
}

/** What else the tags of a submit tell. */
export interface Marks {
  /** Nobody waits for the batch. */
  detached?: boolean;
  /** The nonce that names the folder of its uploads, where it is an earlier one. */
  upload?: string;
}

/** The body of a submit under a nonce (32 hex digits). */
export function batchBody(
  plan: BatchPlan,
  nonce: string,
  run: RunIdentity,
  contents: ReadonlyMap<string, string>,
  marks: Marks = {},
): BatchBody {
  const words = { submission: nonce, runId: run.runId, attempt: run.attempt };
  const { args, conf } = plan;
  return {
    ...plan,
    name: `${plan.name} ${nonceDigits(nonce)}`,
    ...(args ? { args: args.map((arg) => filled(arg, words)) } : {}),
    ...(conf
      ? {
          conf: Object.fromEntries(
            Object.entries(conf).map(([key, value]) => [key, filled(value, words)]),
          ),
        }
      : {}),
    tags: {
      submission: nonce,
      lineage: lineageOf(run),
      attempt: run.attempt,
      repository: run.repository,
      'run-id': run.runId,
      fingerprint: fingerprintOf(plan, contents),
      ...(marks.detached ? { detached: 'true' } : {}),
      ...(marks.upload === undefined ? {} : { upload: marks.upload }),
    },
  };
}
