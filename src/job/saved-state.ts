import type { Runner } from '../runner.ts';

/**
 * What main leaves for post (rule 4): each is saved before the step that would need cleaning up.
 * No secrets.
 */
export const savedKeys = {
  workspaceId: 'workspace-id',
  lakehouseId: 'lakehouse-id',
  /** The Apache Livy in place of a lakehouse. */
  livyUrl: 'livy-url',
  /** Saved before the first byte of an upload. */
  uploadFolder: 'upload-folder',
  /** The upload of a batch that is over, which main did not come to delete. */
  uploadLeft: 'upload-left',
  /** Saved before the POST. */
  nonce: 'submission',
  /** Saved in the same tick as the reply. */
  batchId: 'batch-id',
  /** Without which an id of Apache Livy does not count; saved before the POST. */
  batchName: 'batch-name',
  /** The batch whose DELETE was taken. */
  cancelTaken: 'cancel-taken',
  /** How the batch came to this step; saved with its id. One that is `followed` is not ours. */
  ownership: 'ownership',
  /** Nonces of submits that may have started a batch that nobody told of. */
  doubts: 'doubts',
  /** When the last of them came in doubt; milliseconds since the epoch. */
  doubtedAt: 'doubted-at',
  /** Batches of this step that ended before the one that is followed (the capacity was full). */
  earlier: 'earlier-batches',
  /** Batches beside the one that is followed, which main has told of. */
  twins: 'twins',
  /** The cause of an ending that cancels: `cancel`, `timeout`, `error`; or `unconfirmed`. */
  cause: 'cause',
  /** There is nothing left to do: the batch ended, never was, or is left running on purpose. */
  settled: 'settled',
} as const;

export type SavedKey = keyof typeof savedKeys;

export function save(runner: Runner, key: SavedKey, value: string): void {
  runner.saveState(savedKeys[key], value);
}

/** '' when main never came so far. */
export function saved(runner: Runner, key: SavedKey): string {
  return runner.state(savedKeys[key]);
}

/** A list that was saved with commas between its items; ids and nonces hold none. */
export function savedList(runner: Runner, key: SavedKey): string[] {
  return saved(runner, key)
    .split(',')
    .filter((item) => item !== '');
}
