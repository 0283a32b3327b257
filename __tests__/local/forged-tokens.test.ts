import {
  SignJWT,
  UnsecuredJWT,
  createLocalJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  errors,
  exportJWK,
  generateKeyPair,
  jwtVerify,
  type CryptoKey,
  type JSONWebKeySet,
  type JWTHeaderParameters,
} from 'jose';
import { describe, expect, test } from '@jest/globals';
import { isObject, listAt, textAt } from '../../src/http/json.ts';
import { defaultIds, type HostKind } from '../../local/settings.ts';
import {
  audience,
  bench,
  codesOf,
  idToken,
  scopes,
  start,
  withAssertion,
  workspace,
  lakehouse,
  type Bench,
} from './bench.ts';

/** The keys that a service publishes where its discovery document says. */
async function keysOf(on: Bench, host: HostKind, discovery: string): Promise<JSONWebKeySet> {
  const document = await on.call(host, 'GET', discovery);
  const { origin, pathname } = new URL(textAt(document.json, 'jwks_uri') ?? '');
  expect(origin).toBe(on.fabric.hosts[host]);
  return { keys: listAt((await on.call(host, 'GET', pathname)).json, 'keys').filter(isObject) };
}

const entraKeys = (on: Bench): Promise<JSONWebKeySet> =>
  keysOf(on, 'authority', `/${defaultIds.tenant}/v2.0/.well-known/openid-configuration`);
const githubKeys = (on: Bench): Promise<JSONWebKeySet> =>
  keysOf(on, 'issuer', '/.well-known/openid-configuration');

const at = { currentDate: new Date(start) };

/** A token with a head and claims of another kind under the signature that it had. */
function altered(token: string, change: { head?: object; claims?: object }): string {
  const [, , signature = ''] = token.split('.');
  const encoded = (fields: object): string =>
    Buffer.from(JSON.stringify(fields)).toString('base64url');
  const head = encoded({ ...decodeProtectedHeader(token), ...change.head });
  return `${head}.${encoded({ ...decodeJwt(token), ...change.claims })}.${signature}`;
}

/** The tokens that a forger can make of a good one, by what is wrong with them. */
async function forgeries(token: string, published: JSONWebKeySet): Promise<Map<string, string>> {
  const claims = decodeJwt(token);
  const { kid = '' } = decodeProtectedHeader(token);
  const { privateKey, publicKey } = await generateKeyPair('RS256');
  const signed = (head: JWTHeaderParameters, key: CryptoKey | Uint8Array): Promise<string> =>
    new SignJWT(claims).setProtectedHeader(head).sign(key);
  const publicAsSecret = new TextEncoder().encode(JSON.stringify(published.keys[0]));
  const jwk = await exportJWK(publicKey);
  const unsigned = new UnsecuredJWT(claims).encode();
  return new Map([
    ['claims that changed', altered(token, { claims: { exp: start / 1_000 + 86_400 } })],
    ['another key under the same id', await signed({ alg: 'RS256', kid }, privateKey)],
    ['a key that it brings along', await signed({ alg: 'RS256', kid: 'own', jwk }, privateKey)],
    ['the public key as a secret', await signed({ alg: 'HS256', kid }, publicAsSecret)],
    ['no signature', unsigned],
    ['a signature that is cut off', token.slice(0, token.lastIndexOf('.') + 1)],
    ['a signature that is not to count', altered(token, { head: { alg: 'none' } })],
  ]);
}

describe('an access token', () => {
  test('is verified by the keys that Entra publishes, and not by GitHub’s', async () => {
    const on = await bench();
    const token = await on.token(scopes.fabric);
    const { payload, protectedHeader } = await jwtVerify(
      token,
      createLocalJWKSet(await entraKeys(on)),
      { ...at, issuer: `https://sts.windows.net/${defaultIds.tenant}/`, algorithms: ['RS256'] },
    );
    expect(payload.aud).toBe('https://api.fabric.microsoft.com');
    expect(protectedHeader.kid).toBe((await entraKeys(on)).keys[0]?.kid);
    await expect(jwtVerify(token, createLocalJWKSet(await githubKeys(on)), at)).rejects.toThrow(
      errors.JWKSNoMatchingKey,
    );
  });

  test('publishes no private key', async () => {
    const on = await bench();
    for (const { keys } of [await entraKeys(on), await githubKeys(on)])
      for (const key of keys)
        for (const part of ['d', 'p', 'q', 'k']) expect(key).not.toHaveProperty(part);
  });

  test.each([
    ['fabric', '/v1/workspaces', 401],
    ['onelake', `/${workspace}?resource=filesystem&directory=${lakehouse}`, 401],
  ] as const)('that is forged opens nothing: %s', async (host, path, refused) => {
    const on = await bench();
    const good = await on.token(scopes[host]);
    const statusOf = async (token: string): Promise<number> =>
      (await on.call(host, 'GET', path, { token })).status;
    expect(await statusOf(good)).toBe(200);
    for (const [wrong, token] of await forgeries(good, await entraKeys(on)))
      expect([wrong, await statusOf(token)]).toEqual([wrong, refused]);
    expect(['of GitHub', await statusOf(await idToken(on))]).toEqual(['of GitHub', refused]);
  });

  test('of another Entra opens nothing here', async () => {
    const [on, other] = [await bench(), await bench()];
    const token = await other.token(scopes.fabric);
    expect((await other.call('fabric', 'GET', '/v1/workspaces', { token })).status).toBe(200);
    expect((await on.call('fabric', 'GET', '/v1/workspaces', { token })).status).toBe(401);
  });
});

describe('an ID token of GitHub', () => {
  test('is verified by the keys that its issuer publishes, and not by Entra’s', async () => {
    const on = await bench();
    const token = await idToken(on);
    const claims = { ...at, issuer: on.fabric.hosts.issuer, audience };
    const { payload } = await jwtVerify(token, createLocalJWKSet(await githubKeys(on)), claims);
    expect(payload.sub).toBe('repo:octo-org/orders:ref:refs/heads/main');
    const ofEntra = createLocalJWKSet(await entraKeys(on));
    await expect(jwtVerify(token, ofEntra, claims)).rejects.toThrow(errors.JWKSNoMatchingKey);
  });

  test('that is forged is exchanged for nothing', async () => {
    const on = await bench();
    const good = await idToken(on);
    expect((await withAssertion(on, good)).status).toBe(200);
    for (const [wrong, token] of await forgeries(good, await githubKeys(on))) {
      const reply = await withAssertion(on, token);
      expect([wrong, reply.status, ...codesOf(reply)]).toEqual([wrong, 401, 700027]);
      expect(reply.text).not.toContain('access_token');
    }
  });

  test('is no access token’s equal: that of Entra is no assertion', async () => {
    const on = await bench();
    const reply = await withAssertion(on, await on.token(scopes.fabric));
    expect([reply.status, ...codesOf(reply)]).toEqual([401, 700211]);
  });
});
