/**
 * The resources whose tokens are issued, as scopes name them and as `aud` does.
 * Fabric takes its own audience and Power BI's; OneLake takes that of Azure Storage only.
 * Sources: Fabric REST API, "Scopes"; "OneLake access and APIs", "Authorization".
 */
export const fabricAudiences = [
  'https://api.fabric.microsoft.com',
  'https://analysis.windows.net/powerbi/api',
];
export const onelakeAudiences = ['https://storage.azure.com'];

const known = [...fabricAudiences, ...onelakeAudiences];

/** The audience of a scope of the client-credentials flow; absent when no such resource is in the tenant. */
export function audienceOf(scope: string): string | undefined {
  const resource = scope.replace(/\/\.default$/, '').replace(/\/$/, '');
  return known.find((audience) => audience === resource);
}

/** The flow takes exactly one scope, the `.default` of a resource. */
export function isDefaultScope(scope: string): boolean {
  return /^\S+\/\.default$/.test(scope);
}
