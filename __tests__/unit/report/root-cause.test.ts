import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { rootCause } from '../../../src/report/root-cause.ts';

const noise = [
  '26/11/02 08:00:00 INFO SparkContext: Running Spark version 3.5.1',
  '26/11/02 08:00:01 WARN NativeCodeLoader: Unable to load native-hadoop library',
];
const shutdown = [
  '26/11/02 08:01:00 INFO ShutdownHookManager: Shutdown hook called',
  '26/11/02 08:01:00 INFO SparkContext: Successfully stopped SparkContext',
];
const traceback = [
  'Traceback (most recent call last):',
  '  File "/tmp/spark-1/job.py", line 12, in <module>',
  '    main()',
  '  File "/tmp/spark-1/job.py", line 8, in main',
  '    raise ValueError("3 rows have no key")',
  'ValueError: 3 rows have no key',
];
const javaChain = [
  'Exception in thread "main" org.apache.spark.SparkException: Job aborted due to stage failure: Task 0 failed 4 times',
  '\tat org.apache.spark.scheduler.DAGScheduler.failJobAndIndependentStages(DAGScheduler.scala:2844)',
  '\tat org.apache.spark.deploy.SparkSubmit.main(SparkSubmit.scala)',
  'Caused by: java.io.FileNotFoundException: Operation failed: "The specified path does not exist.", 404',
  '\tat org.apache.hadoop.fs.azurebfs.AzureBlobFileSystem.open(AzureBlobFileSystem.java:222)',
  '\t... 20 more',
];

const title = (stdout: readonly string[], stderr: readonly string[]): string | undefined =>
  rootCause(stdout, stderr)?.title;

describe('a Python failure', () => {
  test('is the last line of its traceback, in either stream', () => {
    for (const streams of [
      [[], [...noise, ...traceback, ...shutdown]],
      [[...traceback], [...noise, ...shutdown]],
    ] as const) {
      const cause = rootCause(streams[0], streams[1]);
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
    const cause = rootCause(
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
      'pyspark.errors.exceptions.captured.AnalysisException: [PATH_NOT_FOUND] Path does not exist: abfss://x.',
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
    const cause = rootCause([], [...noise, ...javaChain, ...shutdown]);
    expect(cause?.title).toMatch(/FileNotFoundException|SparkException/);
    expect(cause?.lines.join('\n')).toContain('java.io.FileNotFoundException');
    expect(cause?.lines.join('\n')).toContain('Job aborted due to stage failure');
    expect(cause?.lines.join('\n')).not.toContain('ShutdownHookManager');
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
  ])('%s', (line) => {
    expect(title([], [...noise, line, ...shutdown])).toContain(line);
  });
});

describe('a log that names no cause', () => {
  test('gives none', () => {
    expect(rootCause([], [])).toBeUndefined();
    expect(rootCause(['all good'], [...noise, ...shutdown])).toBeUndefined();
    expect(rootCause(['Error rate: 5 %', 'no Exception here'], noise)).toBeUndefined();
  });

  test('never throws, is bounded, and says nothing that the log does not', () => {
    const line = fc.oneof(
      fc.constantFrom(...traceback, ...javaChain, ...noise, ...shutdown, '', '    ', '\tat a.b'),
      fc.string(),
    );
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 150 }),
        fc.array(line, { maxLength: 150 }),
        (out, err) => {
          const cause = rootCause(out, err);
          if (cause === undefined) return;
          expect(cause.lines.length).toBeLessThanOrEqual(100);
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
    const cause = rootCause([], deep);
    expect(cause?.title).toBe('RecursionError: maximum recursion depth exceeded');
    expect(cause?.lines.length).toBeLessThanOrEqual(100);
    expect(cause?.lines.at(-1)).toContain('RecursionError');
  });
});
