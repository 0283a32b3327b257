import { isObject, parseJson } from '../../src/http/json.ts';
import { endpointVariable } from '../../src/inputs/endpoints.ts';
import type { LocalFabric } from '../fabric.ts';

/** What later steps of the job are told of a local Fabric. */
export interface Exports {
  /** Environment variables, which the action reads where its inputs are not given. */
  variables: Readonly<Record<string, string>>;
  outputs: Readonly<Record<string, string>>;
  /** Values to mask. */
  secrets: readonly string[];
}

/** @param certificatePath a PEM file that holds the certificate, and those that were trusted before. */
export function exportsOf(
  fabric: Pick<LocalFabric, 'hosts' | 'env' | 'clientId' | 'clientSecret' | 'folderOf'> & {
    settings: Pick<LocalFabric['settings'], 'tenantId' | 'workspaces'>;
  },
  certificatePath: string,
): Exports {
  const { hosts, env, clientId, clientSecret, settings } = fabric;
  const endpoints = {
    'fabric-endpoint': hosts.fabric,
    'onelake-endpoint': hosts.onelake,
    'authority-host': hosts.authority,
  };
  const requestUrl = env['ACTIONS_ID_TOKEN_REQUEST_URL'] ?? '';
  const requestToken = env['ACTIONS_ID_TOKEN_REQUEST_TOKEN'] ?? '';
  const [workspace] = settings.workspaces;
  const lakehouseId = workspace?.lakehouses[0]?.id ?? '';
  return {
    variables: {
      ...Object.fromEntries(
        Object.entries(endpoints).map(([input, host]) => [endpointVariable(input), host]),
      ),
      NODE_EXTRA_CA_CERTS: certificatePath,
      AZURE_TENANT_ID: settings.tenantId,
      AZURE_CLIENT_ID: clientId,
      ACTIONS_ID_TOKEN_REQUEST_URL: requestUrl,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: requestToken,
    },
    outputs: {
      ...endpoints,
      'tenant-id': settings.tenantId,
      'client-id': clientId,
      'client-secret': clientSecret,
      'workspace-id': workspace?.id ?? '',
      'lakehouse-id': lakehouseId,
      'lakehouse-folder': fabric.folderOf(lakehouseId),
      'certificate-path': certificatePath,
    },
    secrets: [clientSecret, requestToken],
  };
}

/** Reads what the background process wrote; `undefined` when it is no `Exports`. */
export function parseExports(text: string): Exports | undefined {
  const value = parseJson(text);
  if (!isObject(value)) return undefined;
  const { variables, outputs, secrets } = value;
  if (!isTexts(variables) || !isTexts(outputs) || !Array.isArray(secrets)) return undefined;
  return { variables, outputs, secrets: secrets.map(String) };
}

function isTexts(value: unknown): value is Record<string, string> {
  return isObject(value) && Object.values(value).every((text) => typeof text === 'string');
}
