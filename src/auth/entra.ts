import type { Clock } from '../clock.ts';
import { StepError, messageOf } from '../errors.ts';
import type { HttpClient } from '../http/client.ts';
import { isObject, numberAt, textAt } from '../http/json.ts';
import { TransportError } from '../http/transport.ts';
import { signInAdvice } from './advice.ts';
import type { Exchange } from './tokens.ts';

export type Credential =
  | { kind: 'secret'; secret: string }
  /** `assertion` gives a new GitHub ID token at each call: one lives five minutes only. */
  | { kind: 'oidc'; assertion: () => Promise<string> };

export interface EntraOptions {
  http: HttpClient;
  clock: Clock;
  /** Origin of the authority, such as `https://login.microsoftonline.com`. */
  authorityHost: string;
  tenantId: string;
  clientId: string;
  credential: Credential;
}

/** How long a token endpoint that is down or busy is tried again, and how long one try may take; milliseconds. */
const patience = 120_000;
const longest = 30_000;

/**
 * The client-credentials exchange of Entra through MSAL. MSAL only exchanges here: expiry, renewal
 * and retries are ours, on the action's clock (MSAL keeps a clock and a cache of its own and blocks
 * itself after a 429), so each exchange gets an application object of its own, and the metadata it
 * would discover is given to it.
 */
export function entraExchange(options: EntraOptions): Exchange {
  const authority = `${options.authorityHost}/${options.tenantId}`;
  return async (scope, signal) => {
    const { credential, clock } = options;
    const assertion = credential.kind === 'oidc' ? await credential.assertion() : undefined;
    let reply: unknown;
    let unreachable: unknown;
    // MSAL's network interface is generic over a body that only MSAL itself interprets.
    // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters
    const sendPostRequestAsync = async <T>(
      url: string,
      request?: { headers?: Record<string, string>; body?: string },
    ): Promise<{ headers: Record<string, string>; body: T; status: number }> => {
      const post = {
        method: 'POST' as const,
        url,
        headers: { ...request?.headers },
        body: request?.body ?? '',
      };
      const answer = await options.http
        .send(post, { signal, patience, longest })
        .catch((thrown: unknown) => {
          unreachable = thrown;
          throw thrown;
        });
      reply = answer.json;
      // eslint-disable-next-line @typescript-eslint/no-unsafe-assignment
      const body: T = JSON.parse(isObject(answer.json) ? answer.text : '{}');
      return { headers: answer.headers, body, status: answer.status };
    };
    const { ConfidentialClientApplication } = await import('./msal.ts');
    const application = new ConfidentialClientApplication({
      auth: {
        clientId: options.clientId,
        authority,
        knownAuthorities: [new URL(authority).host],
        authorityMetadata: authorityMetadata(authority),
        ...(credential.kind === 'secret'
          ? { clientSecret: credential.secret }
          : { clientAssertion: () => Promise.resolve(assertion ?? '') }),
      },
      system: {
        networkClient: {
          sendPostRequestAsync,
          sendGetRequestAsync: () => Promise.reject(new Error('no discovery is expected')),
        },
      },
    });
    const asked = clock.now();
    try {
      const result = await application.acquireTokenByClientCredential({
        scopes: [scope],
        skipCache: true,
      });
      const lifeSeconds =
        numberAt(reply, 'expires_in') ?? Number(textAt(reply, 'expires_in') ?? 3_600);
      return { value: result?.accessToken ?? '', expiresAt: asked + lifeSeconds * 1_000 };
    } catch (thrown) {
      throw signInError({ thrown: unreachable ?? thrown, reply, options, assertion });
    }
  };
}

/** What MSAL would ask the authority's discovery endpoint for. */
function authorityMetadata(authority: string): string {
  return JSON.stringify({
    issuer: `${authority}/v2.0`,
    token_endpoint: `${authority}/oauth2/v2.0/token`,
    authorization_endpoint: `${authority}/oauth2/v2.0/authorize`,
    jwks_uri: `${authority}/discovery/v2.0/keys`,
  });
}

function signInError(failure: {
  thrown: unknown;
  reply: unknown;
  options: EntraOptions;
  assertion: string | undefined;
}): StepError {
  const { thrown, reply, options, assertion } = failure;
  if (thrown instanceof StepError) return thrown;
  const where = options.authorityHost;
  const description = textAt(reply, 'error_description');
  if (description === undefined || thrown instanceof TransportError) {
    const why = messageOf(thrown) || 'the answer is not Entra’s';
    return new StepError(
      'SIGN_IN_UNREACHABLE',
      `Sign-in failed: ${where} gave no usable answer (${why}).`,
      {
        advice:
          'Check that the runner can reach the authority (proxy, firewall), then run the job again.',
        cause: thrown,
      },
    );
  }
  const firstLine = description.split(/\r?\n| Trace ID:/)[0]?.trim() ?? description;
  return new StepError('SIGN_IN_REFUSED', `Sign-in was refused by Entra: ${firstLine}`, {
    advice: signInAdvice(description, {
      tenantId: options.tenantId,
      clientId: options.clientId,
      usesSecret: options.credential.kind === 'secret',
      assertion,
    }),
    requestId: textAt(reply, 'trace_id'),
    cause: thrown,
  });
}
