import { generate } from 'selfsigned';

export interface Certificate {
  /** PEM; it signs itself, so it is at once what the listeners show and what clients trust. */
  certificate: string;
  /** PEM; never leaves this process. */
  key: string;
}

/**
 * A certificate for 127.0.0.1, localhost and the DNS names given, valid for a year by the machine's
 * clock.
 */
export async function makeCertificate(names: readonly string[]): Promise<Certificate> {
  const made = await generate([{ name: 'commonName', value: 'local Fabric' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
          ...names.map((value) => ({ type: 2 as const, value })),
        ],
      },
    ],
  });
  return { certificate: made.cert, key: made.private };
}
