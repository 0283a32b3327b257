import type { RunFacts, SparkStage } from '../../src/report/facts.ts';

/** Facts of runs that could be, from which the pictures of the documentation are drawn. */
const accepted = Date.UTC(2026, 10, 27, 2, 0, 4);
const at = (seconds: number): number => accepted + seconds * 1_000;
const MiB = 1_048_576;

const base: RunFacts = {
  result: 'Succeeded',
  service: 'Fabric',
  batchName: 'contoso/lakehouse nightly 412 9f31c07ab2de',
  batchId: '5b0f3c1e-8a52-4c1d-9a4e-2f6f0d7c9e11',
  applicationId: 'application_1764208804112_0001',
  workspace: { name: 'analytics', id: '0d4c2a7e-6b1f-4a39-8f0e-1c2b3d4e5f60' },
  lakehouse: { name: 'orders', id: '7e8f9a0b-1c2d-4e3f-a4b5-c6d7e8f9a0b1' },
  file: 'jobs/clean_orders.py',
  state: 'success',
  submission: 'submitted',
  runUrl: 'https://app.fabric.microsoft.com/workloads/de-ds/sparkmonitor/7e8f9a0b/5b0f3c1e',
  logPath: '/home/runner/work/_temp/fabric-spark-batch/9f31c07ab2de/logs',
  sourceUrl: 'https://github.com/contoso/lakehouse/blob/3f786850e387550fdab836ed7e6dc881de23001b/',
  settings: [],
  requests: 64,
};

function stage(
  id: number,
  name: string,
  [from, to]: readonly [number, number | undefined],
  rest: Partial<SparkStage> = {},
): SparkStage {
  const tasks = rest.tasks ?? 8;
  return {
    id,
    attempt: 0,
    name,
    status: 'complete',
    submittedAt: at(from),
    completedAt: to === undefined ? undefined : at(to),
    tasks,
    tasksDone: tasks,
    tasksFailed: 0,
    inputRows: 0,
    inputBytes: 0,
    outputRows: 0,
    outputBytes: 0,
    shuffleReadBytes: 0,
    shuffleWriteBytes: 0,
    ...rest,
  };
}

const green: RunFacts = {
  ...base,
  acceptedAt: at(0),
  startingAt: at(3),
  runningAt: at(19),
  endedAt: at(214),
  session: { vCoreHours: 0.433, reckoned: '8 vCores for 3 min 15 s' },
  stages: [
    stage(0, 'csv at NativeMethodAccessorImpl.java:0', [24, 25.2], {
      tasks: 1,
      inputRows: 1,
      inputBytes: 65_536,
    }),
    stage(1, 'count at clean_orders.py:65', [27, 71], {
      tasks: 48,
      inputRows: 38_412_907,
      inputBytes: 2_914 * MiB,
      shuffleWriteBytes: 3 * MiB,
    }),
    stage(2, 'count at clean_orders.py:65', [71, 71.4], {
      tasks: 1,
      shuffleReadBytes: 3 * MiB,
    }),
    stage(3, 'collect at clean_orders.py:69', [72, 80], {
      tasks: 48,
      inputRows: 38_412_907,
      inputBytes: 1_660 * MiB,
      shuffleWriteBytes: 21_504,
    }),
    stage(4, 'collect at clean_orders.py:69', [80, 80.6], { tasks: 4, shuffleReadBytes: 21_504 }),
    stage(5, 'count at clean_orders.py:73', [82, 149], {
      tasks: 200,
      inputRows: 38_399_120,
      inputBytes: 1_660 * MiB,
      shuffleReadBytes: 1_204 * MiB,
      shuffleWriteBytes: 1_204 * MiB,
    }),
    stage(6, 'orderBy at clean_orders.py:76', [150, 166], {
      tasks: 200,
      inputRows: 38_102_455,
      inputBytes: 1_502 * MiB,
      shuffleWriteBytes: 980 * MiB,
    }),
    stage(7, 'saveAsTable at NativeMethodAccessorImpl.java:0', [166, 201], {
      tasks: 32,
      shuffleReadBytes: 980 * MiB,
      outputRows: 38_102_455,
      outputBytes: 812 * MiB,
    }),
    stage(8, 'collect at clean_orders.py:87', [202, 207], {
      tasks: 200,
      inputRows: 38_102_455,
      inputBytes: 1_502 * MiB,
      shuffleWriteBytes: 11_264,
    }),
    stage(9, 'collect at clean_orders.py:87', [207, 207.3], {
      status: 'complete',
      tasks: 1,
      shuffleReadBytes: 11_264,
    }),
    stage(10, 'collect at clean_orders.py:87', [207, undefined], {
      status: 'skipped',
      submittedAt: undefined,
    }),
  ],
  jobOutput: '{\n  "rows_read": 38412907,\n  "rows_written": 38102455\n}',
};

const red: RunFacts = {
  ...base,
  result: 'Failed',
  errorCode: 'BATCH_FAILED',
  message: 'The job failed: BadOrders: 2 of 4 rules do not hold on Files/raw/orders.csv:',
  advice: 'Mend the rows or the rule that the exception names; the log above shows the whole run.',
  batchName: 'contoso/lakehouse data-tests 1187 c81e728d9d4c',
  file: 'jobs/check_orders.py',
  state: 'dead',
  acceptedAt: at(0),
  startingAt: at(2),
  runningAt: at(14),
  endedAt: at(37),
  session: { vCoreHours: 0.051, reckoned: '8 vCores for 23 s' },
  stages: [
    stage(0, 'csv at NativeMethodAccessorImpl.java:0', [18, 20.1], {
      tasks: 1,
      inputRows: 1,
      inputBytes: 41_287,
    }),
    stage(1, 'first at check_orders.py:57', [22, 26.4], {
      tasks: 1,
      inputRows: 402,
      inputBytes: 41_287,
      shuffleWriteBytes: 30_122,
    }),
    stage(2, 'first at check_orders.py:57', [26.4, 29], {
      tasks: 1,
      shuffleReadBytes: 30_122,
    }),
    stage(3, 'collect at check_orders.py:41', [30, 33.2], {
      tasks: 1,
      inputRows: 402,
      inputBytes: 41_287,
    }),
  ],
  rootCause: {
    title: 'BadOrders: 2 of 4 rules do not hold on Files/raw/orders.csv:',
    message: [
      'BadOrders: 2 of 4 rules do not hold on Files/raw/orders.csv:',
      '  the amount is not negative: 1 row broke this rule',
      '    order 1999: customer None, 2025-06-01, -5.00 USD',
      '  the currency is one of CHF, EUR, GBP, SEK: 2 rows broke this rule',
      "    order 1407: customer 'C-0311', 2025-05-30, 18.20 US$",
      '    order 1999: customer None, 2025-06-01, -5.00 USD',
      'Mend or remove these rows in Files/raw/orders.csv, then run this check again.',
    ],
    lines: [
      'Traceback (most recent call last):',
      '  File "/mnt/var/jobs/check_orders.py", line 90, in <module>',
      '    main()',
      '  File "/mnt/var/jobs/check_orders.py", line 85, in main',
      '    rows = check(orders, args.input)',
      '  File "/mnt/var/jobs/check_orders.py", line 70, in check',
      '    raise BadOrders(',
      'BadOrders: 2 of 4 rules do not hold on Files/raw/orders.csv:',
    ],
    place: { file: 'jobs/check_orders.py', line: 70 },
  },
};

const tests: RunFacts = {
  ...base,
  errorCode: 'TESTS_FAILED',
  message: '2 of 20 tests failed.',
  advice: 'Each failed test is named below with its message.',
  batchName: 'contoso/lakehouse data-tests 1188 eccbc87e4b5c',
  file: 'jobs/test_orders.py',
  acceptedAt: at(0),
  startingAt: at(2),
  runningAt: at(12),
  endedAt: at(60),
  tests: {
    files: ['Files/results/c81e728d9d4c.xml'],
    total: 20,
    failed: 2,
    skipped: 1,
    seconds: 12.4,
    failures: [
      {
        name: 'test_amounts_are_not_negative[SEK]',
        suite: 'tests.test_orders',
        kind: 'failure',
        message: 'AssertionError: 1 order has a negative amount: 1999 (-5.00 SEK)',
        lines: [
          'currency = "SEK"',
          '    def test_amounts_are_not_negative(orders, currency):',
          '>       assert negative(orders, currency) == []',
          'E       AssertionError: 1 order has a negative amount: 1999 (-5.00 SEK)',
          'tests/test_orders.py:41: AssertionError',
        ],
        place: { file: 'tests/test_orders.py', line: 41 },
      },
      {
        name: 'test_customers_are_known',
        suite: 'tests.test_customers',
        kind: 'error',
        message: 'pyspark.errors.AnalysisException: [TABLE_OR_VIEW_NOT_FOUND] `customers`',
        lines: ['tests/conftest.py:18: in customers', '    return spark.table("customers")'],
        place: { file: 'tests/conftest.py', line: 18 },
      },
    ],
  },
};

const timeout: RunFacts = {
  ...base,
  result: 'TimedOut',
  errorCode: 'TIMEOUT',
  message:
    'The batch did not end within 1 h of its acceptance. Fabric was asked to end the batch; the post step waits for its end.',
  advice: 'Raise timeout-minutes, or look into the log for what takes so long.',
  file: 'jobs/rebuild_history.py',
  state: 'running',
  acceptedAt: at(0),
  startingAt: at(48),
  runningAt: at(232),
  endedAt: at(3_600),
  settings: ['spark.sql.shuffle.partitions', 'driver-memory'],
  session: { vCoreHours: 7.484, reckoned: '8 vCores for 56 min 8 s' },
  requests: 311,
  stages: [
    stage(0, 'table at rebuild_history.py:31', [240, 262], {
      tasks: 50,
      inputRows: 4_120,
      inputBytes: 3 * MiB,
    }),
    stage(1, 'join at rebuild_history.py:58', [265, 655], {
      tasks: 400,
      inputRows: 812_443_120,
      inputBytes: 61_207 * MiB,
      shuffleWriteBytes: 42_118 * MiB,
    }),
    stage(2, 'join at rebuild_history.py:58', [265, 402], {
      tasks: 96,
      inputRows: 38_102_455,
      inputBytes: 1_502 * MiB,
      shuffleWriteBytes: 1_204 * MiB,
    }),
    stage(3, 'join at rebuild_history.py:58', [656, undefined], {
      status: 'active',
      tasks: 200,
      tasksDone: 197,
      tasksFailed: 4,
      shuffleReadBytes: 43_290 * MiB,
      shuffleWriteBytes: 9_641 * MiB,
    }),
    stage(4, 'saveAsTable at NativeMethodAccessorImpl.java:0', [656, undefined], {
      status: 'pending',
      submittedAt: undefined,
      tasksDone: 0,
    }),
  ],
};

export const samples: Readonly<Record<string, RunFacts>> = { green, red, tests, timeout };

const attack = [
  '<img src=x onerror=alert(1)> </details><h1>PWNED</h1> ``` ```` `` | a | [x](https://evil.example)',
  '```mermaid\ngantt\n```\n~~~\n# PWNED\n%%{init: {"securityLevel": "loose"}}%%; click a href "x"',
  'section x:crit, 2000-01-01\u0000\u001b[31m #quot; $$x$$ \u202egnp.exe 🚀 https://evil.example @octocat',
].join(' ');

/** What a job, or who writes its names, could try; drawn as a check, and no picture of the documentation. */
export const hostile: RunFacts = {
  ...timeout,
  result: 'Failed',
  message: `The job failed: ${attack}`,
  advice: attack,
  requestId: attack,
  batchName: attack,
  file: attack,
  state: attack,
  workspace: { name: attack, id: attack },
  settings: [attack, attack],
  session: { vCoreHours: 1, reckoned: attack },
  notes: [attack],
  jobOutput: attack,
  tests: {
    files: [attack],
    total: 3,
    failed: 2,
    skipped: 0,
    failures: [1, 2].map((line) => ({
      name: attack,
      suite: attack,
      kind: 'error',
      message: attack,
      lines: attack.split('\n'),
      place: { file: attack, line },
    })),
  },
  stages: (timeout.stages ?? []).map((each) => ({
    ...each,
    name: `${attack.slice(each.id * 40)} ${attack}`,
    failure: attack,
  })),
  rootCause: {
    title: attack,
    message: attack.split('\n'),
    lines: [...attack.split('\n'), ...attack.split('\n')],
    place: { file: attack, line: 7 },
  },
};
