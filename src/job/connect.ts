import { BearerClient } from '../auth/bearer.ts';
import { entraExchange, type Credential } from '../auth/entra.ts';
import { secretForms, withoutSecrets } from '../auth/secret-forms.ts';
import { Tokens } from '../auth/tokens.ts';
import { within, type Clock } from '../clock.ts';
import { StepError, messageOf } from '../errors.ts';
import { HttpClient } from '../http/client.ts';
import { proxySecrets } from '../http/proxy.ts';
import { TransportError, type Transport, type Warm } from '../http/transport.ts';
import type { Inputs } from '../inputs.ts';
import type { Runner } from '../runner.ts';

/** What comes from outside: time, chance, the network. */
export interface World {
  runner: Runner;
  clock: Clock;
  /** A number from 0 up to 1. */
  random: () => number;
  transport: Transport;
  /** Absent where there is no network. */
  warm?: Warm;
}

/** The two services, signed in, and the secrets that must not show. */
export interface Services {
  http: HttpClient;
  fabric: BearerClient;
  onelake: BearerClient;
  secrets: () => readonly string[];
  /** A text from elsewhere, such as a service's message, with `***` in place of the secrets known by now. */
  hide: (text: string) => string;
}

const idTokenTries = 4;
/** Milliseconds before the second try, doubling; how long one try may take. */
const idTokenFirstWait = 1_000;
const longestIdToken = 30_000;

/** Builds the clients of one identity. Nothing is sent yet. */
export function connect(inputs: Inputs, world: World): Services {
  const { runner, clock, random, transport } = world;
  const secrets: string[] = [];
  const keep = (secret: string): void => {
    runner.mask(secret);
    secrets.push(secret);
  };
  proxySecrets((name) => runner.env(name)).forEach(keep);
  if (inputs.clientSecret !== undefined)
    secretForms(inputs.clientSecret, inputs.clientId).forEach(keep);
  // GitHub masks its own; another one is masked where it is used.
  const usesGitHub = inputs.operation === 'sweep' || inputs.comment !== 'never';
  if (usesGitHub && inputs.githubToken !== undefined) keep(inputs.githubToken);
  const service = new URL(inputs.livyUrl ?? inputs.endpoints.fabric).origin;
  const perMinute = { [service]: inputs.requestsPerMinute };
  const http = new HttpClient({ transport, clock, random, perMinute });
  const credential: Credential =
    inputs.clientSecret !== undefined
      ? { kind: 'secret', secret: inputs.clientSecret }
      : { kind: 'oidc', assertion: () => assertion(inputs.audience, world, keep) };
  const { endpoints, tenantId, clientId } = inputs;
  const exchange = entraExchange({
    http,
    clock,
    authorityHost: endpoints.authority,
    tenantId,
    clientId,
    credential,
  });
  const tokens = new Tokens({ exchange, clock, onNew: keep });
  return {
    http,
    fabric: new BearerClient({
      http,
      tokens,
      scope: endpoints.fabricScope,
      origin: endpoints.fabric,
    }),
    onelake: new BearerClient({
      http,
      tokens,
      scope: endpoints.onelakeScope,
      origin: endpoints.onelake,
    }),
    secrets: () => secrets,
    hide: (text) => withoutSecrets(text, secrets),
  };
}

/** A new GitHub ID token. GitHub's endpoint fails now and then for no reason, so it is asked again. */
async function assertion(
  audience: string,
  world: World,
  keep: (secret: string) => void,
): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const ask = (): Promise<string> => world.runner.idToken(audience);
      const token = await within(world.clock, longestIdToken, ask);
      if (token === undefined) throw new Error(`no answer for ${longestIdToken / 1_000} s`);
      keep(token);
      return token;
    } catch (thrown) {
      const unreached = thrown instanceof TransportError;
      if (attempt >= idTokenTries || (unreached && thrown.lasting)) {
        // 401 and 403: the job's own request token is not (or no longer) good; about 6 hours is its life.
        const refused = !unreached && /\b(401|403)\b/.test(messageOf(thrown));
        throw new StepError(
          refused ? 'SIGN_IN_REFUSED' : 'SIGN_IN_UNREACHABLE',
          `GitHub gave no OIDC token: ${messageOf(thrown).replace(/\s+/g, ' ')}`,
          {
            advice: unreached
              ? 'Check the way from the runner to GitHub (proxy, firewall), then run the job again.'
              : 'Check that the job has `permissions: id-token: write`, then run it again.',
            cause: thrown,
          },
        );
      }
      await world.clock.sleep(idTokenFirstWait * 2 ** (attempt - 1));
    }
  }
}
