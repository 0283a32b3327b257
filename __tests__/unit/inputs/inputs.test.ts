import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readInputs } from '../../../src/inputs.ts';
import { clientId, inputNames, reading, refusalOf, source, tenantId, told } from './source.ts';

const minute = 60_000;

describe('the defaults of action.yml', () => {
  test('are what the design says', () => {
    expect(reading()).toMatchObject({
      workspace: 'my workspace',
      lakehouse: 'lake',
      job: { main: { kind: 'lakehouse', path: 'Files/jobs/job.py' } },
      args: [],
      conf: {},
      sizing: {},
      tenantId,
      clientId,
      audience: 'api://AzureADTokenExchange',
      timeoutMs: 0,
      queueTimeoutMs: 60 * minute,
      capacityWaitMs: 15 * minute,
      outageMs: 30 * minute,
      cancelOn: new Set(['cancel', 'timeout']),
      logs: 'both',
      uploadPath: 'Files/.github',
      keepUpload: false,
      summary: true,
      annotations: true,
      endpoints: {
        fabric: 'https://api.fabric.microsoft.com',
        onelake: 'https://onelake.dfs.fabric.microsoft.com',
        authority: 'https://login.microsoftonline.com',
        portal: 'https://app.fabric.microsoft.com',
        fabricScope: 'https://api.fabric.microsoft.com/.default',
        onelakeScope: 'https://storage.azure.com/.default',
      },
      warnings: [],
    });
  });

  test('stand as well where an input is given as empty or as blank', () => {
    const usual = reading();
    for (const blank of ['', ' ', '\r\n', '\n', '\t']) {
      const empty = Object.fromEntries(
        inputNames
          .filter(
            (name) =>
              ![
                'workspace',
                'lakehouse',
                'file',
                'client-secret',
                'run-key',
                'github-token',
              ].includes(name),
          )
          .map((name) => [name, blank]),
      );
      expect(reading(empty)).toEqual(usual);
    }
  });

  test('of the name say repository, workflow and run', () => {
    const { name } = reading();
    expect(name).toContain('owner/repo');
    expect(name).toContain('nightly');
    expect(name).toContain('4711');
    expect(reading({ name: 'mine' }).name).toBe('mine');
  });
});

describe('CR', () => {
  test('is stripped from every input', () => {
    const crlf = reading({
      workspace: 'w\r\n',
      lakehouse: '\r\nl\r\n',
      file: 'Files/x.py\r\n',
      args: 'a\r\nb \r\n\r\n',
      conf: 'spark.a=1\r\nspark.b=2\r\n',
      'keep-upload': 'true\r',
      'cancel-on': 'cancel\r\nerror\r\n',
      'timeout-minutes': '5\r\n',
      'trusted-hosts': 'a.example\r\nb.example\r\n',
    });
    expect(crlf).toMatchObject({
      workspace: 'w',
      lakehouse: 'l',
      job: { main: { kind: 'lakehouse', path: 'Files/x.py' } },
      args: ['a', 'b '],
      conf: { 'spark.a': '1', 'spark.b': '2' },
      keepUpload: true,
      cancelOn: new Set(['cancel', 'error']),
      timeoutMs: 5 * minute,
    });
  });
});

describe('required inputs', () => {
  test.each(['workspace', 'lakehouse', 'file'])('%s', (name) => {
    for (const text of ['', ' ', '\r\n']) {
      const error = refusalOf({ [name]: text });
      expect(error.code).toBe('INPUT_INVALID');
      expect(told(error)).toContain(name);
    }
  });

  test('tenant and client fall back to the environment, and the input counts first', () => {
    const other = '00000000-1111-2222-3333-444444444444';
    expect(reading({ 'tenant-id': other }).tenantId).toBe(other);
    expect(reading({ 'client-id': other }).clientId).toBe(other);
    for (const [name, variable] of [
      ['tenant-id', 'AZURE_TENANT_ID'],
      ['client-id', 'AZURE_CLIENT_ID'],
    ] as const) {
      const error = refusalOf({}, { [variable]: undefined });
      expect(error.code).toBe('INPUT_INVALID');
      expect(told(error)).toContain(name);
      expect(refusalOf({}, { [variable]: '' }).code).toBe('INPUT_INVALID');
    }
  });

  test('names of workspace and lakehouse may hold spaces and other scripts', () => {
    expect(reading({ workspace: 'Döner & Söhne 数据', lakehouse: 'a b' })).toMatchObject({
      workspace: 'Döner & Söhne 数据',
      lakehouse: 'a b',
    });
  });
});

describe('the credential', () => {
  const noSecret = { 'client-secret': '' };
  const oidc = {
    ACTIONS_ID_TOKEN_REQUEST_URL: 'https://token.example/x',
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: 't',
  };

  test('is the secret when there is one, else OIDC', () => {
    expect(reading({}, oidc).clientSecret).toBe('s3cr3t-value-of-a-client');
    expect(reading(noSecret, oidc).clientSecret).toBeUndefined();
  });

  test('when it is all that is missing: NO_CREDENTIAL, with what to do', () => {
    const error = refusalOf(noSecret);
    expect(error.code).toBe('NO_CREDENTIAL');
    expect(told(error)).toContain('id-token: write');
  });

  test('together with other problems: all of them in one INPUT_INVALID', () => {
    const error = refusalOf({ ...noSecret, workspace: '', logs: 'all' });
    expect(error.code).toBe('INPUT_INVALID');
    for (const text of ['workspace', 'logs', 'id-token: write'])
      expect(told(error)).toContain(text);
  });

  test('is never shown in an error', () => {
    const error = refusalOf({ 'client-secret': 'the-secret-itself', logs: 'all' });
    expect(told(error)).not.toContain('the-secret-itself');
  });
});

describe('all problems are told at once', () => {
  const wrong: Readonly<Record<string, string>> = {
    workspace: '',
    lakehouse: '',
    file: 'not/there.py',
    args: '[1, 2]',
    conf: 'no equals sign',
    'driver-memory': 'much',
    'driver-cores': 'four',
    'executor-memory': '-1g',
    'executor-cores': '0.5',
    'num-executors': '-2',
    'timeout-minutes': 'soon',
    'queue-timeout-minutes': '-1',
    'capacity-wait-minutes': '1,5',
    'outage-minutes': '5m',
    'cancel-on': 'sometimes',
    logs: 'all',
    'upload-path': 'Tables/x',
    'keep-upload': 'yes',
    summary: '1',
    annotations: 'on',
    'fabric-endpoint': 'http://api.fabric.microsoft.com',
    'onelake-endpoint': 'not a url',
    'authority-host': 'http://127.0.0.1:1',
    'portal-url': 'ftp://x',
    'trusted-hosts': 'https://not-a-host/path',
  };

  test('each of them by its name', () => {
    const error = refusalOf(wrong);
    expect(error.code).toBe('INPUT_INVALID');
    const missing = Object.keys(wrong).filter((name) => !told(error).includes(name));
    expect(missing).toEqual([]);
  });

  test.each(Object.entries(wrong))('%s: %j alone', (name, text) => {
    const error = refusalOf({ [name]: text });
    expect(error.code).toBe('INPUT_INVALID');
    expect(told(error)).toContain(name);
  });

  test('whatever the texts: values, or one StepError', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.constantFrom(...inputNames),
          fc.oneof(fc.string(), fc.constantFrom('true', '0', '[', '{', '..', 'Files/', 'https://')),
          { maxKeys: 6 },
        ),
        (inputs) => {
          try {
            reading(inputs);
          } catch (thrown) {
            expect(thrown).toMatchObject({ name: 'StepError' });
            expect(thrown).toHaveProperty(
              'code',
              expect.stringMatching(/^(INPUT_INVALID|NO_CREDENTIAL)$/),
            );
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

describe('the forms', () => {
  test('booleans are true or false in any case', () => {
    for (const text of ['true', 'TRUE', 'True', ' true '])
      expect(reading({ 'keep-upload': text }).keepUpload).toBe(true);
    for (const text of ['false', 'FALSE', 'False'])
      expect(reading({ summary: text }).summary).toBe(false);
    for (const text of ['yes', 'no', 'on', 'off', '1', '0', 'tru', 'truefalse'])
      expect(refusalOf({ summary: text }).code).toBe('INPUT_INVALID');
  });

  test('minutes are numbers of 0 or more, fractions allowed', () => {
    expect(reading({ 'timeout-minutes': '0.5' }).timeoutMs).toBe(30_000);
    expect(reading({ 'timeout-minutes': '90' }).timeoutMs).toBe(90 * minute);
    expect(reading({ 'timeout-minutes': '0' }).timeoutMs).toBe(0);
    for (const text of ['-1', '1e3x', 'NaN', 'Infinity', '1 2', '0x10', '--1', '∞'])
      expect(refusalOf({ 'timeout-minutes': text }).code).toBe('INPUT_INVALID');
  });

  test('sizing is sent only when set', () => {
    expect(
      reading({
        'driver-memory': '28g',
        'driver-cores': '4',
        'executor-memory': '56g',
        'executor-cores': '8',
        'num-executors': '2',
      }).sizing,
    ).toEqual({
      driverMemory: '28g',
      driverCores: 4,
      executorMemory: '56g',
      executorCores: 8,
      numExecutors: 2,
    });
    expect(reading({ 'driver-cores': '4' }).sizing).toEqual({ driverCores: 4 });
    for (const text of ['0', '-1', '1.5', '4 cores', '1e2', '９'])
      expect(refusalOf({ 'driver-cores': text }).code).toBe('INPUT_INVALID');
    for (const text of ['28', 'g', '28 gigabytes', '-28g', '2.5x'])
      expect(refusalOf({ 'driver-memory': text }).code).toBe('INPUT_INVALID');
  });

  test('logs is one of its words', () => {
    for (const logs of ['stdout', 'stderr', 'both', 'none'] as const)
      expect(reading({ logs }).logs).toBe(logs);
    expect(refusalOf({ logs: 'stdout,stderr' }).code).toBe('INPUT_INVALID');
  });

  test('cancel-on is any of its words, or never', () => {
    expect(reading({ 'cancel-on': 'error' }).cancelOn).toEqual(new Set(['error']));
    expect(reading({ 'cancel-on': 'cancel, timeout, error' }).cancelOn).toEqual(
      new Set(['cancel', 'timeout', 'error']),
    );
    expect(reading({ 'cancel-on': 'never' }).cancelOn).toEqual(new Set());
    for (const text of ['never,cancel', 'cancelled', 'always', ',', 'cancel;timeout'])
      expect(refusalOf({ 'cancel-on': text }).code).toBe('INPUT_INVALID');
  });

  test('an .R file is refused, in either case, wherever it is', () => {
    for (const file of [
      'Files/job.R',
      'Files/job.r',
      'abfss://w@h.dfs.fabric.microsoft.com/l/Files/j.R',
    ]) {
      const error = refusalOf({ file });
      expect(error.code).toBe('INPUT_INVALID');
      expect(told(error)).toContain('file');
    }
  });
});

describe('keys that look like a password', () => {
  test.each([
    { conf: 'spark.my.password=x1' },
    { conf: 'fs.azure.account.key.x=x1' },
    { conf: '{"my.client.secret": "x1"}' },
    { conf: 'spark.api_token=x1' },
    { args: '--password\nx1' },
    { args: '--db-password=x1' },
    { args: '["--token", "x1"]' },
    { args: '--password\n-token-x1' },
    { args: 'db_password=x1' },
    { args: '--conf\nspark.my.secret=x1' },
  ])('%j warns, without the value', (inputs) => {
    const { warnings } = reading(inputs);
    expect(warnings).toHaveLength(1);
    expect(warnings.join('\n')).not.toContain('x1');
  });

  test.each([
    { conf: 'spark.sql.shuffle.partitions=8' },
    { args: 'in\nout\n--limit\n5' },
    { args: 'c2VjcmV0token1=\n-token of x=1' },
    {},
  ])('%j does not', (inputs) => {
    expect(reading(inputs).warnings).toEqual([]);
  });
});

test('the inputs that are read are those that action.yml lists', () => {
  const asked = new Set<string>();
  const given = source({}, {});
  readInputs({
    ...given,
    input: (name) => {
      asked.add(name);
      return given.input(name);
    },
  });
  expect([...asked].sort()).toEqual([...inputNames].sort());
});

test('a time limit beside wait: false warns, since nobody waits', () => {
  const limited = { 'timeout-minutes': '30' };
  expect(reading({ ...limited, wait: 'false' }).warnings).toEqual([
    expect.stringContaining('timeout-minutes has no effect with wait: false'),
  ]);
  expect(reading(limited).warnings).toEqual([]);
  expect(reading({ wait: 'false' }).warnings).toEqual([]);
});
