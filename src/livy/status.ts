import { isObject, listAt, objectAt, textAt, timeAt } from '../http/json.ts';

/** A batch as one reply describes it. Every field may be absent (fabric-samples, Livy API swagger). */
export interface BatchStatus {
  id?: string | undefined;
  name?: string | undefined;
  appId?: string | undefined;
  /** Livy's word. */
  state?: string | undefined;
  result?: string | undefined;
  /** Fabric's word for what comes before Livy: `queued`, `submitting`, … */
  fabricState?: string | undefined;
  /** What Fabric says of a failure, in the order in which it is scattered over the reply. */
  messages: readonly string[];
  /** spark-submit's last lines, where the server gives them. */
  log: readonly string[];
  tags: Readonly<Record<string, string>>;
  /** Object id of the identity that submitted it. */
  submitterId?: string | undefined;
  /** Milliseconds since the epoch, on Fabric's clock. */
  acceptedAt?: number | undefined;
  startingAt?: number | undefined;
  runningAt?: number | undefined;
  endedAt?: number | undefined;
}

function strings(values: readonly unknown[]): string[] {
  return values.filter((value) => typeof value === 'string');
}

function tagsAt(body: unknown): Record<string, string> {
  const entries = Object.entries(objectAt(body, 'tags') ?? {});
  return Object.fromEntries(
    entries.flatMap(([key, value]) => (typeof value === 'string' ? [[key, value]] : [])),
  );
}

/** Reads the body of a batch, or of an item of the list. Fields of another type count as absent. */
export function batchStatus(body: unknown): BatchStatus {
  const fabric = objectAt(body, 'fabricBatchStateInfo');
  const livy = objectAt(body, 'livyInfo');
  const errors = listAt(body, 'errorInfo').map((error) => {
    const [code, message] = [textAt(error, 'errorCode'), textAt(error, 'message')];
    return code && message ? `${code}: ${message}` : (message ?? code);
  });
  const messages = [textAt(fabric, 'errorMessage'), ...errors, textAt(body, 'cancellationReason')];
  return {
    id: textAt(body, 'id'),
    name: textAt(body, 'name'),
    appId: textAt(body, 'appId'),
    state: textAt(body, 'state') ?? textAt(body, 'livyState'),
    result: textAt(body, 'result'),
    fabricState: textAt(fabric, 'state'),
    messages: [...new Set(messages.filter((message) => message !== undefined))],
    log: strings(listAt(body, 'log')),
    tags: tagsAt(body),
    submitterId: textAt(body, 'submitterId'),
    acceptedAt:
      timeAt(objectAt(body, 'schedulerInfo'), 'submittedAt') ??
      timeAt(livy, 'notStartedAt') ??
      timeAt(body, 'submittedAt'),
    startingAt: timeAt(livy, 'startingAt'),
    runningAt: timeAt(livy, 'runningAt') ?? timeAt(body, 'startedAt'),
    endedAt:
      timeAt(livy, 'successAt') ??
      timeAt(livy, 'deadAt') ??
      timeAt(livy, 'killedAt') ??
      timeAt(objectAt(body, 'schedulerInfo'), 'endedAt') ??
      timeAt(body, 'endedAt'),
  };
}

/** One page of the list of batches; `total` is absent where the server does not count. */
export interface BatchPage {
  items: readonly BatchStatus[];
  total: number | undefined;
}

export function batchPage(body: unknown): BatchPage | undefined {
  if (!isObject(body)) return undefined;
  // Fabric names the list `items`; Apache Livy names it `sessions` and counts in `total`.
  const list = [body['items'], body['sessions'], body['value']].find((candidate) =>
    Array.isArray(candidate),
  );
  if (list === undefined) return undefined;
  const total = body['totalCountOfMatchedItems'] ?? body['total'];
  return { items: list.map(batchStatus), total: typeof total === 'number' ? total : undefined };
}

/** What the batch is doing, in one or two of the service's own words. */
export function stateWords(status: BatchStatus): string {
  const words = [status.state, status.fabricState, status.result]
    .filter((word) => word !== undefined && !/^(unknown|uncertain)$/i.test(word))
    .map((word) => word?.toLowerCase());
  return [...new Set(words)].join(' / ') || 'accepted';
}
