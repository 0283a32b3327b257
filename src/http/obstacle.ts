import { proxyRefusal, proxyStatus } from './proxy.ts';

/** What stood between the runner and a service, so that the request never reached it. */
export interface Obstacle {
  /** What it is and what to do about it, in one line. */
  says: string;
  /** Another attempt meets the same obstacle. */
  lasting: boolean;
}

/** Node's codes for a certificate whose issuer is not known; the toolkit hands on their texts only. */
const unknownIssuer =
  /\b(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT(_LOCALLY)?)\b|self-signed certificate|unable to (verify the first|get (local )?issuer) certificate/;

/** Other certificates that cannot be trusted. */
const badCertificate = /\b(CERT_[A-Z_]+|ERR_TLS_CERT_ALTNAME_INVALID)\b/;

/** Finds a proxy's refusal or a certificate that is not trusted in what was thrown; absent for all else. */
export function obstacleOf(thrown: unknown): Obstacle | undefined {
  const refusal = proxyRefusalOf(thrown);
  if (refusal) return refusal;
  const text = wordsOf(thrown);
  const issuer = unknownIssuer.exec(text)?.[0];
  if (issuer !== undefined) {
    return {
      says: `the certificate is not trusted (${issuer}): if a proxy or the host has a certificate of a private authority, set NODE_EXTRA_CA_CERTS to a PEM file with that authority's certificate in the env of the job`,
      lasting: true,
    };
  }
  const certificate = badCertificate.exec(text)?.[0];
  if (certificate === undefined) return undefined;
  return { says: `the certificate is not valid for this host (${certificate})`, lasting: true };
}

/** A proxy that did not lead on. */
export function proxyRefusalOf(thrown: unknown): Obstacle | undefined {
  const status = proxyStatus(wordsOf(thrown));
  return status === undefined ? undefined : proxyRefusal(status);
}

/** Codes and messages of an error and of what caused it. Errors of another realm are no `Error` here. */
function wordsOf(thrown: unknown, depth = 0): string {
  if (typeof thrown !== 'object' || thrown === null || depth > 5) return String(thrown);
  const words = ['code' in thrown ? thrown.code : '', 'message' in thrown ? thrown.message : ''];
  const own = words.filter((word) => typeof word === 'string').join(' ');
  return 'cause' in thrown && thrown.cause !== undefined
    ? `${own} ${wordsOf(thrown.cause, depth + 1)}`
    : own;
}
