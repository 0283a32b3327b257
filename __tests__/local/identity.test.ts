import { AuthenticationRequiredError, type TokenCredential } from '@azure/identity';
import { describe, expect, test } from '@jest/globals';
import { defaultIds } from '../../local/settings.ts';
import { assertionCredential, secretCredential } from './azure.ts';
import { bench, idToken, scopes, workspace, type Bench, type BenchSettings } from './bench.ts';

const { client, principal } = defaultIds;
const trustingOrders = [
  {
    clientId: client,
    objectId: principal,
    name: 'app',
    federatedCredentials: [{ subject: 'repo:octo-org/orders:ref:refs/heads/main' }],
  },
];

/** MSAL, which these credentials rest on, counts the life of tokens by the machine's clock. */
function byTheMachinesClock(settings: BenchSettings = {}): Promise<Bench> {
  return bench({ clock: { now: () => Date.now() }, ...settings });
}

/** The number behind AADSTS in what the credential says of a refusal. */
async function refusal(credential: TokenCredential): Promise<string | undefined> {
  const error: unknown = await credential
    .getToken(scopes.fabric)
    .catch((thrown: unknown) => thrown);
  if (!(error instanceof AuthenticationRequiredError))
    throw new Error(`Not refused: ${String(error)}`);
  return /AADSTS(\d+): /.exec(error.message)?.[1];
}

describe('ClientSecretCredential', () => {
  test('gets a token that Fabric takes, good for as long as it says', async () => {
    const on = await byTheMachinesClock({ tokenSeconds: 1_234 });
    const before = Date.now();
    const { token, expiresOnTimestamp } = await secretCredential(on).getToken(scopes.fabric);
    const reply = await on.call('fabric', 'GET', `/v1/workspaces/${workspace}`, { token });
    expect(reply.status).toBe(200);
    expect(expiresOnTimestamp).toBeGreaterThan(before + 1_230_000);
    // The time is told in whole seconds.
    expect(expiresOnTimestamp).toBeLessThanOrEqual(Date.now() + 1_235_000);
  });

  test('gets one for each resource, and keeps it', async () => {
    const on = await byTheMachinesClock();
    const credential = secretCredential(on);
    const fabric = await credential.getToken(scopes.fabric);
    const onelake = await credential.getToken(scopes.onelake);
    const reply = (token: string) =>
      on.call('onelake', 'HEAD', `/${workspace}/${workspace}`, { token });
    expect((await reply(fabric.token)).status).toBe(401);
    expect((await reply(onelake.token)).status).toBe(404);
    expect((await credential.getToken(scopes.fabric)).token).toBe(fabric.token);
    const asked = on.fabric.requests.filter(({ path }) => path.includes('/oauth2/v2.0/token'));
    expect(asked).toHaveLength(2);
  });

  test('is told why a secret is refused', async () => {
    const on = await byTheMachinesClock();
    expect(await refusal(secretCredential(on, 'wrong'))).toBe('7000215');
  });
});

describe('ClientAssertionCredential', () => {
  test('exchanges an ID token of the local GitHub', async () => {
    const on = await byTheMachinesClock();
    const { token } = await assertionCredential(on, () => idToken(on)).getToken(scopes.fabric);
    expect((await on.call('fabric', 'GET', '/v1/workspaces', { token })).status).toBe(200);
  });

  test('is told that one older than five minutes has expired', async () => {
    let behind = 301_000;
    const on = await bench({ clock: { now: () => Date.now() - behind } });
    const old = await idToken(on);
    behind = 0;
    expect(await refusal(assertionCredential(on, () => Promise.resolve(old)))).toBe('700024');
  });

  test.each([
    ['of another repository', { repository: 'octo-org/other' }, undefined, '700213'],
    ['for another audience', {}, 'api://other', '700212'],
  ])('is told why one %s is refused', async (_name, github, audience, code) => {
    const on = await byTheMachinesClock({ github, applications: trustingOrders });
    const credential = assertionCredential(on, () => idToken(on, audience));
    expect(await refusal(credential)).toBe(code);
  });
});
