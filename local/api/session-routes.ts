import { Readable } from 'node:stream';
import { queryOf, type Listener } from '../listener.ts';
import { chunks } from './log-answer.ts';
import {
  MonitoringApi,
  type ApplicationIds,
  type MonitoringParts,
  type SessionIds,
} from './monitoring-api.ts';

interface OfSession {
  Params: SessionIds;
}
interface OfApplication {
  Params: ApplicationIds & { id?: string };
}

const session = '/v1/workspaces/:workspaceId/lakehouses/:lakehouseId/livySessions/:livyId';

/** The monitoring API of a batch and its logs over HTTP. */
export function serveSessions(app: Listener, parts: MonitoringParts): void {
  const api = new MonitoringApi(parts);
  app.get<OfSession>(session, (request) => api.session(request, request.params));
  for (const attempt of ['', '/:attempt']) {
    app.get<OfApplication>(
      `${session}/applications/:application${attempt}/logs`,
      async (request, reply) => {
        const answer = await api.log(request, request.params, queryOf(request));
        if ('json' in answer) return answer.json;
        const { batch, part } = answer;
        return reply
          .header('content-type', 'application/octet-stream')
          .header('content-length', part.to - part.from)
          .send(Readable.from(chunks(batch, part), { objectMode: false }));
      },
    );
    for (const kind of ['jobs', 'stages', 'allexecutors'] as const) {
      const list = `${session}/applications/:application${attempt}/${kind}`;
      for (const path of kind === 'allexecutors' ? [list] : [list, `${list}/:id(^\\d+$)`])
        app.get<OfApplication>(path, (request) => {
          const { id, ...ids } = request.params;
          const statuses = queryOf(request).getAll('status');
          const resource = { kind, statuses, ...(id === undefined ? {} : { id: Number(id) }) };
          return api.spark(request, ids, resource);
        });
    }
  }
}
