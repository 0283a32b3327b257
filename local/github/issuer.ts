import { randomBytes, randomUUID } from 'node:crypto';
import type { Clock } from '../../src/clock.ts';
import { queryOf, type Listener } from '../listener.ts';
import type { SigningKey } from '../signing-key.ts';
import type { GitHubSettings } from './settings.ts';

/** Lifetime of an ID token of GitHub, in milliseconds. */
const lifetime = 5 * 60_000;

export interface IssuerParts {
  clock: Pick<Clock, 'now'>;
  key: SigningKey;
  github: GitHubSettings;
  /** Its own URL, known once it listens: the claim `iss`. */
  url: () => string;
}

/** What a job with `permissions: id-token: write` gets in its environment. */
export interface RequestCredential {
  /** Path and query of `ACTIONS_ID_TOKEN_REQUEST_URL`; the toolkit appends `&audience=…`. */
  path: string;
  token: string;
}

/**
 * GitHub's OIDC issuer: ID tokens for a job that shows its request token.
 * Source: GitHub docs, "OpenID Connect reference".
 */
export function serveIssuer(app: Listener, parts: IssuerParts): RequestCredential {
  const { clock, key, github, url } = parts;
  const started = clock.now();
  const credential = {
    path: `/_apis/distributedtask/hubs/build/idtoken?api-version=2.0`,
    token: randomBytes(24).toString('base64url'),
  };

  app.get(`${github.issuerPath}/.well-known/openid-configuration`, () => ({
    issuer: url(),
    jwks_uri: `${url()}/.well-known/jwks`,
    subject_types_supported: ['public', 'pairwise'],
    response_types_supported: ['id_token'],
    claims_supported: ['sub', 'aud', 'exp', 'iat', 'iss', 'jti', 'nbf', ...Object.keys(claims())],
    id_token_signing_alg_values_supported: ['RS256'],
    scopes_supported: ['openid'],
  }));
  app.get(`${github.issuerPath}/.well-known/jwks`, () => key.jwks);

  app.get('/_apis/distributedtask/hubs/build/idtoken', async (request, reply) => {
    const sent = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (sent === undefined) return reply.code(401).send({ message: 'A request token is needed.' });
    if (sent !== credential.token)
      return reply.code(403).send({ message: 'The request token is not that of this job.' });
    const now = clock.now();
    if (now >= started + github.requestTokenSeconds * 1_000)
      return reply.code(401).send({ message: 'The request token has expired.' });
    const owner = github.repository.split('/')[0] ?? '';
    const value = await key.sign(
      {
        ...claims(),
        iss: url(),
        sub: github.subject,
        aud: queryOf(request).get('audience') ?? `https://github.com/${owner}`,
        jti: randomUUID(),
      },
      { from: now, to: now + lifetime },
    );
    return { count: value.length, value };
  });

  function claims(): Record<string, string> {
    const owner = github.repository.split('/')[0] ?? '';
    const workflow = `${github.repository}/${github.workflowFile}@${github.ref}`;
    return {
      repository: github.repository,
      repository_id: github.repositoryId,
      repository_owner: owner,
      repository_owner_id: github.repositoryOwnerId,
      repository_visibility: 'private',
      ref: github.ref,
      ref_type: github.ref.startsWith('refs/tags/') ? 'tag' : 'branch',
      sha: github.sha,
      run_id: github.runId,
      run_number: github.runNumber,
      run_attempt: github.runAttempt,
      event_name: github.eventName,
      workflow: github.workflow,
      workflow_ref: workflow,
      workflow_sha: github.sha,
      job_workflow_ref: workflow,
      job_workflow_sha: github.sha,
      actor: github.actor,
      runner_environment: 'github-hosted',
      ...(github.environment === undefined ? {} : { environment: github.environment }),
    };
  }
  return credential;
}
