import { queryOf, type Listener } from '../listener.ts';
import { LivyApi, type LakehouseIds, type LivyApiParts } from './livy-api.ts';

interface OfLakehouse {
  Params: LakehouseIds;
}
interface OfBatch {
  Params: LakehouseIds & { batchId: string };
}

/** The Livy API for batches over HTTP: submit, list, get, cancel. */
export function serveBatches(app: Listener, parts: LivyApiParts): void {
  const api = new LivyApi(parts);
  const path =
    '/v1/workspaces/:workspaceId/lakehouses/:lakehouseId/livyapi/versions/2023-12-01/batches';
  app.post<OfLakehouse>(path, async (request, reply) =>
    reply.code(202).send(await api.submit(request, request.params, request.body)),
  );
  app.get<OfLakehouse>(path, (request) => api.list(request, request.params, queryOf(request)));
  app.get<OfBatch>(`${path}/:batchId`, (request) =>
    api.get(request, request.params, request.params.batchId),
  );
  app.delete<OfBatch>(`${path}/:batchId`, async (request, reply) => {
    await api.cancel(request, request.params, request.params.batchId);
    return reply.code(200).send();
  });
}
