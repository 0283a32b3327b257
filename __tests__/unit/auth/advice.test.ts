import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { claimsOf, signInAdvice, type SignInContext } from '../../../src/auth/advice.ts';

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const claims = {
  iss: 'https://token.actions.githubusercontent.com',
  sub: 'repo:Owner/Repo:ref:refs/heads/main',
  aud: 'api://AzureADTokenExchange',
};
const jwt = `${part({ alg: 'RS256' })}.${part({ ...claims, jti: 'secret-jti' })}.c2lnbmF0dXJl`;
const context: SignInContext = {
  tenantId: '11111111-2222-3333-4444-555555555555',
  clientId: '66666666-7777-8888-9999-aaaaaaaaaaaa',
  usesSecret: false,
  assertion: jwt,
};
const advice = (code: number | string, change: Partial<SignInContext> = {}): string =>
  signInAdvice(`AADSTS${code}: Some text of Entra. Trace ID: 1-2-3`, { ...context, ...change });

describe('the claims of a GitHub token', () => {
  test('are read', () => {
    expect(claimsOf(jwt)).toEqual(claims);
  });

  test('are absent where there are none, and it never throws', () => {
    for (const text of [
      '',
      'x',
      'a.b.c',
      `${part({})}.${part([])}.x`,
      `x.${part(claims).slice(3)}.x`,
    ])
      expect(claimsOf(text)).toBeUndefined();
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.jsonValue().map((value) => `x.${part(value)}.y`),
        ),
        (text) => {
          const read = claimsOf(text);
          for (const value of Object.values(read ?? {})) expect(typeof value).toBe('string');
        },
      ),
    );
  });
});

describe('the advice', () => {
  const general = signInAdvice('something else', context);

  test.each([
    700016, 7000215, 7000222, 7000218, 70021, 700211, 700212, 700213, 7002138, 70025, 700024,
    700027, 90002, 900023, 500011, 70011, 53003, 530003, 7000112, 50166, 501661,
  ])('knows AADSTS%i', (code) => {
    expect(advice(code)).not.toBe(general);
    expect(advice(code).length).toBeGreaterThan(20);
  });

  test.each([70021, 700211, 700212, 700213, 7002138, 70025])(
    'for AADSTS%i shows issuer, subject and audience to copy, never the token',
    (code) => {
      const text = advice(code);
      for (const claim of Object.values(claims)) expect(text).toContain(claim);
      expect(text).not.toContain(jwt);
      for (const piece of jwt.split('.')) expect(text).not.toContain(piece);
      expect(text).not.toContain('secret-jti');
    },
  );

  test('does not take a longer code for a shorter one', () => {
    expect(advice(7000215)).not.toBe(advice(70021));
    expect(advice(7000215)).not.toContain(claims.sub);
    expect(advice(7000222)).not.toBe(advice(7000215));
    expect(advice(700211)).toContain(claims.iss);
  });

  test('names the ids that Entra does not know', () => {
    expect(advice(700016)).toContain(context.clientId);
    expect(advice(90002)).toContain(context.tenantId);
  });

  test('says something for any description, without an assertion as well', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.boolean(),
        fc.option(fc.string(), { nil: undefined }),
        (text, usesSecret, assertion) => {
          const said = signInAdvice(text, { ...context, usesSecret, assertion });
          expect(said.trim()).not.toBe('');
          if (assertion !== undefined && assertion.length > 20)
            expect(said).not.toContain(assertion);
        },
      ),
    );
    expect(advice(700213, { assertion: undefined }).trim()).not.toBe('');
    expect(advice(700213, { assertion: 'rubbish' }).trim()).not.toBe('');
  });
});

test('an issuer whose keys Entra cannot read is named, whichever it is', () => {
  const iss = 'https://github.enterprise.test/_services/token';
  const assertion = `x.${part({ ...claims, iss })}.y`;
  expect(advice(501661, { assertion })).toContain(iss);
  expect(advice(700211, { assertion })).toContain(`issuer: ${iss}\n`);
  expect(advice(50166, { assertion: undefined })).toMatch(/the keys of the issuer\./);
});
