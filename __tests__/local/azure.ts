import { Agent, type AgentOptions } from 'node:https';
import {
  ClientAssertionCredential,
  ClientSecretCredential,
  type TokenCredential,
} from '@azure/identity';
import { DataLakeServiceClient } from '@azure/storage-file-datalake';
import { afterEach } from '@jest/globals';
import { defaultIds } from '../../local/settings.ts';
import { scopes, type Bench } from './bench.ts';

const agents: Agent[] = [];

afterEach(() => {
  for (const agent of agents.splice(0)) agent.destroy();
});

/** Connections that trust the certificate of a local Fabric, and that one only; closed after the test. */
export function trusting(on: Bench, options: AgentOptions = {}): Agent {
  const agent = new Agent({ ca: on.fabric.certificate, keepAlive: true, ...options });
  agents.push(agent);
  return agent;
}

export interface DataLakeParts {
  origin?: string;
  agent?: Agent;
  credential?: TokenCredential;
}

/** Microsoft's client of OneLake. Its retries would wait for real, so it has none. */
export function dataLake(on: Bench, parts: DataLakeParts = {}): DataLakeServiceClient {
  const ofBench = {
    getToken: async () => ({
      token: await on.token(scopes.onelake),
      expiresOnTimestamp: Date.now() + 3_600_000,
    }),
  };
  const { origin = on.fabric.hosts.onelake, agent = trusting(on), credential = ofBench } = parts;
  // The agent is an option of the pipeline below the SDK's own; the SDK hands it on.
  const options = { retryOptions: { maxTries: 1 }, agent };
  return new DataLakeServiceClient(origin, credential, options);
}

/** What both credentials of `@azure/identity` need to sign in here. */
function credentialOptions(on: Bench) {
  return {
    authorityHost: on.fabric.hosts.authority,
    disableInstanceDiscovery: true,
    agent: trusting(on),
    retryOptions: { maxRetries: 0 },
  };
}

export function secretCredential(
  on: Bench,
  secret = on.fabric.clientSecret,
): ClientSecretCredential {
  const { tenant } = defaultIds;
  return new ClientSecretCredential(tenant, on.fabric.clientId, secret, credentialOptions(on));
}

export function assertionCredential(
  on: Bench,
  assertion: () => Promise<string>,
): ClientAssertionCredential {
  const { tenant } = defaultIds;
  return new ClientAssertionCredential(
    tenant,
    on.fabric.clientId,
    assertion,
    credentialOptions(on),
  );
}
