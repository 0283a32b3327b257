import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { secretForms, withoutSecrets } from '../../../src/auth/secret-forms.ts';

const clientId = 'b2c3d4e5-f6a7-4b8c-9d0e-1f2a3b4c5d65';
const forms = (secret: string): string[] => secretForms(secret, clientId);

describe('the forms of a secret', () => {
  test('covers the whole, each of its lines, and the URL-encoded form', () => {
    const secret = 'first line of it\nsecond+line/of=it';
    const all = forms(secret);
    expect(all).toContain(secret);
    expect(all).toContain('first line of it');
    expect(all).toContain('second+line/of=it');
    expect(all.join('\n')).toContain(encodeURIComponent('second+line/of=it'));
    expect(forms('a+b/c=d e f')).toContain(encodeURIComponent('a+b/c=d e f'));
  });

  test('covers base64 in both alphabets, alone and as id:secret', () => {
    const secret = 'a?b>c~d~~e?';
    const all = forms(secret);
    for (const text of [secret, `${clientId}:${secret}`]) {
      const base64 = Buffer.from(text).toString('base64');
      expect(all).toContain(base64);
      expect(all).toContain(base64.replace(/=/g, ''));
      expect(all).toContain(base64.replaceAll('+', '-').replaceAll('/', '_').replace(/=/g, ''));
    }
  });

  test('covers form encoding and the text inside JSON', () => {
    expect(forms('a b~c!"d')).toContain('a+b%7Ec%21%22d');
    expect(forms('a b~c!"d')).toContain('a b~c!\\"d');
  });

  test('never masks what would ruin the log', () => {
    for (const text of ['', ' ', 'a', '\n', '\r\n', 'a\nb', '{\n}']) {
      for (const form of forms(text))
        if (form !== text) expect(form.trim().length).toBeGreaterThan(1);
    }
    expect(forms('')).toEqual([]);
    expect(forms('ab')).toEqual([]);
  });

  test('of any secret holds no empty text, and the secret when it is long', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), (secret) => {
        const all = forms(secret);
        for (const form of all) expect(form.trim()).not.toBe('');
        const plain = /^[a-z]{16,}$/.test(secret);
        if (plain) expect(all).toContain(secret);
      }),
    );
    expect(forms('correct-horse-battery')).toContain('correct-horse-battery');
  });
});

describe('a text without secrets', () => {
  test('holds none of one that another begins with, whatever their order', () => {
    for (const secrets of [
      ['s3cret', 's3cret-and-more'],
      ['s3cret-and-more', 's3cret'],
    ])
      expect(withoutSecrets('a s3cret-and-more, a s3cret.', secrets)).toBe('a ***, a ***.');
  });

  test('stays as it is without any, and takes no secret for a pattern', () => {
    expect(withoutSecrets('a.b', ['', '.+', 'x'])).toBe('a.b');
    expect(withoutSecrets('a$&b', ['$&'])).toBe('a***b');
  });

  test('leaves the list of secrets in its order', () => {
    const secrets = ['aaaa', 'bbbbbb'];
    withoutSecrets('x', secrets);
    expect(secrets).toEqual(['aaaa', 'bbbbbb']);
  });
});
