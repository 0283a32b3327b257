import type { Runner } from '../runner.ts';

/**
 * What main leaves for post (rule 4): each is saved before the step that would need cleaning up.
 * No secrets.
 */
export const savedKeys = {
  workspaceId: 'workspace-id',
  lakehouseId: 'lakehouse-id',
  /** Saved before the first byte of an upload. */
  uploadFolder: 'upload-folder',
  /** Saved before the POST. */
  nonce: 'submission',
  /** Saved in the same tick as the reply. */
  batchId: 'batch-id',
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
