import { expect, test } from '@jest/globals';
import { goodBatch } from '../../local/engine/scripted.ts';
import { enterpriseServer } from '../../local/github/settings.ts';
import { defaultIds } from '../../local/settings.ts';
import { stage } from './stage.ts';

const script = goodBatch('done\n');
const env = { GITHUB_SERVER_URL: 'https://github.enterprise.test' };

/** The applications of a tenant that trusts an issuer; the server's own unless given. */
function trusting(issuer?: string) {
  return [
    {
      clientId: defaultIds.client,
      objectId: defaultIds.principal,
      name: 'app',
      federatedCredentials: [
        {
          subject: 'repo:octo-org/orders:ref:refs/heads/main',
          ...(issuer === undefined ? {} : { issuer }),
        },
      ],
    },
  ];
}

test('an ID token of GitHub Enterprise Server signs in', async () => {
  const settings = { github: enterpriseServer, applications: trusting() };
  const step = await stage({ script, identity: 'oidc', env, settings });
  expect(await step.run()).toBe(true);
  expect(step.runner.outputs['result']).toBe('Succeeded');
  for (const { url } of step.sent) expect(url).not.toMatch(/github\.com|githubusercontent/);
});

test('a credential for the issuer of github.com: the server’s own issuer is shown', async () => {
  const settings = {
    github: enterpriseServer,
    applications: trusting('https://token.actions.githubusercontent.com'),
  };
  const step = await stage({ script, identity: 'oidc', env, settings });
  expect(await step.run()).toBe(false);
  const [error] = step.runner.errors;
  expect(step.runner.outputs['error-code']).toBe('SIGN_IN_REFUSED');
  expect(error?.message).toContain('AADSTS700211');
  expect(error?.message).toContain(`issuer: ${step.fabric.hosts.issuer}/_services/token\n`);
  expect(step.fabric.batches).toEqual([]);
});
