import { expect, test } from '@jest/globals';
import { ConfidentialClientApplication } from '@azure/msal-node';
import { Agent, request } from 'undici';
import { defaultIds } from '../../local/settings.ts';
import { bench, idToken, scopes } from './bench.ts';

// MSAL's network interface is generic over a body that only MSAL itself interprets.
/* eslint-disable @typescript-eslint/no-unnecessary-type-parameters */

test('MSAL signs in by plain discovery, with a secret and with an assertion', async () => {
  const on = await bench({ clock: { now: () => Date.now() } });
  const agent = new Agent({ connect: { ca: on.fabric.certificate } });
  const networkClient = {
    async sendGetRequestAsync<T>(url: string) {
      return plain<T>(await request(url, { dispatcher: agent }));
    },
    async sendPostRequestAsync<T>(
      url: string,
      options?: { headers?: Record<string, string>; body?: string },
    ) {
      const { headers, body } = options ?? {};
      return plain<T>(
        await request(url, {
          method: 'POST',
          dispatcher: agent,
          headers: headers ?? {},
          body: body ?? '',
        }),
      );
    },
  };
  const assertion = await idToken(on);
  for (const credential of [
    { clientSecret: on.fabric.clientSecret },
    { clientAssertion: assertion },
  ]) {
    const application = new ConfidentialClientApplication({
      auth: {
        clientId: on.fabric.clientId,
        authority: `${on.fabric.hosts.authority}/${defaultIds.tenant}`,
        knownAuthorities: [new URL(on.fabric.hosts.authority).host],
        ...credential,
      },
      system: { networkClient },
    });
    const result = await application.acquireTokenByClientCredential({ scopes: [scopes.fabric] });
    const reply = await on.call('fabric', 'GET', '/v1/workspaces', {
      token: result?.accessToken ?? '',
    });
    expect(reply.status).toBe(200);
  }
  await agent.close();
});

async function plain<T>(answer: Awaited<ReturnType<typeof request>>): Promise<{
  headers: Record<string, string>;
  body: T;
  status: number;
}> {
  const headers = Object.fromEntries(
    Object.entries(answer.headers).map(([name, value]) => [name, String(value)]),
  );
  // eslint-disable-next-line @typescript-eslint/no-unsafe-assignment
  const body: T = JSON.parse(await answer.body.text());
  return { headers, body, status: answer.statusCode };
}
