import { parseJson, textAt } from '../http/json.ts';

export interface SignInContext {
  tenantId: string;
  clientId: string;
  usesSecret: boolean;
  /** The GitHub ID token that was presented; its claims are shown, never the token. */
  assertion: string | undefined;
}

/** The public claims of a JWT that a federated credential is matched against. */
export function claimsOf(jwt: string): { iss: string; sub: string; aud: string } | undefined {
  const payload = jwt.split('.')[1];
  const claims =
    payload === undefined
      ? undefined
      : parseJson(Buffer.from(payload, 'base64url').toString('utf8'));
  const [iss, sub, aud] = [textAt(claims, 'iss'), textAt(claims, 'sub'), textAt(claims, 'aud')];
  return iss && sub && aud ? { iss, sub, aud } : undefined;
}

function federatedCredential(context: SignInContext): string {
  const claims = context.assertion === undefined ? undefined : claimsOf(context.assertion);
  const shown = claims
    ? ` Entra compares exactly, upper and lower case included. This run presented:\n  issuer: ${claims.iss}\n  subject: ${claims.sub}\n  audience: ${claims.aud}`
    : '';
  return `Add or correct a federated credential of the application ${context.clientId} (Entra admin center, App registrations, Certificates & secrets, Federated credentials).${shown}`;
}

/** Entra fetches the keys of an issuer itself, over the internet. */
function unreadIssuer({ assertion }: SignInContext): string {
  const issuer = assertion === undefined ? undefined : claimsOf(assertion)?.iss;
  return `Entra could not read the keys of the issuer${issuer ? ` ${issuer}` : ''}. Run the job again; if it stays, the issuer cannot be reached from the internet: a GitHub Enterprise Server must serve /.well-known/openid-configuration and the keys below that address, or use client-secret.`;
}

/**
 * Advice for the AADSTS codes that a wrong set-up leads to.
 * Source: "Microsoft Entra authentication and authorization error codes", and for 70025, 7002138 and
 * 501661 the issues Azure/login#573, microsoft/AL-Go#1147 and Azure/login#283.
 */
const advices: readonly (readonly [
  codes: readonly number[],
  advice: (context: SignInContext) => string,
])[] = [
  [
    [700016],
    (c) =>
      `Check client-id and tenant-id: the application ${c.clientId} is not known in the tenant ${c.tenantId}.`,
  ],
  [
    [90002, 900023],
    (c) =>
      `Check tenant-id: ${c.tenantId} is not a tenant of this authority (another cloud needs another authority-host).`,
  ],
  [
    [7000215],
    () =>
      'Check client-secret: it must be the Value of a secret of this application, not the Secret ID.',
  ],
  [
    [7000222],
    () =>
      'The client secret has expired: create a new one and store it, or use GitHub OIDC, which has no secret to renew.',
  ],
  [
    [7000218],
    () => 'Set client-secret, or let the job have `permissions: id-token: write` for GitHub OIDC.',
  ],
  [[70021, 700211, 700212, 700213, 7002138, 70025], federatedCredential],
  [
    [700024],
    () => 'The GitHub ID token was outside its time range: check the clock of the runner.',
  ],
  [
    [700027],
    () =>
      'The signature of the assertion was not accepted: check that the issuer of the federated credential is the one of this GitHub server.',
  ],
  [[50166, 501661], unreadIssuer],
  [
    [500011, 70011],
    () =>
      'Check fabric-scope and onelake-scope: they must be the scopes of the cloud that the tenant lives in.',
  ],
  [
    [53003, 530003],
    () =>
      'Conditional Access blocked the sign-in: ask the tenant administrator about the policy for workload identities and the address of the runner.',
  ],
  [
    [7000112],
    (c) => `The application ${c.clientId} is disabled: enable it in Enterprise applications.`,
  ],
];

/** What to do about a sign-in that Entra refused, by the AADSTS codes of its description. */
export function signInAdvice(description: string, context: SignInContext): string {
  const codes = [...description.matchAll(/AADSTS(\d+)/g)].map((match) => Number(match[1]));
  const advice = advices.find(([known]) => known.some((code) => codes.includes(code)))?.[1];
  if (advice) return advice(context);
  return context.usesSecret
    ? 'Check tenant-id, client-id and client-secret.'
    : 'Check tenant-id, client-id and the federated credential of the application.';
}
