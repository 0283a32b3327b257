import type { FastifyRequest } from 'fastify';
import { queryOf, type Listener } from '../listener.ts';
import type { Places } from '../place.ts';
import type { LakehouseSettings, WorkspaceSettings } from '../settings.ts';
import type { Access } from './access.ts';
import { page } from './pages.ts';

export interface WorkspacesParts {
  access: Access;
  places: Places;
  pageSize: number;
  fabricOrigin: () => string;
  onelakeOrigin: () => string;
}

function listed(
  request: FastifyRequest,
  items: readonly unknown[],
  parts: WorkspacesParts,
): unknown {
  const path = request.raw.url ?? '/';
  return page(items, parts.pageSize, {
    url: `${parts.fabricOrigin()}${path}`,
    query: queryOf(request),
  });
}

function workspaceBody(workspace: WorkspaceSettings): Record<string, unknown> {
  const { id, name, capacityId } = workspace;
  return {
    id,
    displayName: name,
    description: '',
    type: 'Workspace',
    ...(capacityId === undefined ? {} : { capacityId }),
  };
}

function lakehouseBody(
  workspace: WorkspaceSettings,
  lakehouse: LakehouseSettings,
  onelake: string,
): Record<string, unknown> {
  const root = `${onelake}/${workspace.id}/${lakehouse.id}`;
  return {
    id: lakehouse.id,
    displayName: lakehouse.name,
    description: '',
    type: 'Lakehouse',
    workspaceId: workspace.id,
    properties: { oneLakeFilesPath: `${root}/Files`, oneLakeTablesPath: `${root}/Tables` },
  };
}

interface OfWorkspace {
  Params: { workspaceId: string };
}
interface OfLakehouse {
  Params: { workspaceId: string; lakehouseId: string };
}

/** Workspaces and lakehouses, by id and as paged lists. Source: Fabric REST API, Core and Lakehouse. */
export function serveWorkspaces(app: Listener, parts: WorkspacesParts): void {
  const { access, places, onelakeOrigin } = parts;
  app.get('/v1/workspaces', async (request) => {
    const caller = await access.caller(request);
    const seen = places.workspaces.filter(({ id }) => access.roleOf(caller, id) !== 'none');
    return listed(request, seen.map(workspaceBody), parts);
  });
  app.get<OfWorkspace>('/v1/workspaces/:workspaceId', async (request) => {
    const { workspace } = await access.workspace(request, request.params.workspaceId);
    return { ...workspaceBody(workspace), oneLakeEndpoints: { dfsEndpoint: onelakeOrigin() } };
  });
  app.get<OfWorkspace>('/v1/workspaces/:workspaceId/lakehouses', async (request) => {
    const { workspace } = await access.workspace(request, request.params.workspaceId);
    const bodies = workspace.lakehouses.map((lakehouse) =>
      lakehouseBody(workspace, lakehouse, onelakeOrigin()),
    );
    return listed(request, bodies, parts);
  });
  app.get<OfLakehouse>('/v1/workspaces/:workspaceId/lakehouses/:lakehouseId', async (request) => {
    const { workspace, lakehouse } = await access.lakehouse(request, request.params);
    return lakehouseBody(workspace, lakehouse, onelakeOrigin());
  });
}
