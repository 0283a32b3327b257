import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  items,
  lines,
  looksSecret,
  parseArgs,
  parseBoolean,
  parseConf,
  parseCount,
  parseMemory,
  parseMinutes,
  quote,
  type Parsed,
} from '../../../src/inputs/forms.ts';
import { reading } from './source.ts';

function valueOf<Value>(parsed: Parsed<Value>): Value {
  if ('value' in parsed) return parsed.value;
  throw new Error(parsed.problem);
}
const isProblem = (parsed: Parsed<unknown>): boolean => 'problem' in parsed;

describe('args', () => {
  test('one a line, exact; blank lines dropped', () => {
    expect(valueOf(parseArgs('a\n  b  \n\n\t\n--c=d e\n"quoted"\n$HOME `x` \\n'))).toEqual([
      'a',
      '  b  ',
      '--c=d e',
      '"quoted"',
      '$HOME `x` \\n',
    ]);
    expect(valueOf(parseArgs(''))).toEqual([]);
  });

  test('keep the spaces of the first and the last line through the input as well', () => {
    expect(reading({ args: '  a\nb  ' }).args).toEqual(['  a', 'b  ']);
  });

  test('as JSON are any texts, exactly', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'binary' })),
        fc.constantFrom(0, 2),
        (args, indent) => {
          expect(valueOf(parseArgs(JSON.stringify(args, null, indent)))).toEqual(args);
          expect(reading({ args: JSON.stringify(args, null, indent) }).args).toEqual(args);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('lines are what was written, line by line', () => {
    const line = fc
      .string({ unit: 'grapheme' })
      .filter((text) => text.trim() !== '' && !/[\r\n]/.test(text));
    fc.assert(
      fc.property(fc.array(line), fc.constantFrom('\n', '\r\n', '\n\n'), (args, end) => {
        fc.pre(!args.join(end).trimStart().startsWith('['));
        expect(valueOf(parseArgs(args.join(end)))).toEqual(args);
      }),
    );
  });

  test.each(['[', '[1]', '["a", 1]', '["a"', '[null]', '[["a"]]', '["a"] x', '[a]', ' [1]'])(
    '%j starts with [ and is no JSON array of strings',
    (text) => {
      expect(isProblem(parseArgs(text))).toBe(true);
    },
  );
});

describe('conf', () => {
  test('the first = splits a line', () => {
    expect(valueOf(parseConf('spark.a=1\nspark.b=x=y=\nspark.c='))).toEqual({
      'spark.a': '1',
      'spark.b': 'x=y=',
      'spark.c': '',
    });
    const key = fc.stringMatching(/^spark\.[a-zA-Z0-9_.-]{1,12}$/);
    const value = fc.stringMatching(/^[!-~][ -~]{0,12}[!-~]$/);
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(key, value), { selector: ([name]) => name }), (pairs) => {
        const text = pairs.map(([name, content]) => `${name}=${content}`).join('\n');
        expect(valueOf(parseConf(text))).toEqual(Object.fromEntries(pairs));
      }),
    );
  });

  test('values are sent as strings, also those of JSON', () => {
    expect(
      valueOf(parseConf('{"spark.a": 1, "spark.b": true, "spark.c": "x", "spark.d": 0.5}')),
    ).toEqual({ 'spark.a': '1', 'spark.b': 'true', 'spark.c': 'x', 'spark.d': '0.5' });
    const name = fc.stringMatching(/^spark\.[a-z.]{1,12}$/);
    fc.assert(
      fc.property(fc.dictionary(name, fc.string({ unit: 'binary' })), (conf) => {
        expect({ ...valueOf(parseConf(JSON.stringify(conf))) }).toEqual({ ...conf });
      }),
    );
  });

  test.each([
    'x',
    '=1',
    ' = 1',
    'a=1\nb',
    '{',
    '{"a": null}',
    '{"a": {}}',
    '{"a": ["b"]}',
    '{"": "x"}',
  ])('%j is refused', (text) => {
    expect(isProblem(parseConf(text))).toBe(true);
  });

  test('a key that is given twice is not decided in silence', () => {
    expect(isProblem(parseConf('spark.a=1\nspark.a=2'))).toBe(true);
  });

  test('a key of every object is a key like another', () => {
    expect(Object.entries(valueOf(parseConf('constructor=1\ntoString=2')))).toEqual([
      ['constructor', '1'],
      ['toString', '2'],
    ]);
    for (const text of ['__proto__=1', '{"__proto__": "1"}']) {
      const parsed = parseConf(text);
      if ('value' in parsed) expect(Object.entries(parsed.value)).toEqual([['__proto__', '1']]);
    }
  });

  test('nothing is added that was not asked for', () => {
    expect(reading({ conf: 'spark.a=1' }).conf).toEqual({ 'spark.a': '1' });
    expect(reading().conf).toEqual({});
  });
});

describe('smaller forms', () => {
  test('a parser gives a value or says what is wrong; it never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        for (const parse of [
          parseArgs,
          parseConf,
          parseBoolean,
          parseMinutes,
          parseCount,
          parseMemory,
        ]) {
          const parsed: Parsed<unknown> = parse(text);
          expect('value' in parsed || parsed.problem.length > 0).toBe(true);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test('minutes in milliseconds, exact for what a person writes', () => {
    for (let hundredths = 0; hundredths <= 1_000; hundredths++)
      expect(valueOf(parseMinutes(String(hundredths / 100)))).toBeCloseTo(hundredths * 600, 6);
    for (const text of ['', '-0.1', '.', '1.2.3', '1e9999'])
      expect(isProblem(parseMinutes(text))).toBe(true);
  });

  test('lines and items', () => {
    expect(lines('a\r\n b \n\n \nc')).toEqual(['a', ' b ', 'c']);
    expect(items('a, b\nc  d,,e')).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(items(' \n')).toEqual([]);
  });

  test('what is quoted in a problem is bounded and on one line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 3_000, size: 'max' }), (text) => {
        const quoted = quote(text);
        expect(quoted.length).toBeLessThan(300);
        expect(quoted).not.toMatch(/[\r\n]/);
      }),
    );
    expect(quote('abc')).toContain('abc');
  });

  test.each(['password', 'PASSWORD', 'my-secret', 'apiToken', 'api_key', 'account.key', 'passwd'])(
    '%s looks like a secret',
    (key) => {
      expect(looksSecret(key)).toBe(true);
    },
  );

  test.each(['spark.sql.shuffle.partitions', 'input', 'primary', 'monkey', 'keyboard', 'turkey'])(
    '%s does not',
    (key) => {
      expect(looksSecret(key)).toBe(false);
    },
  );
});
