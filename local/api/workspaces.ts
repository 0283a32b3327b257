import type { FastifyRequest } from 'fastify';
import { queryOf, type Listener } from '../listener.ts';
import { sameText, type Places } from '../place.ts';
import type { EnvironmentSettings, LakehouseSettings, WorkspaceSettings } from '../settings.ts';
import type { Access } from './access.ts';
import { ApiError } from './api-error.ts';
import { page } from './pages.ts';

export interface WorkspacesParts {
  access: Access;
  places: Places;
  pageSize: number;
  onelakeOrigin: () => string;
}

function listed(
  request: FastifyRequest,
  items: readonly unknown[],
  parts: WorkspacesParts,
): unknown {
  return page(items, parts.pageSize, {
    // The host as it was asked for: behind a proxy it may have another name.
    url: `https://${request.host}${request.raw.url ?? '/'}`,
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

function environmentBody(
  workspace: WorkspaceSettings,
  { id, name }: EnvironmentSettings,
): Record<string, unknown> {
  return { id, displayName: name, description: '', type: 'Environment', workspaceId: workspace.id };
}

interface OfWorkspace {
  Params: { workspaceId: string };
}
interface OfLakehouse {
  Params: { workspaceId: string; lakehouseId: string };
}

interface OfEnvironment {
  Params: { workspaceId: string; environmentId: string };
}

/**
 * Workspaces, lakehouses and environments, by id and as paged lists.
 * Source: Fabric REST API, Core, Lakehouse and Environment.
 */
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
  app.get<OfWorkspace>('/v1/workspaces/:workspaceId/environments', async (request) => {
    const { workspace } = await access.workspace(request, request.params.workspaceId);
    const bodies = (workspace.environments ?? []).map((one) => environmentBody(workspace, one));
    return listed(request, bodies, parts);
  });
  app.get<OfEnvironment>(
    '/v1/workspaces/:workspaceId/environments/:environmentId',
    async (request) => {
      const { workspaceId, environmentId } = request.params;
      const { workspace } = await access.workspace(request, workspaceId);
      const found = workspace.environments?.find(({ id }) => sameText(id, environmentId));
      if (!found)
        throw new ApiError(404, 'ItemNotFound', `The item '${environmentId}' was not found.`);
      return environmentBody(workspace, found);
    },
  );
}
