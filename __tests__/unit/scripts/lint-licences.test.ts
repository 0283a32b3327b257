import { describe, expect, test } from '@jest/globals';
import {
  bundledNames,
  isPermissive,
  lockedPackages,
  refused,
} from '../../../scripts/lint-licences.ts';

const lock = JSON.stringify({
  packages: {
    '': { name: 'us', license: 'MIT' },
    'node_modules/runs': { version: '1.0.0', license: 'MIT' },
    'node_modules/runs/node_modules/@deep/one': { version: '2.0.0', license: 'GPL-3.0-only' },
    'node_modules/silent': { version: '3.0.0' },
    'node_modules/tests': { version: '4.0.0', license: 'GPL-3.0-only', dev: true },
    'node_modules/bundled': { version: '5.0.0', license: 'LGPL-3.0-only', dev: true },
  },
});
const locked = lockedPackages(lock);
const names = (bundled: string[]): string[] =>
  refused(locked, new Set(bundled)).map(({ name }) => name);

describe('licences', () => {
  test.each([
    ['MIT', true],
    ['(MIT OR GPL-3.0-only)', true],
    ['Apache-2.0 AND MIT', true],
    ['GPL-3.0-only', false],
    ['MIT AND GPL-3.0-only', false],
    ['(MIT AND (ISC OR GPL-2.0-only))', false],
    ['MIT WITH something', false],
    ['SEE LICENSE IN LICENSE.txt', false],
    ['', false],
    [undefined, false],
  ])('%j is permissive: %j', (expression, permissive) => {
    expect(isPermissive(expression)).toBe(permissive);
  });

  test('of production dependencies count, at any depth, and a missing one is refused', () => {
    expect(names([])).toEqual(['@deep/one', 'silent']);
  });

  test('of a development dependency count where it is bundled', () => {
    expect(names(['bundled'])).toEqual(['@deep/one', 'silent', 'bundled']);
  });

  test('bundled packages are those that ncc lists', () => {
    const text = 'runs\nMIT\nThe text of tests\n\n\nbundled\nLGPL-3.0-only\n\n\nunknown\nMIT\n';
    expect(bundledNames(text, new Set(locked.map(({ name }) => name)))).toEqual([
      'runs',
      'bundled',
    ]);
  });

  test('a lock without packages is no lock', () => {
    expect(() => lockedPackages('{}')).toThrow('no packages');
  });
});
