import { randomBytes } from 'node:crypto';
import type { Clock } from '../src/clock.ts';
import type { Engine } from './engine/engine.ts';
import type { FaultRule } from './faults.ts';

/** The four services of a local Fabric, each a listener of its own. */
export type HostKind = 'authority' | 'issuer' | 'fabric' | 'onelake';

/** `none`: does not see the workspace. `viewer`: reads. `contributor`: also runs batches and writes. */
export type Role = 'none' | 'viewer' | 'contributor';

export interface LakehouseSettings {
  /** A GUID. */
  id: string;
  name: string;
}

export interface WorkspaceSettings {
  /** A GUID. */
  id: string;
  name: string;
  /** A GUID; without a capacity a workspace cannot run Spark. */
  capacityId?: string;
  lakehouses: readonly LakehouseSettings[];
}

export interface FederatedCredential {
  /** By default the issuer of this local Fabric. */
  issuer?: string;
  /** Compared exactly, case included, as Entra does since August 2024. */
  subject: string;
  /** By default `api://AzureADTokenExchange`. */
  audience?: string;
}

/** An application with its service principal, as it stands in Entra. */
export interface ApplicationSettings {
  /** A GUID. */
  clientId: string;
  /** Object id of the service principal: the submitter's id in Fabric. */
  objectId: string;
  name: string;
  secret?: string;
  /** True: the secret is right and out of date (AADSTS7000222). */
  secretExpired?: boolean;
  federatedCredentials: readonly FederatedCredential[];
  /** Role by workspace id; `contributor` where nothing is said. */
  roles?: Readonly<Record<string, Role>>;
}

/** What GitHub's issuer says of the workflow run. Ids are decimal texts, as in GitHub's tokens. */
export interface GitHubSettings {
  /** `owner/name`. */
  repository: string;
  repositoryId: string;
  repositoryOwnerId: string;
  ref: string;
  sha: string;
  runId: string;
  runNumber: string;
  runAttempt: string;
  eventName: string;
  workflow: string;
  /** File of the workflow, such as `.github/workflows/orders.yml`. */
  workflowFile: string;
  actor: string;
  environment?: string;
  /** The claim `sub`. */
  subject: string;
  /** How long the request token is accepted, from the start; seconds. */
  requestTokenSeconds: number;
}

export interface CapacitySettings {
  /** Batches that may be active at a time; further ones are turned away. Absent: no limit. */
  maxConcurrent?: number;
  /** `refuse`: HTTP 430. `fail-later`: accepted with 202, and the batch ends with the same error. */
  whenFull: 'refuse' | 'fail-later';
  /** `Retry-After` of the 430; absent: none is sent. */
  retryAfterSeconds?: number;
}

export interface DriverLogSettings {
  /** After the end of the application `offset` and `size` have no effect (documented by Fabric). */
  offsetsEndWithApplication: boolean;
  /** 404 before the application runs; else an empty log. */
  absentBeforeStart: boolean;
  /** A larger `offset` is answered with 400. Absent: no limit. */
  largestOffset?: number;
  /** `size` has no effect: everything from the offset on comes back. */
  sizeIgnored: boolean;
}

export interface Settings {
  engine: Engine;
  clock: Pick<Clock, 'now'>;
  /** Holds the lakehouses, the certificate, what is being uploaded. Absent: a temporary folder, removed at the end. */
  stateFolder?: string;
  /** 0: any free port. */
  ports: Readonly<Record<HostKind, number>>;
  workspaces: readonly WorkspaceSettings[];
  /** Most items that one page of any list holds. */
  pageSize: number;
  /** A GUID. */
  tenantId: string;
  /** At least one; the first is the one that `LocalFabric` tells of. */
  applications: readonly ApplicationSettings[];
  /** Lifetime of an access token. */
  tokenSeconds: number;
  github: GitHubSettings;
  capacity: CapacitySettings;
  /** How long a batch waits before it is given to the engine; seconds. */
  queueSeconds: number;
  /** After its acceptance a batch is missing from the list for so many seconds. */
  listLagSeconds: number;
  /** After its acceptance a batch is answered with 404 for so many seconds. */
  readLagSeconds: number;
  /** Requests a minute to the Fabric API that an identity has before it gets 429. Absent: no limit. */
  requestsPerMinute?: number;
  /** False: batches are answered without the tags of their submit. */
  tagsKept: boolean;
  driverLog: DriverLogSettings;
  faults: readonly FaultRule[];
}

type Nested = 'engine' | 'github' | 'capacity' | 'driverLog' | 'ports';

/** Settings as they are given: only the engine is required. */
export interface LocalFabricSettings extends Partial<Omit<Settings, Nested>> {
  engine: Engine;
  github?: Partial<GitHubSettings>;
  capacity?: Partial<CapacitySettings>;
  driverLog?: Partial<DriverLogSettings>;
  ports?: Partial<Record<HostKind, number>>;
}

/** Ids of the default workspace, lakehouse, tenant and application: fixed, so that they can be named. */
export const defaultIds = {
  workspace: '5f0b6d3c-0a51-4c1e-9d5b-1d2f3a4b5c61',
  capacity: '0d9c8b7a-6f5e-4d3c-8b2a-1f0e9d8c7b62',
  lakehouse: 'c1a7e5d9-3b2f-4e8a-8c6d-7e9f0a1b2c63',
  tenant: '7a6b5c4d-3e2f-4a1b-9c8d-0e1f2a3b4c64',
  client: 'b2c3d4e5-f6a7-4b8c-9d0e-1f2a3b4c5d65',
  principal: 'd4e5f6a7-b8c9-4d0e-8f1a-2b3c4d5e6f66',
};

function defaultGitHub(given: Partial<GitHubSettings> = {}): GitHubSettings {
  const repository = given.repository ?? 'octo-org/orders';
  const ref = given.ref ?? 'refs/heads/main';
  const context =
    given.environment === undefined ? `ref:${ref}` : `environment:${given.environment}`;
  return {
    repository,
    repositoryId: '74',
    repositoryOwnerId: '65',
    ref,
    sha: '0123456789abcdef0123456789abcdef01234567',
    runId: '9000000001',
    runNumber: '12',
    runAttempt: '1',
    eventName: 'push',
    workflow: 'orders',
    workflowFile: '.github/workflows/orders.yml',
    actor: 'octocat',
    subject: `repo:${repository}:${context}`,
    requestTokenSeconds: 6 * 3_600,
    ...given,
  };
}

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** True for a text in the form of an id of Entra or Fabric. */
export function isGuid(text: string): boolean {
  return guid.test(text);
}

/** Fills in what was not given. Throws `Error` when ids are no GUIDs or names are used twice. */
export function completeSettings(given: LocalFabricSettings, clock: Settings['clock']): Settings {
  const github = defaultGitHub(given.github);
  const settings: Settings = {
    clock,
    workspaces: [
      {
        id: defaultIds.workspace,
        name: 'analytics',
        capacityId: defaultIds.capacity,
        lakehouses: [{ id: defaultIds.lakehouse, name: 'orders' }],
      },
    ],
    pageSize: 100,
    tenantId: defaultIds.tenant,
    applications: [
      {
        clientId: defaultIds.client,
        objectId: defaultIds.principal,
        name: 'local-fabric-client',
        secret: randomBytes(24).toString('base64url'),
        federatedCredentials: [{ subject: github.subject }],
      },
    ],
    tokenSeconds: 3_599,
    queueSeconds: 0,
    listLagSeconds: 0,
    readLagSeconds: 0,
    tagsKept: true,
    faults: [],
    ...given,
    github,
    capacity: { whenFull: 'refuse', ...given.capacity },
    driverLog: {
      offsetsEndWithApplication: true,
      absentBeforeStart: true,
      sizeIgnored: false,
      ...given.driverLog,
    },
    ports: { authority: 0, issuer: 0, fabric: 0, onelake: 0, ...given.ports },
  };
  check(settings);
  return settings;
}

function check(settings: Settings): void {
  const { workspaces, applications, tenantId } = settings;
  const lakehouses = workspaces.flatMap((workspace) => workspace.lakehouses);
  const ids = [
    tenantId,
    ...workspaces.map(({ id }) => id),
    ...lakehouses.map(({ id }) => id),
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
