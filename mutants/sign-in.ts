import { mutantsOf, type Mutant } from './mutant.ts';

/** Rule 6: sign-in lasts; bug class 7. */
export const signIn: readonly Mutant[] = [
  ...mutantsOf('job/connect.ts', [
    {
      id: 'sign-in/new-assertion',
      breaks: '6, class 7: a NEW OIDC assertion for every token',
      find: `const credential: Credential =\n    inputs.clientSecret !== undefined\n      ? { kind: 'secret', secret: inputs.clientSecret }\n      : { kind: 'oidc', assertion: () => assertion(inputs.audience, world, keep) };`,
      replace: `let first: Promise<string> | undefined;\n  const credential: Credential =\n    inputs.clientSecret !== undefined\n      ? { kind: 'secret', secret: inputs.clientSecret }\n      : { kind: 'oidc', assertion: () => (first ??= assertion(inputs.audience, world, keep)) };`,
    },
    {
      id: 'sign-in/request-token-ended',
      breaks: '6: GitHub’s own request token ends after about 6 hours: … ends as the table says',
      find: `/\\b(401|403)\\b/`,
      replace: `/\\b(403)\\b/`,
    },
    {
      id: 'sign-in/secret-first',
      breaks: '2, `client-secret`: when set, used instead of OIDC',
      find: `inputs.clientSecret !== undefined\n      ? { kind: 'secret'`,
      replace: `inputs.clientSecret !== undefined && runner.env('ACTIONS_ID_TOKEN_REQUEST_URL') === undefined\n      ? { kind: 'secret'`,
    },
    {
      id: 'sign-in/audience',
      breaks: '2, `audience`: of the OIDC token',
      find: `assertion(inputs.audience, world, keep) };`,
      replace: `assertion('api://AzureADTokenExchange', world, keep) };`,
    },
    {
      id: 'sign-in/two-audiences',
      breaks: '4, wire: OneLake and Fabric take tokens of different audiences',
      find: `scope: endpoints.onelakeScope,`,
      replace: `scope: endpoints.fabricScope,`,
    },
  ]),
  ...mutantsOf('auth/tokens.ts', [
    {
      id: 'sign-in/ahead-of-expiry',
      breaks: '6, class 7: renewal AHEAD of expiry',
      find: `now < Math.min(held.renewAt, held.servesUntil)`,
      replace: `now < held.servesUntil`,
    },
    {
      id: 'sign-in/to-the-last-token',
      breaks: '6: when renewal fails, the step polls TO ITS LAST TOKEN',
      find: `if (!held || this.#clock.now() >= held.servesUntil) throw error;`,
      replace: `if (!held || this.#clock.now() >= held.renewAt) throw error;`,
    },
    {
      id: 'sign-in/a-renewal-that-hangs',
      breaks: '6: when renewal fails (it hangs), the step polls to its last token',
      find: `const renewalWait = 1_000;`,
      replace: `const renewalWait = 10_000_000;`,
    },
    {
      id: 'sign-in/renewal-pause',
      breaks: '3: a token good for 10 minutes is ALWAYS at hand (one renewal failed)',
      find: `      held.renewAt = this.#clock.now() + renewalPause;\n      return`,
      replace: `      held.renewAt = held.token.expiresAt;\n      return`,
    },
    {
      id: 'sign-in/other-token-after-401',
      breaks: '6: renewal … once on 401 (another token than the refused one)',
      find: `if (held && held.token.value !== rejected) return this.get(scope);`,
      replace: `if (held) return this.get(scope);`,
    },
    {
      id: 'sign-in/kept-for-cancel',
      breaks:
        '3, endings: sign-in ended: DELETE with `error` in `cancel-on` (a token is left for it)',
      find: `const keptForCancel = 60_000;`,
      replace: `const keptForCancel = 0;`,
    },
    {
      id: 'sign-in/short-life',
      breaks:
        '6: renewal ahead of expiry (a token that lives 10 minutes is not renewed at each call)',
      find: `Math.min(renewAhead, life / 2)`,
      replace: `Math.max(renewAhead, life / 2)`,
    },
  ]),
  ...mutantsOf('auth/bearer.ts', [
    {
      id: 'sign-in/once-on-401',
      breaks: '6: renewal … once ON 401',
      find: `if (reply.status !== 401) return reply;`,
      replace: `if (reply.status !== 401 || request.method !== 'POST') return reply;`,
    },
  ]),
  ...mutantsOf('job/follow.ts', [
    {
      id: 'sign-in/ended',
      breaks: '6: … then ends as the table says (sign-in ended: Unknown)',
      find: `new Set(['SIGN_IN_REFUSED', 'NO_CREDENTIAL']);`,
      replace: `new Set(['NO_CREDENTIAL']);`,
    },
  ]),
  ...mutantsOf('job/unreadable.ts', [
    {
      id: 'sign-in/ended-has-its-code',
      breaks: '3, endings: sign-in ended',
      find: `    'SIGN_IN_ENDED',\n`,
      replace: `    'STATUS_UNREADABLE',\n`,
    },
    {
      id: 'sign-in/how-to-follow',
      breaks: '6: … and PRINTS HOW TO FOLLOW the batch',
      find: `follow the link to the run before you start it again`,
      replace: `try again`,
    },
  ]),
  ...mutantsOf('clock.ts', [
    {
      id: 'sign-in/what-came-in-time',
      breaks: '5, 6: a longest wait ends what is late, and leaves alone what came in time',
      find: `if (!done.signal.aborted) late.abort();`,
      replace: `late.abort();`,
    },
  ]),
  ...mutantsOf('http/client.ts', [
    {
      id: 'sign-in/silent-token-endpoint',
      breaks: '6: a token endpoint that says nothing is one that is down',
      find: `await within(this.#clock, begin + longest, exchange, signal);`,
      replace: `await within(this.#clock, 60 * (begin + longest), exchange, signal);`,
    },
  ]),
  ...mutantsOf('auth/entra.ts', [
    {
      id: 'sign-in/life-of-a-token',
      breaks: '6: renewal ahead of expiry (the life that Entra tells)',
      find: `expiresAt: asked + lifeSeconds * 1_000`,
      replace: `expiresAt: asked + Math.max(lifeSeconds, 86_400) * 1_000`,
    },
  ]),
];
