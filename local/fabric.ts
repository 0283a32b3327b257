import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { systemClock } from '../src/clock.ts';
import { Access } from './api/access.ts';
import type { Batch } from './api/batch.ts';
import { serveBatches } from './api/batch-routes.ts';
import { Batches } from './api/batches.ts';
import { serveSessions } from './api/session-routes.ts';
import { serveWorkspaces } from './api/workspaces.ts';
import { makeCertificate } from './certificate.ts';
import { AccessTokens } from './entra/access-token.ts';
import { serveAuthority } from './entra/authority.ts';
import { Directory } from './entra/directory.ts';
import { Faults } from './faults.ts';
import { serveGitHubApi } from './github/api.ts';
import { IssueComments } from './github/comments.ts';
import { serveIssuer } from './github/issuer.ts';
import { createListener, type JournalEntry, type Listener } from './listener.ts';
import { serveOneLake } from './onelake/dfs.ts';
import { Uploads } from './onelake/uploads.ts';
import { Places } from './place.ts';
import {
  completeSettings,
  type HostKind,
  type LocalFabricSettings,
  type Settings,
} from './settings.ts';
import { SigningKey } from './signing-key.ts';

/** A Fabric on this machine, listening. */
export interface LocalFabric {
  settings: Settings;
  /** Origins, such as `https://127.0.0.1:41234`. */
  hosts: Readonly<Record<HostKind, string>>;
  /** PEM, and the file that holds it. */
  certificate: string;
  certificatePath: string;
  stateFolder: string;
  /** Of the first application. */
  clientId: string;
  clientSecret: string;
  /** The job's token for GitHub's REST API. */
  githubToken: string;
  /** On pull requests of the job's repository. */
  comments: IssueComments;
  /** What the runner sets for a job that may ask for ID tokens, the API of GitHub, and the certificate to trust. */
  env: Readonly<Record<string, string>>;
  /** The inputs that point the action here. */
  inputs: Readonly<Record<string, string>>;
  /** Every request so far. */
  requests: readonly JournalEntry[];
  /** TCP connections accepted so far, by service. */
  connections: Readonly<Record<HostKind, number>>;
  faults: Faults;
  /** Every batch so far, newest first, with the engine's own truth. */
  batches: readonly Batch[];
  /** The folder of a lakehouse, with `Files/` and `Tables/`. */
  folderOf(lakehouseId: string): string;
  close(): Promise<void>;
}

const kinds: readonly HostKind[] = ['authority', 'issuer', 'fabric', 'onelake'];

/** Starts the four services on loopback. Throws when a setting is wrong or a port is taken. */
export async function startLocalFabric(given: LocalFabricSettings): Promise<LocalFabric> {
  const settings = completeSettings(given, given.clock ?? systemClock);
  const { clock, engine, github, audiences } = settings;
  const stateFolder = resolve(settings.stateFolder ?? mkdtempSync(join(tmpdir(), 'local-fabric-')));
  mkdirSync(stateFolder, { recursive: true });
  const certificate = await makeCertificate(settings.certificateNames);
  const certificatePath = join(stateFolder, 'certificate.pem');
  writeFileSync(certificatePath, certificate.certificate);

  const journal: JournalEntry[] = [];
  const connections: Record<HostKind, number> = { authority: 0, issuer: 0, fabric: 0, onelake: 0 };
  const hosts: Record<HostKind, string> = { authority: '', issuer: '', fabric: '', onelake: '' };
  const faults = new Faults(settings.faults);
  const listener = (host: HostKind): Listener =>
    createListener({
      host,
      certificate,
      clock,
      faults,
      journal,
      onConnection: () => (connections[host] += 1),
    });
  const apps = {
    authority: listener('authority'),
    issuer: listener('issuer'),
    fabric: listener('fabric'),
    onelake: listener('onelake'),
  };

  const directory = new Directory(settings.tenantId, settings.applications);
  const [entraKey, githubKey] = await Promise.all([SigningKey.make(), SigningKey.make()]);
  const tokens = new AccessTokens(entraKey, directory);
  const places = new Places(settings.workspaces, stateFolder);
  const issuerUrl = (): string => `${hosts.issuer}${github.issuerPath}`;
  serveAuthority(apps.authority, {
    clock,
    directory,
    key: entraKey,
    tokens,
    tokenSeconds: settings.tokenSeconds,
    audiences,
    origin: () => hosts.authority,
    issuer: () => ({ url: issuerUrl(), key: githubKey }),
  });
  const credential = serveIssuer(apps.issuer, {
    clock,
    key: githubKey,
    github,
    url: issuerUrl,
  });
  const apiUrl = (): string => `${hosts.issuer}${github.apiPath}`;
  const comments = new IssueComments(clock);
  serveGitHubApi(apps.issuer, { github, comments, url: apiUrl });
  const access = new Access({
    clock,
    tokens,
    directory,
    audiences: audiences.fabric,
    places,
    quota: settings.quota,
  });
  access.install(apps.fabric);
  serveWorkspaces(apps.fabric, {
    access,
    places,
    pageSize: settings.pageSize,
    onelakeOrigin: () => hosts.onelake,
  });
  const batches = new Batches({
    ...settings,
    places,
    onelakeHost: () => new URL(hosts.onelake).host,
  });
  serveBatches(apps.fabric, { ...settings, access, places, batches });
  serveSessions(apps.fabric, { settings, access, batches });
  serveOneLake(apps.onelake, {
    clock,
    tokens,
    directory,
    audiences: audiences.onelake,
    places,
    uploads: new Uploads(stateFolder),
    pageSize: settings.pageSize,
  });

  const stop = async (): Promise<void> => {
    await Promise.all(kinds.map((kind) => apps[kind].close()));
    if (settings.stateFolder === undefined) rmSync(stateFolder, { recursive: true, force: true });
  };
  try {
    for (const kind of kinds) hosts[kind] = await listen(apps[kind], settings.ports[kind]);
  } catch (thrown) {
    await stop();
    throw thrown;
  }
  const [application] = settings.applications;
  return {
    settings,
    hosts,
    certificate: certificate.certificate,
    certificatePath,
    stateFolder,
    clientId: application?.clientId ?? '',
    clientSecret: application?.secret ?? '',
    githubToken: github.apiToken,
    comments,
    env: {
      NODE_EXTRA_CA_CERTS: certificatePath,
      ACTIONS_ID_TOKEN_REQUEST_URL: `${hosts.issuer}${credential.path}`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: credential.token,
      GITHUB_API_URL: apiUrl(),
      GITHUB_GRAPHQL_URL: `${apiUrl().replace(/\/v3$/, '')}/graphql`,
    },
    inputs: {
      'fabric-endpoint': hosts.fabric,
      'onelake-endpoint': hosts.onelake,
      'authority-host': hosts.authority,
      'portal-url': 'https://app.fabric.microsoft.com',
      'tenant-id': settings.tenantId,
      'client-id': application?.clientId ?? '',
    },
    requests: journal,
    connections,
    faults,
    batches: batches.all,
    folderOf: (lakehouseId) => join(stateFolder, 'lakehouses', lakehouseId),
    async close() {
      await engine.close();
      await stop();
    },
  };
}

async function listen(app: Listener, port: number): Promise<string> {
  await app.listen({ host: '127.0.0.1', port });
  const address: AddressInfo | string | null = app.server.address();
  if (address === null || typeof address === 'string') throw new Error('The listener has no port.');
  return `https://127.0.0.1:${address.port}`;
}
