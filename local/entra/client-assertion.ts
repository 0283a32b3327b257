import { decodeJwt, errors, jwtVerify, type JWTPayload } from 'jose';
import type { ApplicationSettings } from '../settings.ts';
import type { SigningKey } from '../signing-key.ts';
import { invalidClient } from './refusal.ts';

export const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const defaultAudience = 'api://AzureADTokenExchange';
const federation = 'https://learn.microsoft.com/entra/workload-id/workload-identity-federation';

export interface AssertionParts {
  /** Milliseconds since the epoch. */
  now: number;
  /** The one issuer whose keys can be fetched here, with its URL. */
  issuer: { url: string; key: SigningKey };
}

/**
 * Checks an assertion against the federated credentials of an application: issuer, audience,
 * subject, time, signature. Throws `Refusal`.
 * Source: Entra docs, "Workload identity federation"; AADSTS codes as users report them.
 */
export async function checkAssertion(
  assertion: string,
  application: ApplicationSettings,
  parts: AssertionParts,
): Promise<void> {
  const credentials = application.federatedCredentials.map((credential) => ({
    issuer: credential.issuer ?? parts.issuer.url,
    audience: credential.audience ?? defaultAudience,
    subject: credential.subject,
  }));
  const claims = read(assertion);
  if (credentials.length === 0) {
    throw invalidClient(
      70025,
      `The client '${application.clientId}'(${application.name}) has no configured federated identity credentials.`,
    );
  }
  const issuer = claims.iss ?? '';
  const ofIssuer = credentials.filter((credential) => credential.issuer === issuer);
  if (ofIssuer.length === 0) throw noMatch(700211, 'issuer', issuer);
  const ofSubject = ofIssuer.filter((credential) => credential.subject === claims.sub);
  if (ofSubject.length === 0) throw noSubject(claims.sub ?? '', ofIssuer);
  const audiences = [claims.aud ?? []].flat();
  if (!ofSubject.some(({ audience }) => audiences.includes(audience)))
    throw noMatch(700212, 'audience', audiences.join(' '));
  await checkSignature(assertion, issuer, parts);
}

function read(assertion: string): JWTPayload {
  try {
    return decodeJwt(assertion);
  } catch {
    throw invalidClient(50027, 'JWT token is invalid or malformed.');
  }
}

function noMatch(code: number, what: string, value: string): Error {
  return invalidClient(
    code,
    `No matching federated identity record found for presented assertion ${what} '${value}'. Check your federated identity credential Subject, Audience and Issuer against the presented assertion. ${federation}`,
  );
}

function noSubject(subject: string, credentials: readonly { subject: string }[]): Error {
  const differsByCase = credentials.some(
    (credential) => credential.subject.toLowerCase() === subject.toLowerCase(),
  );
  if (!differsByCase) return noMatch(700213, 'subject', subject);
  return invalidClient(
    7002138,
    `No matching federated identity record found for presented assertion subject '${subject}'. The subject matches with case-insensitive comparison, but not with case-sensitive comparison. Check your federated identity credential Subject, Audience and Issuer against the presented assertion. ${federation}`,
  );
}

async function checkSignature(
  assertion: string,
  issuer: string,
  { now, issuer: ours }: AssertionParts,
): Promise<void> {
  if (issuer !== ours.url) {
    throw invalidClient(
      50166,
      `Request to external OIDC endpoint failed: the keys of '${issuer}' cannot be fetched.`,
    );
  }
  try {
    await jwtVerify(assertion, ours.key.resolve, {
      algorithms: ['RS256'],
      currentDate: new Date(now),
      requiredClaims: ['exp'],
    });
  } catch (thrown) {
    const outOfTime =
      thrown instanceof errors.JWTExpired ||
      (thrown instanceof errors.JWTClaimValidationFailed && thrown.claim === 'nbf');
    if (outOfTime) {
      const { nbf = 0, exp = 0 } = decodeJwt(assertion);
      const at = (seconds: number): string => new Date(seconds * 1_000).toISOString();
      throw invalidClient(
        700024,
        `Client assertion is not within its valid time range. Current time: ${new Date(now).toISOString()}, assertion valid from ${at(nbf)}, expiry time of assertion ${at(exp)}.`,
      );
    }
    throw invalidClient(
      700027,
      'The certificate with identifier used to sign the client assertion is not registered on application, or the signature of the assertion is not valid.',
    );
  }
}
