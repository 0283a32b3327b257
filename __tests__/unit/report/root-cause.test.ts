import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { rootCause } from '../../../src/report/root-cause.ts';
import { causeOf, javaChain, noise, shutdown, title, traceback } from './root-cause/logs.ts';

describe('a Python failure', () => {
  test('is the last line of its traceback, in either stream', () => {
    for (const streams of [
      [[], [...noise, ...traceback, ...shutdown]],
      [[...traceback], [...noise, ...shutdown]],
    ] as const) {
      const cause = causeOf(streams[0], streams[1]);
      expect(cause?.title).toBe('ValueError: 3 rows have no key');
      expect(cause?.lines.join('\n')).toContain('line 8, in main');
      expect(cause?.lines[0]).toContain('Traceback');
      expect(cause?.lines.join('\n')).not.toContain('ShutdownHookManager');
    }
  });

  test('with a chained exception is the last of the chain', () => {
    expect(
      title(
        [],
        [
          'Traceback (most recent call last):',
          '  File "job.py", line 2, in <module>',
          '    d["a"]',
          "KeyError: 'a'",
          '',
          'During handling of the above exception, another exception occurred:',
          '',
          ...traceback,
        ],
      ),
    ).toBe('ValueError: 3 rows have no key');
  });

  test('that was handled before the real one is not the cause', () => {
    const handled = [
      'Traceback (most recent call last):',
      '  File "job.py", line 2, in <module>',
      'ConnectionError: tried again',
    ];
    expect(title([], [...handled, ...noise, ...traceback])).toBe('ValueError: 3 rows have no key');
  });

  test('through Py4J names the Python exception, not a Java frame', () => {
    const cause = causeOf(
      [],
      [
        ...noise,
        'Traceback (most recent call last):',
        '  File "/tmp/job.py", line 4, in <module>',
        '    spark.read.parquet("Files/none").count()',
        '  File "/opt/spark/python/lib/pyspark.zip/pyspark/sql/readwriter.py", line 544, in parquet',
        '  File "/opt/spark/python/lib/pyspark.zip/pyspark/errors/exceptions/captured.py", line 185, in deco',
        '    raise converted from None',
        'pyspark.errors.exceptions.captured.AnalysisException: [PATH_NOT_FOUND] Path does not exist: abfss://x.',
        ...shutdown,
      ],
    );
    expect(cause?.title).toBe(
      'AnalysisException: [PATH_NOT_FOUND] Path does not exist: abfss://x.',
    );
  });

  test('without a message, a syntax error, and carets', () => {
    expect(
      title(
        [],
        [
          'Traceback (most recent call last):',
          '  File "j.py", line 1, in <module>',
          'AssertionError',
        ],
      ),
    ).toBe('AssertionError');
    expect(
      title(
        [],
        [
          'Traceback (most recent call last):',
          '  File "j.py", line 3, in <module>',
          '    x = a + b',
          '        ^~^^^',
          'TypeError: unsupported operand',
        ],
      ),
    ).toBe('TypeError: unsupported operand');
  });

  test('outranks the Java exception that spark-submit adds', () => {
    expect(
      title(
        [],
        [
          ...traceback,
          'Exception in thread "main" org.apache.spark.SparkUserAppException: User application exited with 1',
          '\tat org.apache.spark.deploy.PythonRunner$.main(PythonRunner.scala:103)',
        ],
      ),
    ).toBe('ValueError: 3 rows have no key');
  });
});

describe('a Java failure', () => {
  test('names the exception, and shows the chain of its causes', () => {
    const cause = causeOf([], [...noise, ...javaChain, ...shutdown]);
    expect(cause?.title).toMatch(/FileNotFoundException|SparkException/);
    expect(cause?.lines.join('\n')).toContain('java.io.FileNotFoundException');
    expect(cause?.lines.join('\n')).toContain('Job aborted due to stage failure');
    expect(cause?.lines.join('\n')).not.toContain('ShutdownHookManager');
  });

  test('is told by the sentence with which Spark explains an exception of its inner parts', () => {
    const chain = [
      'Exception in thread "main" org.apache.spark.SparkException: Job aborted due to stage failure: x',
      '\tat a.b',
      'Caused by: org.apache.spark.SparkException: Parquet column cannot be converted in file a.parquet.',
      '\tat a.b',
      'Caused by: org.apache.spark.sql.execution.ConvertException: column: [amount]',
    ];
    expect(title([], chain)).toBe(
      'SparkException: Parquet column cannot be converted in file a.parquet.',
    );
    expect(title([], chain.toSpliced(2, 2))).toBe('ConvertException: column: [amount]');
  });

  test('of an executor in the log, without a main thread, is found as well', () => {
    expect(
      title(
        [],
        [
          ...noise,
          'java.lang.OutOfMemoryError: Java heap space',
          '\tat java.base/java.util.Arrays.copyOf(Arrays.java:3745)',
        ],
      ),
    ).toContain('OutOfMemoryError');
  });
});

describe('spark-submit itself', () => {
  test.each([
    "python3: can't open file '/tmp/none.py': [Errno 2] No such file or directory",
    'Error: Failed to load class a.b.Main.',
    "Error: Failed to get main class in JAR with error 'null'. Please specify one with --class.",
  ])('%s', (line) => {
    expect(title([], [...noise, line, ...shutdown])).toContain(line);
  });
});

const odd = [
  ...['', '    ', '\tat a.b', '  | ', '  +-+---------------- 1 ----------------', '+'],
  '  + Exception Group Traceback (most recent call last):',
  '  |   File "job.py", line 3, in <module>',
  '  | ExceptionGroup: two (2 sub-exceptions)',
  'org.apache.spark.api.python.PythonException: Traceback (most recent call last):',
  '2026-11-02 08:00:00 ERROR x - Traceback (most recent call last):',
  '2026-11-02 08:00:01 ERROR x -   File "job.py", line 3, in f',
  '  File "job.py", line 3',
  'SyntaxError: invalid syntax',
  'The above exception was the direct cause of the following exception:',
  'During handling of the above exception, another exception occurred:',
  'py4j.protocol.Py4JJavaError: An error occurred while calling o1.x.',
  ': org.apache.spark.SparkException: Job aborted',
  'User application exited with status 3',
];

/** What would take long if a line were looked at again for each one before it; about 1 MB each. */
const hostile: readonly (readonly [string, readonly string[]])[] = [
  ['headings', Array.from({ length: 4_000 }, () => 'Traceback (most recent call last):')],
  [
    'headings that go ever deeper',
    Array.from(
      { length: 4_000 },
      (_, at) => `${' '.repeat(at % 220)}Traceback (most recent call last):`,
    ),
  ],
  ['frames without a heading', Array.from({ length: 4_000 }, () => '  File "job.py", line 3')],
  [
    'groups',
    Array.from({ length: 4_000 }, () => '  | + Exception Group Traceback (most recent call last):'),
  ],
  [
    'causes',
    Array.from({ length: 4_000 }, (_, at) => `Caused by: a.b.C${at}Exception: ${'x'.repeat(200)}`),
  ],
  ['one long line', [`${'a.'.repeat(500_000)}Exception: x`]],
  ['lost tasks', ['java.lang.E: '.concat('most recent failure: Lost task '.repeat(30_000))]],
  ['quotes', Array.from({ length: 4_000 }, () => `File "${'File "'.repeat(40)}`)],
];

describe('a log that names no cause', () => {
  test.each(hostile)('but holds %s gives an answer of bounded size', (_, lines) => {
    const found = rootCause({ stdout: lines, stderr: lines, submit: lines });
    expect(JSON.stringify(found?.cause ?? {}).length).toBeLessThan(200_000);
  });

  test('gives none', () => {
    expect(causeOf([], [])).toBeUndefined();
    expect(causeOf(['all good'], [...noise, ...shutdown])).toBeUndefined();
    expect(causeOf(['Error rate: 5 %', 'no Exception here'], noise)).toBeUndefined();
  });

  test('never throws, is bounded, and says nothing that the log does not', () => {
    const line = fc.oneof(
      fc.constantFrom(...traceback, ...javaChain, ...noise, ...shutdown, ...odd),
      fc.string(),
    );
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 150 }),
        fc.array(line, { maxLength: 150 }),
        (out, err) => {
          const cause = causeOf(out, err);
          if (cause === undefined) return;
          expect(cause.lines.length).toBeLessThanOrEqual(100);
          expect(cause.message.length).toBeLessThanOrEqual(30);
          expect(cause.title.length).toBeLessThanOrEqual(501);
          expect(cause.title).not.toMatch(/\n/);
          expect(cause.title).not.toBe('');
        },
      ),
      { numRuns: 500 },
    );
    const deep = [
      'Traceback (most recent call last):',
      ...Array.from({ length: 3_000 }, (_, at) => `  File "job.py", line ${at}, in f`),
      'RecursionError: maximum recursion depth exceeded',
    ];
    const cause = causeOf([], deep);
    expect(cause?.title).toBe('RecursionError: maximum recursion depth exceeded');
    expect(cause?.lines.length).toBeLessThanOrEqual(100);
    expect(cause?.lines.at(-1)).toContain('RecursionError');
  });
});
