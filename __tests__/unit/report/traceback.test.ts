import { expect, test } from '@jest/globals';
import { tracedLines } from '../../../src/report/root-cause/traced-line.ts';

test("pytest's long traceback: the innermost first, with the source before each", () => {
  const text = `spark = <x>

    def test_sum(spark):
>       assert helper(spark) == 4

tests/test_orders.py:12: 
_ _ _ _ _
tests/helpers.py:3: in helper
    return inner(x)

    def inner(x):
>       raise ValueError("boom")
E       ValueError: boom

/tmp/a b/orders.py:7: ValueError`;
  expect(tracedLines(text.split('\n'))).toEqual([
    { path: '/tmp/a b/orders.py', line: 7, source: 'raise ValueError("boom")' },
    { path: 'tests/helpers.py', line: 3, source: 'return inner(x)' },
    { path: 'tests/test_orders.py', line: 12, source: 'assert helper(spark) == 4' },
  ]);
});

test("Python's own traceback", () => {
  const text = `Traceback (most recent call last):
  File "C:\\work\\tests\\test_x.py", line 9, in test_raises
    raise ValueError("boom")
    ^^^^^^^^^^^^
  File "<string>", line 1
ValueError: boom`;
  expect(tracedLines(text.split('\n'))).toEqual([
    { path: '<string>', line: 1, source: undefined },
    { path: 'C:/work/tests/test_x.py', line: 9, source: 'raise ValueError("boom")' },
  ]);
});

test('frames of Java and Scala, as the package tells the file', () => {
  const text = `org.opentest4j.AssertionFailedError: expected
	at org.junit.jupiter.api.AssertionUtils.fail(AssertionUtils.java:55)
	at app//com.example.OrdersTest.bad(OrdersTest.java:12)
	at x.OrdersSuite.$anonfun$new$1(OrdersSuite.scala:9)`;
  expect(tracedLines(text.split('\n'))).toEqual([
    { path: 'org/junit/jupiter/api/AssertionUtils.java', line: 55, inPackage: true },
    { path: 'com/example/OrdersTest.java', line: 12, inPackage: true },
    { path: 'x/OrdersSuite.scala', line: 9, inPackage: true },
  ]);
});
