import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Checkout } from '../../../src/inputs/checkout.ts';
import { TestPlaces } from '../../../src/job/test-places.ts';
import type { FailedCase } from '../../../src/report/junit.ts';

let folder: string;
let places: TestPlaces;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'test-places-'));
  const files: Record<string, string> = {
    'checkout/tests/test_a.py': 'import x\n\n@mark\ndef test_bad(one):\n    assert one == 2\n',
    'checkout/tests/test_ab.py': 'def test_ab():\n    assert False\n',
    'checkout/lib/__init__.py': 'first\n    assert False\n',
    'checkout/one/same.py': 'assert 1\nassert 2\n',
    'checkout/two/same.py': 'assert 1\nassert 3\n',
    'checkout/src/test/java/com/example/OrdersTest.java': 'a\nb\nc\n',
    'checkout/.git/hidden.py': 'secret\n',
    'outside/out.py': 'secret\n',
  };
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  symlinkSync(join(folder, 'outside'), join(folder, 'checkout', 'link'));
  symlinkSync(join(folder, 'checkout', 'tests'), join(folder, 'checkout', 'same-tests'));
  places = new TestPlaces(new Checkout(join(folder, 'checkout')));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function placeOf(lines: readonly string[], more: Partial<FailedCase> = {}): string | undefined {
  const failed = {
    name: 'test_bad',
    suite: '',
    kind: 'failure',
    message: '',
    lines,
    ...more,
  } as const;
  const place = places.placeOf(failed);
  return place && `${place.file}:${place.line}`;
}

describe('the place of a failed test', () => {
  test.each([
    [
      'by the end of its path',
      '/tmp/spark-1/tests/test_a.py',
      5,
      'assert one == 2',
      'tests/test_a.py:5',
    ],
    [
      'by its name alone, with the source',
      '/tmp/z/test_ab.py',
      2,
      'assert False',
      'tests/test_ab.py:2',
    ],
    ['among files of one name, by the source', 'same.py', 2, 'assert 3', 'two/same.py:2'],
    ['not where the source is another', 'tests/test_a.py', 5, 'assert one == 3', undefined],
    ['not where two files fit', '/tmp/same.py', 1, 'assert 1', undefined],
    ['not beyond the end of the file', 'tests/test_a.py', 99, 'assert one == 2', undefined],
    ['not outside the checkout', '/tmp/link/out.py', 1, 'secret', undefined],
    ['not in .git', '.git/hidden.py', 1, 'secret', undefined],
    ['not upwards', '../outside/out.py', 1, 'secret', undefined],
  ])('is found %s', (_, path, line, source, expected) => {
    expect(placeOf([`>   ${source}`, '', `${path}:${line}: AssertionError`])).toBe(expected);
  });

  test('is not told by the name of a file alone where no source is shown', () => {
    expect(placeOf(['/usr/lib/python3/pluggy/__init__.py:2: Error'])).toBeUndefined();
    expect(placeOf(['/tmp/x/tests/test_a.py:5: AssertionError'])).toBe('tests/test_a.py:5');
  });

  test('of a Java test is that of its package', () => {
    const frames = [
      '\tat org.junit.Assert.fail(Assert.java:1)',
      '\tat com.example.OrdersTest.bad(OrdersTest.java:3)',
    ];
    expect(placeOf(frames)).toBe('src/test/java/com/example/OrdersTest.java:3');
  });

  test('is else where the test stands, whether its lines count from 0 or from 1', () => {
    for (const line of [2, 3, 4])
      expect(placeOf([], { name: 'test_bad[1-2]', at: { file: 'tests/test_a.py', line } })).toBe(
        'tests/test_a.py:4',
      );
    const missing: readonly Partial<FailedCase>[] = [
      { at: { file: 'tests/test_a.py', line: undefined } },
      { name: 'bad', at: { file: 'tests/test_a.py', line: 2 } },
      { name: 'test_bad', at: { file: 'tests/none.py', line: 2 } },
      { name: '(((', at: { file: 'tests/test_a.py', line: 2 } },
      { name: 'secret', at: { file: '../outside/out.py', line: 1 } },
    ];
    for (const more of missing) expect(placeOf([], more)).toBeUndefined();
  });
});
