import type { BearerClient } from '../auth/bearer.ts';
import { StepError, type ErrorCode } from '../errors.ts';
import { listAt, textAt } from '../http/json.ts';
import { TransportError } from '../http/transport.ts';
import { refused, unreachable, type RefusalAdvice } from './refused.ts';

export interface Named {
  id: string;
  /** The name as Fabric spells it; absent when the id was given and nothing was looked up. */
  name?: string | undefined;
}

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** True for a text in the form of an id: it is taken as one, without looking it up. */
export function isId(text: string): boolean {
  return guid.test(text);
}

/** How long a lookup is tried again while the service is out of reach or busy, in milliseconds. */
const patience = 120_000;
/** No tenant has this many pages; a server that never ends its list must not hold the step. */
const mostPages = 1_000;
const mostNames = 10;

interface Listed extends Named {
  name: string;
  /** Without a capacity a workspace cannot run Spark; absent for other kinds of item. */
  capacityId?: string | undefined;
}

/**
 * All pages of a list of the Fabric REST API. The continuation link is followed as it was given
 * (it is already encoded), and only on the same host (`BearerClient` sees to that).
 * Source: Fabric REST API, "Pagination".
 */
async function list(
  client: BearerClient,
  path: string,
  what: string,
  advice: RefusalAdvice,
  signal?: AbortSignal,
): Promise<Listed[]> {
  const found: Listed[] = [];
  let url: string | undefined = `${client.origin}${path}`;
  for (let page = 0; url !== undefined && page < mostPages; page += 1) {
    const answer = await client
      .send({ method: 'GET', url }, { patience, signal })
      .catch((thrown: unknown) => {
        throw thrown instanceof TransportError ? unreachable(what, client.origin, thrown) : thrown;
      });
    if (answer.status !== 200) throw refused(what, answer, advice);
    for (const item of listAt(answer.json, 'value')) {
      const [id, name] = [textAt(item, 'id'), textAt(item, 'displayName')];
      if (id !== undefined && name !== undefined)
        found.push({ id, name, capacityId: textAt(item, 'capacityId') });
    }
    url = textAt(answer.json, 'continuationUri');
  }
  return found;
}

/** The one item of that name, compared without case; else an error that says which are there. */
function pick(
  items: readonly Listed[],
  name: string,
  kind: string,
  code: ErrorCode,
  advice: string,
): Listed {
  const wanted = name.toLowerCase();
  const exact = items.filter((item) => item.name === name);
  const matches =
    exact.length > 0 ? exact : items.filter((item) => item.name.toLowerCase() === wanted);
  const [only, second] = matches;
  if (only && !second) return only;
  if (only) {
    throw new StepError(code, `There are ${matches.length} ${kind}s named "${name}".`, {
      advice: `Give the id instead: ${matches.map((item) => item.id).join(', ')}.`,
    });
  }
  throw new StepError(
    code,
    `There is no ${kind} named "${name}" that this identity can see. ${whichAreThere(items, kind)}`,
    {
      advice,
    },
  );
}

function whichAreThere(items: readonly Listed[], kind: string): string {
  if (items.length === 0) return `It can see no ${kind} at all.`;
  const names = items.map((item) => item.name).sort((a, b) => a.localeCompare(b));
  const shown = names.slice(0, mostNames).join(', ');
  const more = names.length > mostNames ? `, and ${names.length - mostNames} more` : '';
  return `It can see: ${shown}${more}.`;
}

const access =
  'Give the service principal the role Contributor in the workspace, and check that the tenant setting "Service principals can call Fabric public APIs" includes it.';

/** Finds a workspace by name, over all pages. An id is taken as it is. Throws `StepError`. */
export async function findWorkspace(
  client: BearerClient,
  nameOrId: string,
  signal?: AbortSignal,
): Promise<Named & { hasNoCapacity?: boolean }> {
  if (isId(nameOrId)) return { id: nameOrId };
  const items = await list(
    client,
    '/v1/workspaces',
    'Listing the workspaces',
    { forbidden: access, notFound: 'Check fabric-endpoint.' },
    signal,
  );
  const found = pick(items, nameOrId, 'workspace', 'WORKSPACE_NOT_FOUND', access);
  return { id: found.id, name: found.name, hasNoCapacity: found.capacityId === undefined };
}

/** Finds a lakehouse of a workspace by name, over all pages. An id is taken as it is. Throws `StepError`. */
export async function findLakehouse(
  client: BearerClient,
  workspaceId: string,
  nameOrId: string,
  signal?: AbortSignal,
): Promise<Named> {
  if (isId(nameOrId)) return { id: nameOrId };
  const advice = {
    forbidden: access,
    notFound: `Check workspace: this identity cannot see the workspace ${workspaceId}. ${access}`,
    notFoundCode: 'WORKSPACE_NOT_FOUND' as const,
  };
  const items = await list(
    client,
    `/v1/workspaces/${workspaceId}/lakehouses`,
    'Listing the lakehouses',
    advice,
    signal,
  );
  const found = pick(
    items,
    nameOrId,
    'lakehouse',
    'LAKEHOUSE_NOT_FOUND',
    'Check lakehouse and workspace.',
  );
  return { id: found.id, name: found.name };
}

/** Finds an environment of a workspace by name, over all pages. An id is taken as it is. Throws `StepError`. */
export async function findEnvironment(
  client: BearerClient,
  workspaceId: string,
  nameOrId: string,
  signal?: AbortSignal,
): Promise<Named> {
  if (isId(nameOrId)) return { id: nameOrId };
  const items = await list(
    client,
    `/v1/workspaces/${workspaceId}/environments`,
    'Listing the environments',
    {
      forbidden: access,
      notFound: `Check workspace: this identity cannot see the workspace ${workspaceId}. ${access}`,
      notFoundCode: 'WORKSPACE_NOT_FOUND',
    },
    signal,
  );
  const found = pick(
    items,
    nameOrId,
    'environment',
    'ENVIRONMENT_NOT_FOUND',
    'Check environment; one of another workspace is given by its id.',
  );
  return { id: found.id, name: found.name };
}
