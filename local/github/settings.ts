import { randomBytes } from 'node:crypto';
import { actionsBot, type Identity } from './access.ts';

/** A workflow run as GitHub's REST API tells of it. */
export interface WorkflowRun {
  status: 'queued' | 'in_progress' | 'completed';
  /** Once it is completed, such as `success` or `cancelled`. */
  conclusion?: string;
  /** 1 unless given. */
  attempt?: number;
}

/** Where GitHub Enterprise Server has its issuer and its API, below `https://HOST`. */
export const enterpriseServer = { issuerPath: '/_services/token', apiPath: '/api/v3' };

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
  /** What follows the origin in the claim `iss`; empty on github.com. */
  issuerPath: string;
  /** What follows the origin in `GITHUB_API_URL`; empty on github.com. */
  apiPath: string;
  /** What the REST API takes as the job's token. */
  apiToken: string;
  /** Whose the job's token is. */
  identity: Identity;
  /** Other tokens that the API knows. */
  identities: Readonly<Record<string, Identity>>;
  /** Numbers of the pull requests that there are. */
  pullRequests: readonly number[];
  /** By run id. Read anew for each request: runs may come and end meanwhile. */
  runs: Readonly<Record<string, WorkflowRun>>;
}

/** Fills in what was not given: a push to the branch `main`. */
export function defaultGitHub(given: Partial<GitHubSettings> = {}): GitHubSettings {
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
    issuerPath: '',
    apiPath: '',
    apiToken: `ghs_${randomBytes(27).toString('base64url').slice(0, 36)}`,
    identity: actionsBot,
    identities: {},
    pullRequests: [],
    runs: {},
    ...given,
  };
}
