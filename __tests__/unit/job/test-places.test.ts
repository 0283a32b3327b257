import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Checkout } from '../../../src/inputs/checkout.ts';
import { TestPlaces } from '../../../src/job/test-places.ts';
import type { FailedCase } from '../../../src/report/junit.ts';

let folder: string;
let places: TestPlaces;
let byText: TestPlaces;

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
    'checkout/src/com/acme/junit/Assert.java': 'x\n'.repeat(100),
    'checkout/jobs/tests/test_deep.py': 'def test_deep():\n    assert deep()\n',
    'checkout/top.py': 'def test_top():\n    assert top()\n',
    'checkout/Main.java': 'x\n'.repeat(9),
    'checkout/tests/test_lines.py': 'a = 1\rb = 2\r\nc = 3\n\nd  =\t4\n',
    'outside/out.py': 'secret\n',
  };
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  symlinkSync(join(folder, 'outside'), join(folder, 'checkout', 'link'));
  symlinkSync(join(folder, 'checkout', 'tests'), join(folder, 'checkout', 'same-tests'));
  const checkout = new Checkout(join(folder, 'checkout'));
  places = new TestPlaces(checkout, { onlyByText: false });
  byText = new TestPlaces(checkout, { onlyByText: true });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function placeOf(
  lines: readonly string[],
  more: Partial<FailedCase> = {},
  among = places,
): string | undefined {
  const failed = {
    name: 'test_bad',
    suite: '',
    kind: 'failure',
    message: '',
    lines,
    ...more,
  } as const;
  const place = among.placeOf(failed);
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

  test.each([
    ['a frame of another package', '\tat org.junit.Assert.fail(Assert.java:89)'],
    ['a frame without a package', '\tat Main.main(Main.java:3)'],
    ['a line that is blank', '/tmp/x/tests/test_lines.py:4: Error'],
    ['a path that is only the end of one', 'tests/test_deep.py:2: AssertionError'],
    ['a name alone', '/tmp/x/top.py:2: AssertionError'],
    ["another's package", '/usr/lib/python3/dist-packages/foo/tests/test_a.py:5: AssertionError'],
  ])('without a source is not told by %s', (_, line) => {
    expect(placeOf([line])).toBeUndefined();
  });

  test('without a source is told by the whole path', () => {
    expect(placeOf(['top.py:2: AssertionError'])).toBe('top.py:2');
    expect(placeOf(['/tmp/x/jobs/tests/test_deep.py:2: Error'])).toBe('jobs/tests/test_deep.py:2');
  });

  test('is not one that another line of the same file speaks against', () => {
    const other = [
      '>   assert one == 3',
      '',
      'tests/test_a.py:5: AssertionError',
      'tests/test_a.py:4: X',
    ];
    expect(placeOf(other)).toBeUndefined();
  });

  test("is not in another's package, even where the source is the same", () => {
    const path = '/home/env/lib/python3.11/site-packages/tests/test_a.py';
    expect(placeOf(['>   assert one == 2', '', `${path}:5: AssertionError`])).toBeUndefined();
  });

  test('is in the line as Python counts them, whatever its white space', () => {
    expect(placeOf(['>   b = 2', '', '/tmp/tests/test_lines.py:2: X'])).toBe(
      'tests/test_lines.py:2',
    );
    expect(placeOf(['>   d = 4', '', '/tmp/tests/test_lines.py:5: X'])).toBe(
      'tests/test_lines.py:5',
    );
  });

  test('of a batch that runs other files is told only by the source', () => {
    const traced = '/tmp/x/tests/test_a.py:5: AssertionError';
    expect(placeOf([traced], {}, byText)).toBeUndefined();
    const at = { file: 'tests/test_a.py', line: 3 };
    expect(placeOf([], { at }, byText)).toBeUndefined();
    expect(placeOf(['>   assert one == 2', '', traced], {}, byText)).toBe('tests/test_a.py:5');
  });

  test('where the test stands is known by the whole of what is named', () => {
    const named = (file: string): string | undefined => placeOf([], { at: { file, line: 3 } });
    expect(named('pkg/deep/test_a.py')).toBeUndefined();
    expect(named('../lib/site-packages/tests/test_a.py')).toBeUndefined();
    expect(named('test_a.py')).toBeUndefined();
    expect(named('/tmp/x/tests/test_a.py')).toBe('tests/test_a.py:4');
    expect(placeOf([], { name: 'test_deep', at: { file: 'tests/test_deep.py', line: 0 } })).toBe(
      'jobs/tests/test_deep.py:1',
    );
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
