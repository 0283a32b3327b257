import type { BearerClient } from '../auth/bearer.ts';
import type { Answer } from '../http/client.ts';

/**
 * What Fabric tells of a batch beside its state and its log. Nothing here may cost the step anything:
 * each is one attempt with the token at hand, without a sign-in; `undefined` when there is none. A pause
 * that an answer asks for holds for these requests alone, and is the caller's to keep.
 * They throw `TransportError` as `HttpClient.send` does.
 */
export interface Monitoring {
  /** Spark's stages of the application, of its last attempt: the list of Spark's own REST API. */
  stages(applicationId: string, signal: AbortSignal): Promise<Answer | undefined>;
  /** Fabric's record of the batch: durations and sizes. */
  session(signal: AbortSignal): Promise<Answer | undefined>;
  /** When the next request may go; milliseconds since the epoch. */
  freeAt(): number;
  /** How many requests a minute our budget leaves beside so many that are planned. */
  room(planned: number): number;
}

/**
 * Sources: Lakehouse API, "Livy Sessions - Get Livy Session"; "Open-source Apache Spark monitoring
 * APIs"; Spark, "Monitoring and Instrumentation", REST API.
 */
export function fabricMonitoring(
  client: BearerClient,
  address: { workspaceId: string; lakehouseId: string; batchId: string },
): Monitoring {
  const { workspaceId, lakehouseId, batchId } = address;
  const session = `${client.origin}/v1/workspaces/${workspaceId}/lakehouses/${lakehouseId}/livySessions/${encodeURIComponent(batchId)}`;
  const get = (url: string, signal: AbortSignal): Promise<Answer | undefined> =>
    client.sendAtOnce({ method: 'GET', url, optional: true }, signal);
  return {
    stages: (applicationId, signal) =>
      get(`${session}/applications/${encodeURIComponent(applicationId)}/stages`, signal),
    session: (signal) => get(session, signal),
    freeAt: () => client.http.freeAt(client.origin),
    room: (planned) => client.http.room(client.origin, planned),
  };
}
