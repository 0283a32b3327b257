import { createHash } from 'node:crypto';

/** The repository that an upload belongs to; workspaces and upload-path may be shared by many. */
export interface Owner {
  serverUrl: string;
  repository: string;
}

/** Name of the folder of a submission's uploads: its nonce, then digits that tell whose it is (rule 9). */
export function uploadFolderName(nonce: string, owner: Owner): string {
  return `${nonce}-${ownerDigits(owner)}`;
}

/** The nonce in the name of an upload folder of this owner; `undefined` for any other folder. */
export function nonceOfFolder(name: string, owner: Owner): string | undefined {
  const [, nonce, digits] = /^([0-9a-f]{32})-([0-9a-f]{12})$/.exec(name) ?? [];
  return digits === ownerDigits(owner) ? nonce : undefined;
}

function ownerDigits({ serverUrl, repository }: Owner): string {
  const text = JSON.stringify([serverUrl.toLowerCase(), repository.toLowerCase()]);
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
