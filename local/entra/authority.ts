import { randomUUID } from 'node:crypto';
import type { Clock } from '../../src/clock.ts';
import { isGuid } from '../guid.ts';
import type { Listener } from '../listener.ts';
import type { ApplicationSettings, Audiences } from '../settings.ts';
import type { SigningKey } from '../signing-key.ts';
import type { AccessTokens } from './access-token.ts';
import { assertionType, checkAssertion, type AssertionParts } from './client-assertion.ts';
import type { Directory } from './directory.ts';
import { Refusal, invalidClient, invalidRequest, refusalBody } from './refusal.ts';
import { audienceOf, isDefaultScope } from './resources.ts';

export interface AuthorityParts {
  clock: Pick<Clock, 'now'>;
  directory: Directory;
  key: SigningKey;
  tokens: AccessTokens;
  /** Lifetime of an access token. */
  tokenSeconds: number;
  audiences: Audiences;
  /** Its own origin, known once it listens. */
  origin: () => string;
  issuer: () => AssertionParts['issuer'];
}

interface OfTenant {
  Params: { tenant: string };
}

/**
 * The token endpoint of Entra for the client-credentials flow, with its discovery documents.
 * Source: Microsoft identity platform, "OAuth 2.0 client credentials flow".
 */
export function serveAuthority(app: Listener, parts: AuthorityParts): void {
  const { clock, directory, key, tokens, origin } = parts;
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => done(null, new URLSearchParams(body.toString())),
  );

  for (const path of [
    '/:tenant/v2.0/.well-known/openid-configuration',
    '/:tenant/.well-known/openid-configuration',
  ]) {
    app.get<OfTenant>(path, ({ params }) => {
      checkTenant(directory, params.tenant);
      const authority = `${origin()}/${params.tenant}`;
      return {
        issuer: `${authority}/v2.0`,
        token_endpoint: `${authority}/oauth2/v2.0/token`,
        authorization_endpoint: `${authority}/oauth2/v2.0/authorize`,
        jwks_uri: `${authority}/discovery/v2.0/keys`,
        token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt'],
        response_types_supported: ['code', 'id_token', 'token'],
        subject_types_supported: ['pairwise'],
        id_token_signing_alg_values_supported: ['RS256'],
        scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
      };
    });
  }
  app.get('/:tenant/discovery/v2.0/keys', () => key.jwks);

  app.post<OfTenant>('/:tenant/oauth2/v2.0/token', async ({ params, body }, reply) => {
    const form = body instanceof URLSearchParams ? body : new URLSearchParams();
    checkTenant(directory, params.tenant);
    const application = findApplication(directory, form);
    const audience = checkScope(form, parts.audiences);
    await checkCredential(application, form, { now: clock.now(), issuer: parts.issuer() });
    reply.header('cache-control', 'no-store, no-cache');
    return {
      token_type: 'Bearer',
      expires_in: parts.tokenSeconds,
      ext_expires_in: parts.tokenSeconds,
      access_token: await tokens.issue(application, audience, clock.now(), parts.tokenSeconds),
    };
  });

  app.setErrorHandler(async (error, request, reply) => {
    if (!(error instanceof Refusal)) throw error;
    const sent = request.headers['client-request-id'];
    const correlation = typeof sent === 'string' && isGuid(sent) ? sent : randomUUID();
    const trace = randomUUID();
    await reply
      .code(error.status)
      .header('x-ms-request-id', trace)
      .send(refusalBody(error, { trace, correlation, now: clock.now() }));
  });
}

function checkTenant(directory: Directory, tenant: string): void {
  if (directory.isTenant(tenant)) return;
  if (!isGuid(tenant) && !/^[\w-]+(\.[\w-]+)+$/.test(tenant)) {
    throw invalidRequest(
      900023,
      `Specified tenant identifier '${tenant}' is neither a valid DNS name, nor a valid external domain.`,
    );
  }
  throw invalidRequest(
    90002,
    `Tenant '${tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.`,
  );
}

function required(form: URLSearchParams, name: string): string {
  const value = form.get(name);
  if (value) return value;
  throw invalidRequest(900144, `The request body must contain the following parameter: '${name}'.`);
}

function findApplication(directory: Directory, form: URLSearchParams): ApplicationSettings {
  const grant = required(form, 'grant_type');
  if (grant !== 'client_credentials') {
    throw new Refusal(
      400,
      'unsupported_grant_type',
      70003,
      `The app requested an unsupported grant type '${grant}'.`,
    );
  }
  const clientId = required(form, 'client_id');
  const application = directory.application(clientId);
  if (application) return application;
  throw new Refusal(
    400,
    'unauthorized_client',
    700016,
    `Application with identifier '${clientId}' was not found in the directory '${directory.tenantId}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.`,
  );
}

/** Gives the audience of the scope that was asked for. MSAL adds no other scopes in this flow. */
function checkScope(form: URLSearchParams, audiences: Audiences): string {
  const scope = required(form, 'scope').trim();
  if (!isDefaultScope(scope)) {
    throw new Refusal(
      400,
      'invalid_scope',
      70011,
      `The provided request must include a 'scope' input parameter. The provided value for the input parameter 'scope' is not valid. The scope ${scope} is not valid.`,
    );
  }
  const audience = audienceOf(scope, audiences);
  if (audience !== undefined) return audience;
  throw new Refusal(
    400,
    'invalid_resource',
    500011,
    `The resource principal named ${scope.replace(/\/\.default$/, '')} was not found in the tenant. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant.`,
  );
}

async function checkCredential(
  application: ApplicationSettings,
  form: URLSearchParams,
  parts: AssertionParts,
): Promise<void> {
  const secret = form.get('client_secret');
  const assertion = form.get('client_assertion');
  if (assertion && form.get('client_assertion_type') === assertionType) {
    await checkAssertion(assertion, application, parts);
    return;
  }
  if (!secret) {
    throw invalidClient(
      7000218,
      "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
    );
  }
  const app = `'${application.clientId}'`;
  if (application.secret === undefined || secret !== application.secret) {
    throw invalidClient(
      7000215,
      `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app ${app}.`,
    );
  }
  if (application.secretExpired) {
    throw invalidClient(
      7000222,
      `The provided client secret keys for app ${app} are expired. Visit the Azure portal to create new keys for your app, or consider using certificate credentials for added security.`,
    );
  }
}
