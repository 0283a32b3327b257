import { randomBytes } from 'node:crypto';
import type { Clock } from '../src/clock.ts';
import type { Engine } from './engine/engine.ts';
import { publicAudiences } from './entra/resources.ts';
import type { FaultRule } from './faults.ts';
import { defaultGitHub, type GitHubSettings } from './github/settings.ts';
import { checkSettings } from './settings-check.ts';

/** The four services of a local Fabric, each a listener of its own. */
export type HostKind = 'authority' | 'issuer' | 'fabric' | 'onelake';

/** `none`: does not see the workspace. `viewer`: reads. `contributor`: also runs batches and writes. */
export type Role = 'none' | 'viewer' | 'contributor';

export interface LakehouseSettings {
  /** A GUID. */
  id: string;
  name: string;
}

export interface EnvironmentSettings {
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
  /** Absent: none. */
  environments?: readonly EnvironmentSettings[];
}

/** What a token must be for, by service: the national clouds have other audiences. */
export type Audiences = Readonly<Record<'fabric' | 'onelake', readonly string[]>>;

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

export interface CapacitySettings {
  /** Batches that may be active at a time; further ones are turned away. Absent: no limit. */
  maxConcurrent?: number;
  /** `refuse`: HTTP 430. `fail-later`: accepted with 202, and the batch ends with the same error. */
  whenFull: 'refuse' | 'fail-later';
  /** `Retry-After` of the 430; absent: none is sent. */
  retryAfterSeconds?: number;
}

export interface QuotaSettings {
  /** Requests a minute to the Fabric API that an identity has before it gets 429. */
  perMinute: number;
  /** How the 429 tells when to come again: by its header, by `until: …` in its message, by both, or not at all. */
  says: 'retry-after' | 'until' | 'both' | 'nothing';
}

/** The next submits are each done twice, as by a gateway that repeats a request. */
export interface TwinSettings {
  /** How many submits. */
  times: number;
  /** The lag of each second batch in the list; by default that of every batch. */
  listLagSeconds?: number;
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
  /** False: `offset` and `size` never have an effect; the whole file comes back each time. */
  offsetsServed: boolean;
  /**
   * Name of the file that is being written, once its stream was rolled. `plain`: `stdout`, as
   * before. `active`: `stdout-active`, and there is no `stdout` any more.
   */
  activeName: 'plain' | 'active';
  /** False: 404 for the list of the files (`type=rollingdriver`). */
  rollingServed: boolean;
}

export interface Settings {
  engine: Engine;
  clock: Pick<Clock, 'now'>;
  /** Holds the lakehouses, the certificate, what is being uploaded. Absent: a temporary folder, removed at the end. */
  stateFolder?: string;
  /** 0: any free port. */
  ports: Readonly<Record<HostKind, number>>;
  /** DNS names that the certificate holds beside `localhost`, for a proxy that maps them to this machine. */
  certificateNames: readonly string[];
  workspaces: readonly WorkspaceSettings[];
  /** Most items that one page of any list holds. */
  pageSize: number;
  /** A GUID. */
  tenantId: string;
  /** At least one; the first is the one that `LocalFabric` tells of. */
  applications: readonly ApplicationSettings[];
  /** Lifetime of an access token. */
  tokenSeconds: number;
  /** By default those of the public cloud. */
  audiences: Audiences;
  github: GitHubSettings;
  capacity: CapacitySettings;
  /** How long a batch waits before it is given to the engine; seconds. */
  queueSeconds: number;
  /** After its acceptance a batch is missing from the list for so many seconds. */
  listLagSeconds: number;
  /** After its acceptance a batch is answered with 404 for so many seconds. */
  readLagSeconds: number;
  /** Absent: no limit. */
  quota?: QuotaSettings;
  twinsOfSubmit?: TwinSettings;
  /** False: batches are answered without the tags of their submit. */
  tagsKept: boolean;
  /** Read anew for each request: it may be replaced meanwhile. */
  driverLog: DriverLogSettings;
  faults: readonly FaultRule[];
}

type Nested = 'engine' | 'github' | 'capacity' | 'driverLog' | 'ports' | 'quota';

/** Settings as they are given: only the engine is required. */
export interface LocalFabricSettings extends Partial<Omit<Settings, Nested>> {
  engine: Engine;
  github?: Partial<GitHubSettings>;
  capacity?: Partial<CapacitySettings>;
  driverLog?: Partial<DriverLogSettings>;
  ports?: Partial<Record<HostKind, number>>;
  quota?: Pick<QuotaSettings, 'perMinute'> & Partial<QuotaSettings>;
  /** Short for a quota of which nothing else is said. */
  requestsPerMinute?: number;
}

/** Ids of the default workspace, lakehouse, environment, tenant and application: fixed, so that they can be named. */
export const defaultIds = {
  workspace: '5f0b6d3c-0a51-4c1e-9d5b-1d2f3a4b5c61',
  capacity: '0d9c8b7a-6f5e-4d3c-8b2a-1f0e9d8c7b62',
  lakehouse: 'c1a7e5d9-3b2f-4e8a-8c6d-7e9f0a1b2c63',
  environment: 'e5f6a7b8-c9d0-4e1f-8a2b-3c4d5e6f7a67',
  tenant: '7a6b5c4d-3e2f-4a1b-9c8d-0e1f2a3b4c64',
  client: 'b2c3d4e5-f6a7-4b8c-9d0e-1f2a3b4c5d65',
  principal: 'd4e5f6a7-b8c9-4d0e-8f1a-2b3c4d5e6f66',
};

/** Fills in what was not given. Throws `Error` when ids are no GUIDs or names are used twice. */
export function completeSettings(given: LocalFabricSettings, clock: Settings['clock']): Settings {
  const { requestsPerMinute, quota: givenQuota, ...rest } = given;
  const github = defaultGitHub(given.github);
  const quota = givenQuota ?? (requestsPerMinute ? { perMinute: requestsPerMinute } : undefined);
  const settings: Settings = {
    clock,
    workspaces: [
      {
        id: defaultIds.workspace,
        name: 'analytics',
        capacityId: defaultIds.capacity,
        lakehouses: [{ id: defaultIds.lakehouse, name: 'orders' }],
        environments: [{ id: defaultIds.environment, name: 'team' }],
      },
    ],
    certificateNames: [],
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
    audiences: publicAudiences,
    queueSeconds: 0,
    listLagSeconds: 0,
    readLagSeconds: 0,
    tagsKept: true,
    faults: [],
    ...rest,
    github,
    ...(quota && { quota: { says: 'both', ...quota } }),
    capacity: { whenFull: 'refuse', ...given.capacity },
    driverLog: {
      offsetsEndWithApplication: true,
      absentBeforeStart: true,
      sizeIgnored: false,
      offsetsServed: true,
      activeName: 'plain',
      rollingServed: true,
      ...given.driverLog,
    },
    ports: { authority: 0, issuer: 0, fabric: 0, onelake: 0, ...given.ports },
  };
  checkSettings(settings);
  return settings;
}
