import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { junit, junitPieces, JunitRefusal, type JunitResults } from '../../../src/report/junit.ts';

const file = (...suites: readonly string[]): string =>
  `<?xml version="1.0"?><testsuites>${suites.join('')}</testsuites>`;

/** A suite that tells of so many tests and holds so many. */
const claiming = (attributes: string, cases: number, inCase = ''): string =>
  `<testsuite ${attributes}>${`<testcase name="a">${inCase}</testcase>`.repeat(cases)}</testsuite>`;

function refusal(text: string): string {
  try {
    junit(text);
  } catch (thrown) {
    if (thrown instanceof JunitRefusal) return thrown.message;
    throw thrown;
  }
  throw new Error(`This was taken: ${text.slice(0, 200)}`);
}

/** Files as the tools write them, cut down; each has one test of every ending that the tool knows. */
const written: readonly (readonly [string, string, Partial<JunitResults>, unknown])[] = [
  [
    'pytest (xunit1)',
    `<?xml version="1.0" encoding="utf-8"?><testsuites name="pytest tests"><testsuite name="pytest" errors="0" failures="1" skipped="1" tests="3" time="0.128" timestamp="2026-11-20T10:00:00" hostname="x"><testcase classname="test_a" name="test_good[1-2]" file="test_a.py" line="3" time="0.001"/><testcase classname="test_a" name="test_bad" file="test_a.py" line="6" time="0.002"><failure message="AssertionError: no&#10;assert 1 == 2">def test_bad():\n&gt;       assert 1 == 2, "no"\nE       AssertionError: no\nE       assert 1 == 2\n\ntest_a.py:8: AssertionError</failure></testcase><testcase classname="test_a" name="test_skip" file="test_a.py" line="9" time="0.0"><skipped type="pytest.skip" message="later">test_a.py:10: later</skipped></testcase></testsuite></testsuites>`,
    { total: 3, failed: 1, skipped: 1, seconds: 0.128 },
    {
      name: 'test_bad',
      suite: 'test_a',
      kind: 'failure',
      message: 'AssertionError: no',
      at: { file: 'test_a.py', line: 6 },
    },
  ],
  [
    'pytest (a file that cannot be imported)',
    `<testsuites><testsuite name="pytest" errors="1" failures="0" skipped="0" tests="1" time="0.1"><testcase classname="" name="test_b" time="0.0"><error message="collection failure">ImportError while importing test module\nE   ModuleNotFoundError: No module named 'x'</error></testcase></testsuite></testsuites>`,
    { total: 1, failed: 1, skipped: 0 },
    { name: 'test_b', suite: '', kind: 'error', message: 'collection failure' },
  ],
  [
    'unittest-xml-reporting',
    `<testsuite name="Orders-20261120" tests="2" file="tests/test_x.py" time="0.010" failures="0" errors="1"><testcase classname="Orders" name="test_good" time="0.001" file="tests/test_x.py" line="5"/><testcase classname="Orders" name="test_raises" time="0.003" file="tests/test_x.py" line="8"><error type="ValueError" message="boom"><![CDATA[Traceback (most recent call last):\n  File "/tmp/tests/test_x.py", line 9, in test_raises\n    raise ValueError("boom")\nValueError: boom\n]]></error></testcase><system-out><![CDATA[<failure>not one</failure>]]></system-out><system-err/></testsuite>`,
    { total: 2, failed: 1, skipped: 0, seconds: 0.01 },
    { name: 'test_raises', suite: 'Orders', kind: 'error', message: 'boom' },
  ],
  [
    'Surefire with reruns',
    `<testsuite xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" name="com.x.OrdersTest" time="1,234.5" tests="3" errors="0" skipped="0" failures="1"><properties><property name="a" value="b"/></properties><testcase name="flaky" classname="com.x.OrdersTest" time="0.1"><flakyFailure message="once" type="java.lang.AssertionError"><stackTrace>at x</stackTrace></flakyFailure></testcase><testcase name="bad" classname="com.x.OrdersTest" time="0.1"><failure message="expected: &lt;1&gt; but was: &lt;2&gt;" type="org.opentest4j.AssertionFailedError">org.opentest4j.AssertionFailedError\n\tat com.x.OrdersTest.bad(OrdersTest.java:12)</failure><rerunFailure message="again" type="x"/></testcase><testcase name="good" classname="com.x.OrdersTest" time="0.1"/></testsuite>`,
    { total: 3, failed: 1, skipped: 0, seconds: 1234.5 },
    { name: 'bad', suite: 'com.x.OrdersTest', message: 'expected: <1> but was: <2>' },
  ],
  [
    'JUnit 5 (nested suites, skipped beside failed)',
    file(
      `<testsuite name="outer" tests="2" failures="1"><testsuite name="inner" failures="1"><testcase name="a()" classname="x.A"><failure type="x.Error"/></testcase></testsuite><testcase name="b()" classname="x.B"><skipped><![CDATA[off]]></skipped></testcase></testsuite>`,
    ),
    { total: 2, failed: 1, skipped: 1 },
    { name: 'a()', suite: 'x.A', message: 'x.Error', lines: [] },
  ],
  [
    'ScalaTest',
    `<testsuite errors="0" failures="1" hostname="x" name="x.OrdersSuite" tests="2" time="0.2" timestamp="2026-11-20T10:00:00"><properties/><testcase name="sums should add up" classname="x.OrdersSuite" time="0.1"><failure message="3 did not equal 4 (OrdersSuite.scala:9)" type="class org.scalatest.exceptions.TestFailedException">org.scalatest.exceptions.TestFailedException: 3 did not equal 4</failure></testcase><testcase name="others" classname="x.OrdersSuite" time="0.1"/><system-out><![CDATA[]]></system-out></testsuite>`,
    { total: 2, failed: 1, skipped: 0, seconds: 0.2 },
    { name: 'sums should add up', suite: 'x.OrdersSuite' },
  ],
];

describe('JUnit XML', () => {
  test.each(written)('of %s is read', (_, text, totals, failure) => {
    const results = junit(text);
    expect(results).toMatchObject(totals);
    expect(results.failures).toHaveLength(1);
    expect(results.failures[0]).toMatchObject(failure ?? {});
  });

  test('that fails around its cases, or tells of failures without a case, is not green', () => {
    const suites = [
      '<testsuite name="died" tests="0" errors="1" failures="0"/>',
      '<testsuite name="set-up"><error message="no Spark">at x</error></testsuite>',
      '<testsuite name="lies" failures="2"><testcase name="a"/></testsuite>',
    ];
    for (const suite of suites) {
      const { failed, failures } = junit(file(suite));
      expect(failed).toBe(1);
      expect(failures[0]?.name).toMatch(/died|set-up|lies/);
    }
    expect(junit(file(suites[1] ?? '')).failures[0]).toMatchObject({
      message: 'no Spark',
      lines: ['at x'],
    });
    // Told once, by the suite that holds it.
    const nested = '<testsuite name="a" errors="1"><testsuite name="b" errors="1"/></testsuite>';
    expect(junit(`<testsuites errors="1">${nested}</testsuites>`).failed).toBe(1);
  });

  test('counts a case once, however often it failed', () => {
    const twice =
      '<testcase name="a"><failure message="first"/><error message="then"/><skipped/></testcase>';
    const results = junit(file(`<testsuite>${twice}</testsuite>`));
    expect(results).toMatchObject({ total: 1, failed: 1, skipped: 0 });
    expect(results.failures[0]?.message).toBe('first');
  });

  test('keeps texts without colours and control characters, bounded', () => {
    const long = Array.from(
      { length: 5_000 },
      (_, n) => `#x1B[31mline ${n}\u0085${'x'.repeat(600)}`,
    );
    const text = `<testsuite><testcase name="a${'b'.repeat(9_000)}"><failure>${long.join('\n')}</failure></testcase></testsuite>`;
    const [failure] = junit(text).failures;
    expect(failure?.name.length).toBeLessThanOrEqual(501);
    expect(failure?.lines).toHaveLength(81);
    expect(failure?.lines[0]).toMatch(/^line 0x{490,}…$/);
    expect(failure?.lines.at(-1)).toMatch(/^line 4999x/);
    expect(failure?.message).toMatch(/^line 0x/);
  });
});

describe('refused', () => {
  test.each([
    ['nothing', '', /is empty/],
    ['white space', ' \n', /is empty/],
    ['text', 'hello', /not well-formed XML \(line 1/],
    ['JSON', '{"tests": 1}', /not well-formed/],
    ['another root', '<html/>', /its root is <html>/],
    ['a second root', '<testsuite/><testsuite/>', /not well-formed/],
    ['a text after the root', '<testsuite/>x', /not well-formed/],
    ['an end that is missing', '<testsuites><testsuite name="a">\n</testsuite>', /not well-formed/],
    ['an end that is another', '<testsuites><testsuite></testsuites>', /not well-formed/],
    ['a cut attribute', '<testsuites><testsuite name="a', /not well-formed/],
    ['an unknown entity', '<testsuite name="&lol;"/>', /not well-formed/],
    ['a DOCTYPE', '<!DOCTYPE testsuite SYSTEM "file:///etc/passwd"><testsuite/>', /DOCTYPE/],
    ['entities', '<!DOCTYPE a [<!ENTITY b "c">]><testsuite name="&b;"/>', /DOCTYPE|not well/],
    [
      'a case in a case',
      '<testsuite><testcase><x><testcase/></x></testcase></testsuite>',
      /in another/,
    ],
    ['great depth', '<testsuite>'.repeat(100), /more than 40 deep/],
    [
      'too many cases',
      `<testsuite>${'<testcase/>'.repeat(100_001)}</testsuite>`,
      /100,000 test cases/,
    ],
  ])('%s', (_, text, says) => {
    expect(refusal(text)).toMatch(says);
  });

  test.each(['hasOwnProperty="1" name="y"', 'name="y" hasOwnProperty="1" b="2"'])(
    'an attribute that the parser stumbles over: %s',
    (attributes) => {
      expect(refusal(file(`<testsuite ${attributes}><testcase name="a"/></testsuite>`))).toBe(
        'cannot be parsed',
      );
    },
  );

  test.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])(
    'an entity %s, which only an object of the parser knows',
    (name) => {
      expect(refusal(`<testsuite name="&${name};"/>`)).toMatch(/not well-formed/);
    },
  );

  test.each(['constructor', 'toString', '__proto__', 'valueOf'])(
    'not an attribute or an element %s',
    (name) => {
      const odd = `<testcase name="a" ${name}="1" ${name}2="1"><${name}/></testcase>`;
      expect(junit(file(`<testsuite>${odd}</testsuite>`))).toMatchObject({ total: 1, failed: 0 });
    },
  );

  test('any beginning of a whole file', () => {
    const whole = file(
      '<testsuite name="a"><testcase name="b"><failure>c</failure></testcase></testsuite>',
    );
    for (let end = 0; end < whole.length; end += 1) refusal(whole.slice(0, end));
    expect(junit(whole).failed).toBe(1);
  });
});

describe('a suite that tells of more tests than it holds', () => {
  test.each([
    [claiming('name="x" tests="5"', 1), /^tells of 5 tests and holds 1: its writer died/],
    [claiming('name="x" tests="1"', 0), /^tells of 1 test and holds 0/],
    [claiming('name="pytest" tests="3"', 0), /^tells of 3 tests and holds 0/],
    [
      `<testsuite tests="3">${claiming('tests="2"', 2)}</testsuite>`,
      /^tells of 3 tests and holds 2/,
    ],
    [claiming('name="x" tests="5" skipped="1"', 2, '<skipped/>'), /^tells of 5/],
  ])('is refused: %s', (suite, says) => {
    expect(refusal(file(suite))).toMatch(says);
  });

  test.each([
    ['nested', `<testsuite tests="3">${claiming('tests="3"', 3)}</testsuite>`, 3],
    ['that tells of fewer', claiming('name="x" tests="1"', 2), 2],
    ['of pytest with subtests', claiming('name="pytest" tests="13"', 8), 8],
    [
      'of pytest by another name',
      claiming('name="orders" errors="0" failures="0" skipped="2" tests="13" time="0.2"', 8),
      8,
    ],
    ['of Surefire with a flaky test', claiming('tests="3"', 1, '<flakyFailure/><flakyError/>'), 1],
    [
      'of Surefire with skipped tests of one name',
      claiming('tests="3" skipped="3"', 1, '<skipped/>'),
      1,
    ],
    ['without a count', claiming('name="x"', 1), 1],
  ])('but one %s is taken', (_, suite, total) => {
    expect(junit(`<testsuites tests="${total}">${suite}</testsuites>`).total).toBe(total);
  });

  test('shows its failures rather than nothing', () => {
    expect(junit(file(claiming('tests="9"', 2, '<failure/>')))).toMatchObject({ failed: 2 });
  });
});

describe('what must not show', () => {
  const secret = 'p@ss&w<rd1';
  const written = 'p@ss&amp;w&lt;rd1';
  const hide = (text: string): string => text.replaceAll(secret, '***');

  test('is hidden as the file means it, wherever it stands, before anything is cut', () => {
    const long = 'x'.repeat(495);
    const suite = `<testsuite name="s"><testcase name="${written}" classname="${long}${written}"><failure type="${written}" message="${'y'.repeat(496)}${written}">a${written}\n${long}${written}\n<![CDATA[${secret}]]>\np@ss&#x80;&amp;w#x1B[31m&lt;rd1</failure></testcase></testsuite>`;
    const told = JSON.stringify(junit(file(suite), hide));
    expect(told).toContain('***');
    expect(told).not.toMatch(/p@s|w<rd1/);
  });

  test('is hidden in why a file is refused', () => {
    expect(refusal(`<${'p'.repeat(3)}/>`)).toContain('<ppp>');
    expect(() => junit('<ppp/>', (text) => text.replaceAll('ppp', '***'))).toThrow('<***>');
  });
});

test('a long file is parsed in pieces, and as one', () => {
  const long = 'é<&'.repeat(300_000);
  const text = file(
    `<testsuite><testcase name="a"><failure message="${escaped(long)}"><![CDATA[${long}]]></failure></testcase></testsuite>`,
  );
  let pieces = 0;
  const parsing = junitPieces(text);
  let step = parsing.next();
  for (; step.done !== true; step = parsing.next()) pieces += 1;
  expect(pieces).toBeGreaterThan(10);
  expect(step.value).toMatchObject({ total: 1, failed: 1 });
  expect(step.value).toEqual(junit(text));
});

interface TestCase {
  name: string;
  ending: 'passed' | 'failure' | 'error' | 'skipped';
  text: string;
}

interface TestSuite {
  name: string;
  cases: TestCase[];
  suites: TestSuite[];
}

/** Text that XML can hold, without line breaks. */
const words = fc
  .string({ unit: 'grapheme', maxLength: 12 })
  .map((text) => text.toWellFormed().replace(/[\p{Cc}\p{Zl}\p{Zp}\uFFFE\uFFFF]/gu, ''));
const testCase = fc.record<TestCase>({
  name: words,
  ending: fc.constantFrom('passed', 'failure', 'error', 'skipped'),
  text: words,
});
const { suites } = fc.letrec<{ suites: TestSuite[]; suite: TestSuite }>((tie) => ({
  suite: fc.record({
    name: words,
    cases: fc.array(testCase, { maxLength: 4 }),
    suites: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constant<TestSuite[]>([]),
      tie('suites'),
    ),
  }),
  suites: fc.array(tie('suite'), { maxLength: 3 }),
}));

function escaped(text: string): string {
  return text.replace(/[<>&"'\n]/g, (one) => `&#${one.charCodeAt(0)};`);
}

function xmlOf({ name, cases, suites: inner }: TestSuite): string {
  const written = cases.map(({ name: called, ending, text }) => {
    const body =
      ending === 'passed'
        ? '<system-out>out</system-out>'
        : `<${ending} message="${escaped(text)}"><![CDATA[${text.replaceAll(']]>', '')}]]></${ending}>`;
    return `<testcase name="${escaped(called)}" classname="c">\n${body}</testcase>`;
  });
  return `<testsuite name="${escaped(name)}" tests="${casesOf({ name, cases, suites: inner }).length}">${written.join('')}${inner.map(xmlOf).join('')}</testsuite>`;
}

function casesOf({ cases, suites: inner }: TestSuite): TestCase[] {
  return [...cases, ...inner.flatMap(casesOf)];
}

test('suites that are written as XML are read back', () => {
  fc.assert(
    fc.property(suites, (all) => {
      const cases = all.flatMap(casesOf);
      const bad = cases.filter(({ ending }) => ending === 'failure' || ending === 'error');
      const results = junit(file(...all.map(xmlOf)));
      expect(results).toMatchObject({
        total: cases.length,
        failed: bad.length,
        skipped: cases.filter(({ ending }) => ending === 'skipped').length,
      });
      const flat = (text: string): string => text.replace(/\s+/g, ' ').trim();
      expect(results.failures.map(({ name, kind }) => [name, kind])).toEqual(
        bad.map(({ name, ending }) => [flat(name) || '(no name)', ending]),
      );
    }),
    { numRuns: 200 },
  );
});

test('hostile text ends in results or in a refusal, and in nothing else', () => {
  const pieces = fc.constantFrom(
    ...[
      '<testsuites>',
      '<testsuite ',
      '</testsuite>',
      '<testcase name="a">',
      '</testcase>',
      '<failure/>',
    ],
    ...[
      '<![CDATA[',
      ']]>',
      '<!--',
      '-->',
      '<!DOCTYPE a [',
      ']>',
      '<!ENTITY b "c">',
      '<?xml',
      '?>',
      '&b;',
    ],
    ...[
      '&#0;',
      '&#xD800;',
      '&#x110000;',
      '&amp;',
      '"',
      "'",
      '<',
      '>',
      '/>',
      '=',
      '__proto__="1"',
      '<testsuite hasOwnProperty="1" name="y">',
      'toString="2" constructor="3" ',
      '<__proto__>',
      '<hasOwnProperty/>',
      '<constructor>',
      '&constructor;',
      '&__proto__;',
      '\u0000',
    ],
    ...[
      'errors="1">',
      'errors="-1">',
      'time="1e999">',
      '\uD800',
      '\uFEFF',
      ' ',
      '\n',
      'x'.repeat(5_000),
    ],
  );
  const text = fc.oneof(
    fc.array(pieces, { maxLength: 30 }).map((all) => all.join('')),
    fc.array(pieces, { maxLength: 20 }).map((all) => file('<testsuite>', ...all, '</testsuite>')),
    fc.string({ unit: 'binary' }),
  );
  fc.assert(
    fc.property(text, (hostile) => {
      try {
        const { total, failed, skipped, failures } = junit(hostile);
        expect(failed + skipped).toBeLessThanOrEqual(total);
        expect(failures.length).toBeLessThanOrEqual(100);
      } catch (thrown) {
        if (!(thrown instanceof JunitRefusal)) throw thrown;
        expect(thrown.message.length).toBeLessThan(300);
      }
    }),
    { numRuns: 300 },
  );
});
