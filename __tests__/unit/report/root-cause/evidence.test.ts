import { describe, expect, test } from '@jest/globals';
import { rootCause } from '../../../../src/report/root-cause.ts';
import { causeOf, javaChain, noise, shutdown, title, traceback } from './logs.ts';

describe('beside the exception that ended Python', () => {
  test('what is raised and ignored, or within Spark alone, is passed over', () => {
    const ignored = [
      'Exception ignored in: <function Session.__del__ at 0x7f>',
      'Traceback (most recent call last):',
      '  File "/tmp/spark-1/job.py", line 3, in __del__',
      'AttributeError: closed',
    ];
    const ofSpark = [
      'ERROR:root:Exception while sending command.',
      'Traceback (most recent call last):',
      '  File "/spark/python/lib/py4j-0.10.9.7-src.zip/py4j/clientserver.py", line 516, in send_command',
      'ConnectionResetError: [Errno 104] Connection reset by peer',
    ];
    expect(title([...traceback, ...ignored, ...ofSpark], [])).toBe(
      'ValueError: 3 rows have no key',
    );
  });

  test('a traceback that its message quotes is part of the message', () => {
    const quoting = [
      ...traceback,
      '',
      'During handling of the above exception, another exception occurred:',
      '',
      'Traceback (most recent call last):',
      '  File "/tmp/spark-1/job.py", line 15, in <module>',
      '    raise RuntimeError(f"load failed:\\n{format_exc()}")',
      'RuntimeError: load failed:',
      ...traceback,
    ];
    expect(title(quoting, [])).toBe('RuntimeError: load failed:');
    expect(causeOf(quoting, [])?.message.at(-1)).toBe(
      'While handling: ValueError: 3 rows have no key',
    );
  });

  test('workers speak in stderr, which counts only where it ends Python', () => {
    const daemon = [
      'Traceback (most recent call last):',
      '  File "/spark/python/pyspark/daemon.py", line 189, in manager',
      '  File "/home/job/lib.py", line 3, in close',
      'BrokenPipeError: [Errno 32] Broken pipe',
    ];
    const exit = 'spark-submit ended with exit code 3';
    const found = rootCause({ stdout: ['2 bad'], stderr: daemon, submit: [exit] });
    expect(found?.cause.title).toBe('The job ended with exit code 3. Its last line: 2 bad');
  });

  test('a message that begins on its second line gives its first words to the title', () => {
    const lines = [...traceback.slice(0, -1), 'ValueError: ', '  3 rows', '  4 rows'];
    expect(title(lines, [])).toBe('ValueError: 3 rows');
  });
});

describe('an exception that was caught', () => {
  const caught = [
    'ERROR:root:the rates of yesterday are used',
    'Traceback (most recent call last):',
    '  File "job.py", line 9, in main',
    '    rates()',
    'ConnectionError: away',
  ];
  const goesOn = ['1 of 4', '2 of 4', '3 of 4', '4 of 4'];
  const exits = (code: number): string[] => [
    `26/11/02 08:01:00 ERROR ApplicationMaster: User application exited with status ${code}`,
  ];

  test('and after which the job went on is not the cause of its exit code', () => {
    expect(title([...caught, ...goesOn], exits(3))).toBe(
      'The job ended with exit code 3. Its last line: 4 of 4',
    );
    expect(title([...caught, ...goesOn], exits(1))).toContain('exit code 1');
  });

  test('and logged just before the job gave up is the cause', () => {
    expect(title([...caught, 'given up'], exits(1))).toBe('ConnectionError: away');
  });

  test('leaves the cause open as long as no exit code is known', () => {
    expect(rootCause({ stdout: [...caught, 'given up'], stderr: [] })?.sure).toBe(false);
    expect(rootCause({ stdout: traceback, stderr: [] })?.sure).toBe(true);
  });
});

describe('an exception long before the end, of a job whose exit code nobody tells', () => {
  /** As `traceback.print_exc()` prints it at the top of a main file: nothing shows that it was caught. */
  const handled = [
    'Traceback (most recent call last):',
    '  File "/tmp/spark-1/job.py", line 7, in <module>',
    '    load(day)',
    'ValueError: handled, retrying',
  ];
  const output = Array.from({ length: 500 }, (_, n) => `day ${n} loaded`);
  const stdout = [...handled, ...output];

  test('is no cause, and gives no line', () => {
    expect(rootCause({ stdout, stderr: noise })).toBeUndefined();
    expect(rootCause({ stdout: [], stderr: stdout })).toBeUndefined();
  });

  test('does not stand before what the cluster says, nor before what the service says', () => {
    const killed =
      'ERROR YarnScheduler: Lost executor 3: Container killed by YARN for exceeding memory limits. 9 GB of 9 GB used.';
    expect(rootCause({ stdout, stderr: [...noise, killed] })?.cause.title).toMatch(
      /^Container killed by YARN for exceeding memory limits/,
    );
    const messages = ['DriverLost: The driver did not answer.'];
    expect(rootCause({ stdout, stderr: noise, messages })?.cause.title).toBe(messages[0]);
  });

  test('of a worker neither', () => {
    const worker = [
      '26/11/02 08:00:02 WARN TaskSetManager: Lost task 0.0 in stage 1.0 (TID 1) (host executor 1): org.apache.spark.api.python.PythonException: Traceback (most recent call last):',
      '  File "/tmp/spark-1/job.py", line 3, in parse',
      '    return int(text)',
      "ValueError: invalid literal for int() with base 10: 'x'",
      ...Array.from({ length: 40 }, () => '26/11/02 08:00:03 INFO TaskSetManager: Finished task'),
    ];
    const killed = 'ERROR YarnScheduler: Container killed by YARN for exceeding memory limits.';
    expect(rootCause({ stdout: [], stderr: [...worker, killed] })?.cause.title).toMatch(
      /^Container killed by YARN/,
    );
    expect(rootCause({ stdout: [], stderr: worker })?.frames ?? []).toEqual([]);
  });

  test('is the cause where it is all but the last line, or only Spark says how it stops', () => {
    expect(title([...handled, 'bye'], [])).toBe('ValueError: handled, retrying');
    const stops = Array.from(
      { length: 30 },
      (_, n) => `26/11/02 08:01:00 INFO ShutdownHookManager: Deleting directory /tmp/spark-${n}`,
    );
    expect(title([], [...noise, ...handled, ...shutdown, ...stops])).toBe(
      'ValueError: handled, retrying',
    );
  });

  test('is the cause where the lines below it are Spark’s own message', () => {
    const spark = [
      ...handled.slice(0, -1),
      'pyspark.errors.exceptions.captured.ParseException: ',
      "[PARSE_SYNTAX_ERROR] Syntax error at or near 'x'.(line 6, pos 2)",
      '',
      '== SQL ==',
      ...Array.from({ length: 30 }, (_, n) => `SELECT ${n}`),
      '--^^^',
      'GROUP BY country',
      '',
    ];
    expect(title(spark, [])).toMatch(/^ParseException: \[PARSE_SYNTAX_ERROR\]/);
    expect(title([...spark, ...output], [])).toBeUndefined();
  });
});

describe('an ending without an exception', () => {
  test.each([
    ['ERROR: no files of 2025-03-02', 'ERROR: no files of 2025-03-02'],
    ['job.py load: error: the following arguments are required: --day', undefined],
    ['[FATAL] nothing to do', undefined],
    ['2 errors', 'The job ended with exit code 1. Its last line: 2 errors'],
    ['error', 'The job ended with exit code 1. Its last line: error'],
  ])('has the last line that the job printed: %s', (line, expected = line) => {
    const submit = ['spark-submit ended with exit code 1'];
    expect(rootCause({ stdout: ['at work', line], stderr: [], submit })?.cause.title).toBe(
      expected,
    );
  });

  test.each([
    [
      'ERROR ApplicationMaster: User application exited with status 137',
      /killed \(exit code 137\)/,
    ],
    ['spark-submit ended with exit code 143', /SIGTERM \(exit code 143\)/],
    [
      'Diagnostics: Container killed by YARN for exceeding physical memory limits. 9 GB of 9 GB used.',
      /^Container killed by YARN/,
    ],
  ])('%s', (line, expected) => {
    const found = rootCause({ stdout: ['at work'], stderr: noise, submit: [line] });
    expect(found?.cause.title).toMatch(expected);
    expect(found?.advice).toMatch(/memory/);
  });

  test('is told by the log of a job whose Java ran out of memory under its call', () => {
    const lost = [
      'Traceback (most recent call last):',
      '  File "/tmp/job.py", line 4, in <module>',
      '    rows = wide.collect()',
      'py4j.protocol.Py4JNetworkError: Answer from Java side is empty',
    ];
    const memory = 'java.lang.OutOfMemoryError: Java heap space';
    const found = rootCause({ stdout: lost, stderr: [...noise, memory, '\tat java.util.Arrays'] });
    expect(found?.cause.title).toBe(memory);
    expect(found?.advice).toContain('driver-memory');
    expect(found?.frames[0]).toMatchObject({ line: 4, source: 'rows = wide.collect()' });
  });

  test('is what the service says, where no log names a cause', () => {
    const messages = ['Livy.BatchFailed: The session died. See the log.', 'System'];
    expect(rootCause({ stdout: ['at work'], stderr: noise, messages })?.cause.title).toBe(
      'Livy.BatchFailed: The session died. See the log.',
    );
    const carried = `Job failed.\n${javaChain.join('\n')}`;
    expect(rootCause({ stdout: [], stderr: [], messages: [carried] })?.cause.title).toContain(
      'java.io.FileNotFoundException: Operation failed',
    );
    expect(rootCause({ stdout: traceback, stderr: [], messages })?.cause.title).toBe(
      'ValueError: 3 rows have no key',
    );
  });
});
