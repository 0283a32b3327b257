import type { Audiences } from '../settings.ts';

/**
 * The resources of the public cloud, as scopes name them and as `aud` does. Fabric takes its own
 * audience and Power BI's; OneLake takes that of Azure Storage only.
 * Sources: Fabric REST API, "Scopes"; "OneLake access and APIs", "Authorization".
 */
export const publicAudiences: Audiences = {
  fabric: ['https://api.fabric.microsoft.com', 'https://analysis.windows.net/powerbi/api'],
  onelake: ['https://storage.azure.com'],
};

/** The audience of a scope of the client-credentials flow; absent when no such resource is in the tenant. */
export function audienceOf(scope: string, { fabric, onelake }: Audiences): string | undefined {
  const resource = scope.replace(/\/\.default$/, '').replace(/\/$/, '');
  return [...fabric, ...onelake].find((audience) => audience === resource);
}

/** The flow takes exactly one scope, the `.default` of a resource. */
export function isDefaultScope(scope: string): boolean {
  return /^\S+\/\.default$/.test(scope);
}
