import { isObject, textAt } from '../../src/http/json.ts';

interface Post {
  headers?: Record<string, string>;
  body?: string;
}

interface Configuration {
  auth: {
    clientId: string;
    authority: string;
    clientSecret?: string;
    clientAssertion?: () => Promise<string>;
  };
  system: {
    networkClient: {
      sendPostRequestAsync: (url: string, post: Post) => Promise<{ status: number; body: unknown }>;
    };
  };
}

/**
 * Stands in for MSAL, which costs more than the rest of a schedule: the same form goes to the same
 * endpoint, and an answer without a token is thrown.
 */
export class ConfidentialClientApplication {
  readonly #configuration: Configuration;

  constructor(configuration: Configuration) {
    this.#configuration = configuration;
  }

  async acquireTokenByClientCredential(request: {
    scopes: readonly string[];
  }): Promise<{ accessToken: string }> {
    const { auth, system } = this.#configuration;
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: auth.clientId,
      scope: request.scopes.join(' '),
    });
    if (auth.clientSecret !== undefined) form.set('client_secret', auth.clientSecret);
    if (auth.clientAssertion) form.set('client_assertion', await auth.clientAssertion());
    const { body } = await system.networkClient.sendPostRequestAsync(
      `${auth.authority}/oauth2/v2.0/token`,
      { headers: {}, body: form.toString() },
    );
    const accessToken = isObject(body) ? textAt(body, 'access_token') : undefined;
    if (accessToken === undefined)
      throw new Error(textAt(body, 'error') ?? 'the answer holds no token');
    return { accessToken };
  }
}
