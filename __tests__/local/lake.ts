import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { defaultIds, type ApplicationSettings, type Role } from '../../local/settings.ts';
import { dfsCodeOf, lakehouse, workspace, type Bench, type Reply } from './bench.ts';

export const second = {
  workspace: '11111111-2222-4333-8444-555555555503',
  lakehouse: '11111111-2222-4333-8444-555555555504',
};

export function withRoles(roles: Record<string, Role>): ApplicationSettings[] {
  const { client, principal } = defaultIds;
  const federatedCredentials: [] = [];
  return [
    {
      clientId: client,
      objectId: principal,
      name: 'app',
      secret: 's',
      federatedCredentials,
      roles,
    },
  ];
}

export const twoWorkspaces = [
  { id: workspace, name: 'analytics', lakehouses: [{ id: lakehouse, name: 'orders' }] },
  { id: second.workspace, name: 'other', lakehouses: [{ id: second.lakehouse, name: 'lake' }] },
];

export function onDisk(on: Bench, path: string): string {
  return join(on.fabric.folderOf(lakehouse), path);
}

export function ask(on: Bench, method: string, path: string, headers = {}): Promise<Reply> {
  return on.call('onelake', method, path, { headers });
}

export async function append(
  on: Bench,
  path: string,
  position: number,
  body: string,
): Promise<Reply> {
  return on.call('onelake', 'PATCH', `${path}?action=append&position=${position}`, {
    body: Buffer.from(body),
  });
}

export const flush = (on: Bench, path: string, position: number): Promise<Reply> =>
  ask(on, 'PATCH', `${path}?action=flush&position=${position}&close=true`);

export async function write(on: Bench, path: string, text: string): Promise<void> {
  expect((await ask(on, 'PUT', `${path}?resource=file`)).status).toBe(201);
  expect((await append(on, path, 0, text)).status).toBe(202);
  expect((await flush(on, path, Buffer.byteLength(text))).status).toBe(200);
}

/** Files of appends that lie on disk and are nobody's yet. */
export function staged(on: Bench): string[] {
  return readdirSync(join(on.fabric.stateFolder, 'uploads'));
}

export function refused(reply: Reply): unknown[] {
  if (reply.json !== undefined) {
    expect(dfsCodeOf(reply)).toBe(reply.headers['x-ms-error-code']);
    expect(reply.headers['x-ms-request-id']).toBeDefined();
  }
  return [reply.status, reply.headers['x-ms-error-code']];
}
