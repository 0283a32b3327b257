import { describe, expect, test } from '@jest/globals';
import { createLocalJWKSet, decodeJwt, jwtVerify, type JSONWebKeySet } from 'jose';
import { isObject, listAt, textAt } from '../../src/http/json.ts';
import { defaultIds, type ApplicationSettings } from '../../local/settings.ts';
import { SigningKey } from '../../local/signing-key.ts';
import { enterpriseServer } from '../../local/github/settings.ts';
import { audience, bench, codesOf, files, idToken, scopes, start, withAssertion } from './bench.ts';

const subject = 'repo:octo-org/orders:ref:refs/heads/main';

function trusting(
  federatedCredentials: ApplicationSettings['federatedCredentials'],
): ApplicationSettings[] {
  const { client, principal } = defaultIds;
  return [{ clientId: client, objectId: principal, name: 'app', federatedCredentials }];
}

function keySet(json: unknown): JSONWebKeySet {
  return { keys: listAt(json, 'keys').filter(isObject) };
}

describe('token endpoint', () => {
  test.each([
    ['https://api.fabric.microsoft.com/.default', 'https://api.fabric.microsoft.com'],
    [
      'https://analysis.windows.net/powerbi/api/.default',
      'https://analysis.windows.net/powerbi/api',
    ],
    ['https://storage.azure.com/.default', 'https://storage.azure.com'],
  ])('a secret gets a token for %s', async (scope, aud) => {
    const on = await bench({ tokenSeconds: 600 });
    const reply = await on.signIn(on.secretForm({ scope }));
    expect(reply.status).toBe(200);
    expect(reply.json).toMatchObject({ token_type: 'Bearer', expires_in: 600 });
    const keys = await on.call('authority', 'GET', `/${defaultIds.tenant}/discovery/v2.0/keys`);
    const { payload } = await jwtVerify(
      textAt(reply.json, 'access_token') ?? '',
      createLocalJWKSet(keySet(keys.json)),
      { currentDate: new Date(start) },
    );
    expect(payload).toMatchObject({
      aud,
      tid: defaultIds.tenant,
      appid: defaultIds.client,
      oid: defaultIds.principal,
      exp: start / 1_000 + 600,
    });
  });

  test.each([
    ['an unknown client', { client_id: defaultIds.workspace }, 400, 'unauthorized_client', 700016],
    ['a wrong secret', { client_secret: 'no' }, 401, 'invalid_client', 7000215],
    ['no credential', { client_secret: '' }, 401, 'invalid_client', 7000218],
    ['no scope', { scope: '' }, 400, 'invalid_request', 900144],
    [
      'a scope that is no default',
      { scope: 'https://storage.azure.com/x' },
      400,
      'invalid_scope',
      70011,
    ],
    ['two scopes', { scope: `${scopes.fabric} ${scopes.onelake}` }, 400, 'invalid_scope', 70011],
    [
      'an unknown resource',
      { scope: 'https://example.com/.default' },
      400,
      'invalid_resource',
      500011,
    ],
    ['another grant', { grant_type: 'password' }, 400, 'unsupported_grant_type', 70003],
  ])('%s', async (_name, form, status, error, code) => {
    const on = await bench();
    const reply = await on.signIn(on.secretForm(form));
    expect(reply.status).toBe(status);
    expect(reply.json).toMatchObject({ error, error_codes: [code] });
    expect(textAt(reply.json, 'error_description')).toContain(`AADSTS${code}: `);
    for (const field of ['trace_id', 'correlation_id', 'timestamp'])
      expect(textAt(reply.json, field)).toBeDefined();
  });

  test('an unknown tenant, and a text that is none', async () => {
    const on = await bench();
    expect(codesOf(await on.signIn(on.secretForm(), defaultIds.workspace))).toEqual([90002]);
    expect(codesOf(await on.signIn(on.secretForm(), 'nonsense'))).toEqual([900023]);
  });

  test('a secret that has expired', async () => {
    const [application] = trusting([]);
    const on = await bench({
      applications: application ? [{ ...application, secret: 's', secretExpired: true }] : [],
    });
    expect(codesOf(await on.signIn(on.secretForm()))).toEqual([7000222]);
    expect(codesOf(await on.signIn(on.secretForm({ client_secret: 'x' })))).toEqual([7000215]);
  });
});

test('another cloud has other resources, and knows none of the public one', async () => {
  const audiences = {
    fabric: ['https://fabric.gov.example'],
    onelake: ['https://lake.gov.example'],
  };
  const on = await bench({ audiences });
  const scope = 'https://fabric.gov.example/.default';
  const token = await on.token(scope);
  expect((await on.call('fabric', 'GET', '/v1/workspaces', { token })).status).toBe(200);
  expect((await on.call('onelake', 'GET', files, { token })).status).toBe(401);
  const lake = await on.token('https://lake.gov.example/.default');
  expect((await on.call('onelake', 'HEAD', files, { token: lake })).status).toBe(200);
  expect(codesOf(await on.signIn(on.secretForm()))).toEqual([500011]);
});

describe('GitHub assertion', () => {
  test('is exchanged for a token', async () => {
    const on = await bench();
    expect((await withAssertion(on, await idToken(on))).status).toBe(200);
  });

  test.each([
    ['another subject', [{ subject: 'repo:octo-org/other:ref:refs/heads/main' }], 700213],
    ['a subject that differs by case', [{ subject: subject.toUpperCase() }], 7002138],
    ['another audience', [{ subject, audience: 'api://other' }], 700212],
    [
      'another issuer',
      [{ subject, issuer: 'https://token.actions.githubusercontent.com' }],
      700211,
    ],
    ['no federated credential', [], 70025],
  ])('%s', async (_name, credentials, code) => {
    const on = await bench({ applications: trusting(credentials) });
    const reply = await withAssertion(on, await idToken(on));
    expect(reply.status).toBe(401);
    expect(codesOf(reply)).toEqual([code]);
  });

  test('five minutes later it has expired', async () => {
    const on = await bench();
    const token = await idToken(on);
    on.pass(299);
    expect((await withAssertion(on, token)).status).toBe(200);
    on.pass(2);
    expect(codesOf(await withAssertion(on, token))).toEqual([700024]);
  });

  test('one that somebody else signed, and a text that is no JWT', async () => {
    const on = await bench();
    const forged = await (
      await SigningKey.make()
    ).sign(
      { iss: on.fabric.hosts.issuer, sub: subject, aud: audience },
      { from: start, to: start + 60_000 },
    );
    expect(codesOf(await withAssertion(on, forged))).toEqual([700027]);
    expect(codesOf(await withAssertion(on, 'nonsense'))).toEqual([50027]);
  });
});

describe('GitHub issuer', () => {
  test('gives claims like GitHub’s, signed with the key that it publishes', async () => {
    const on = await bench({ github: { repository: 'octo-org/sales', runAttempt: '3' } });
    const token = await idToken(on);
    const discovery = await on.call('issuer', 'GET', '/.well-known/openid-configuration');
    const keysAt = new URL(textAt(discovery.json, 'jwks_uri') ?? '').pathname;
    const keys = await on.call('issuer', 'GET', keysAt);
    const { payload } = await jwtVerify(token, createLocalJWKSet(keySet(keys.json)), {
      currentDate: new Date(start),
      issuer: on.fabric.hosts.issuer,
      audience,
    });
    expect(textAt(discovery.json, 'issuer')).toBe(on.fabric.hosts.issuer);
    expect(payload).toMatchObject({
      sub: 'repo:octo-org/sales:ref:refs/heads/main',
      repository: 'octo-org/sales',
      repository_owner: 'octo-org',
      ref: 'refs/heads/main',
      event_name: 'push',
      run_attempt: '3',
      job_workflow_ref: 'octo-org/sales/.github/workflows/orders.yml@refs/heads/main',
      exp: start / 1_000 + 300,
    });
  });

  test('on GitHub Enterprise Server it has a path, and Entra takes it by that name', async () => {
    const on = await bench({ github: enterpriseServer });
    const issuer = `${on.fabric.hosts.issuer}/_services/token`;
    const token = await idToken(on);
    expect(decodeJwt(token).iss).toBe(issuer);
    const discovery = await on.call(
      'issuer',
      'GET',
      '/_services/token/.well-known/openid-configuration',
    );
    expect(discovery.json).toMatchObject({ issuer, jwks_uri: `${issuer}/.well-known/jwks` });
    const keys = await on.call('issuer', 'GET', '/_services/token/.well-known/jwks');
    expect(listAt(keys.json, 'keys')).toHaveLength(1);
    expect((await withAssertion(on, token)).status).toBe(200);
  });

  test('an environment makes the subject', async () => {
    const on = await bench({ github: { environment: 'production' } });
    const { sub, environment } = decodeJwt(await idToken(on));
    expect([sub, environment]).toEqual([
      'repo:octo-org/orders:environment:production',
      'production',
    ]);
  });

  test('the URL takes `&audience=`; without it the audience is the owner', async () => {
    const on = await bench();
    const url = on.fabric.env['ACTIONS_ID_TOKEN_REQUEST_URL'] ?? '';
    expect(url).toContain('?');
    const { pathname, search } = new URL(url);
    const token = on.fabric.env['ACTIONS_ID_TOKEN_REQUEST_TOKEN'] ?? '';
    const reply = await on.call('issuer', 'GET', pathname + search, { token });
    expect(decodeJwt(textAt(reply.json, 'value') ?? '').aud).toBe('https://github.com/octo-org');
  });

  test('refuses a wrong request token, none, and one whose time is over', async () => {
    const on = await bench({ github: { requestTokenSeconds: 60 } });
    const { pathname, search } = new URL(on.fabric.env['ACTIONS_ID_TOKEN_REQUEST_URL'] ?? '');
    const path = pathname + search;
    const token = on.fabric.env['ACTIONS_ID_TOKEN_REQUEST_TOKEN'] ?? '';
    expect((await on.call('issuer', 'GET', path)).status).toBe(401);
    expect((await on.call('issuer', 'GET', path, { token: 'other' })).status).toBe(403);
    expect((await on.call('issuer', 'GET', path, { token })).status).toBe(200);
    on.pass(60);
    expect((await on.call('issuer', 'GET', path, { token })).status).toBe(401);
  });
});
