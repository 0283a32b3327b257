import { isGuid } from './guid.ts';
import type { Settings } from './settings.ts';

/** Throws `Error` when ids are no GUIDs, ids or names are used twice, or there is no application. */
export function checkSettings(settings: Settings): void {
  const { workspaces, applications, tenantId } = settings;
  const lakehouses = workspaces.flatMap((workspace) => workspace.lakehouses);
  const environments = workspaces.flatMap((workspace) => workspace.environments ?? []);
  const ids = [
    tenantId,
    ...workspaces.map(({ id }) => id),
    ...lakehouses.map(({ id }) => id),
    ...environments.map(({ id }) => id),
    ...applications.flatMap(({ clientId, objectId }) => [clientId, objectId]),
  ];
  const wrong = ids.find((id) => !isGuid(id));
  if (wrong !== undefined) throw new Error(`Not a GUID: ${wrong}`);
  if (applications.length === 0) throw new Error('At least one application is needed.');
  unique(
    'workspace',
    workspaces.map(({ name }) => name),
  );
  for (const workspace of workspaces) {
    unique(
      `lakehouse of ${workspace.name}`,
      workspace.lakehouses.map(({ name }) => name),
    );
    unique(
      `environment of ${workspace.name}`,
      (workspace.environments ?? []).map(({ name }) => name),
    );
  }
  unique('id', ids);
}

function unique(what: string, names: readonly string[]): void {
  const seen = new Set<string>();
  for (const name of names.map((text) => text.toLowerCase())) {
    if (seen.has(name)) throw new Error(`Used twice as ${what}: ${name}`);
    seen.add(name);
  }
}
