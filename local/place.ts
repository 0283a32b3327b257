import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { LakehouseMount } from './engine/engine.ts';
import type { LakehouseSettings, WorkspaceSettings } from './settings.ts';

/** The workspaces and lakehouses, and the folders that hold the lakehouses' data. */
export class Places {
  readonly workspaces: readonly WorkspaceSettings[];
  readonly mounts: readonly LakehouseMount[];

  /** Makes `<state>/lakehouses/<id>/Files` and `…/Tables` for each lakehouse. `stateFolder`: absolute. */
  constructor(workspaces: readonly WorkspaceSettings[], stateFolder: string) {
    this.workspaces = workspaces;
    this.mounts = workspaces.flatMap((workspace) =>
      workspace.lakehouses.map((lakehouse) => ({
        workspaceId: workspace.id,
        workspaceName: workspace.name,
        lakehouseId: lakehouse.id,
        lakehouseName: lakehouse.name,
        folder: join(stateFolder, 'lakehouses', lakehouse.id),
      })),
    );
    for (const { folder } of this.mounts)
      for (const top of ['Files', 'Tables']) mkdirSync(join(folder, top), { recursive: true });
  }

  /** By id, compared without case. */
  workspace(id: string): WorkspaceSettings | undefined {
    return this.workspaces.find((workspace) => sameText(workspace.id, id));
  }

  /** Is there an environment of that id, in whatever workspace? */
  hasEnvironment(id: string): boolean {
    return this.workspaces.some(({ environments = [] }) =>
      environments.some((environment) => sameText(environment.id, id)),
    );
  }

  /** By ids, compared without case. */
  mount(workspaceId: string, lakehouseId: string): LakehouseMount | undefined {
    return this.mounts.find(
      (mount) =>
        sameText(mount.workspaceId, workspaceId) && sameText(mount.lakehouseId, lakehouseId),
    );
  }
}

export function lakehouseOf(
  workspace: WorkspaceSettings,
  id: string,
): LakehouseSettings | undefined {
  return workspace.lakehouses.find((lakehouse) => sameText(lakehouse.id, id));
}

/** Ids and names are compared without case, as Fabric does. */
export function sameText(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
