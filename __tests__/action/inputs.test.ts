import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { StepResult } from '../../local/runner/step.ts';
import { Bench, startOn, type Given } from './bench.ts';

jest.setTimeout(30_000);

let bench: Bench;
const elsewhere = mkdtempSync(join(tmpdir(), 'action-inputs-'));
beforeAll(async () => {
  bench = await Bench.start();
  writeFileSync(join(elsewhere, 'outside.py'), '');
});
afterAll(async () => {
  await bench.close();
  rmSync(elsewhere, { recursive: true, force: true });
});

let steps = 0;
/** Runs a step that must end before any connection; gives what the error annotation says. */
async function refusal(given: Given, code = 'INPUT_INVALID'): Promise<string> {
  steps += 1;
  const folder = join(elsewhere, `step-${steps}`);
  furnish(join(folder, 'checkout'));
  const result = await startOn(bench.fabric, folder, given).step.done;
  expectNothingSent(result, code);
  return result.annotations[0]?.message ?? '';
}

/** Files of the checkout that `file` may not name. */
function furnish(checkout: string): void {
  for (const each of ['.git', 'folder.py']) mkdirSync(join(checkout, each), { recursive: true });
  writeFileSync(join(checkout, '.git', 'hook.py'), '');
  symlinkSync(join(elsewhere, 'outside.py'), join(checkout, 'escape.py'));
  symlinkSync(join(checkout, '.git', 'hook.py'), join(checkout, 'hook.py'));
}

function expectNothingSent(result: StepResult, code: string): void {
  expect(result.conclusion).toBe('failure');
  expect(result.main.exitCode).toBe(1);
  expect(result.outputs).toEqual({
    result: 'NotStarted',
    'error-code': code,
    submission: 'none',
  });
  expect(result.annotations).toEqual([
    { level: 'error', title: 'Spark batch not started', message: expect.any(String) },
  ]);
  expect(result.main.stderr).toEqual([]);
  expect(result.post).toMatchObject({ conclusion: 'success', stdout: [], stderr: [] });
  expect(bench.fabric.connections).toEqual({ authority: 0, issuer: 0, fabric: 0, onelake: 0 });
  expect(bench.fabric.requests).toEqual([]);
}

/** The problems that an annotation lists. */
function problems(message: string): string[] {
  return message
    .split('\n')
    .filter((line) => line.startsWith('- '))
    .map((line) => line.slice(2));
}

const lists: readonly (readonly [input: string, bad: string, says: RegExp])[] = [
  ['workspace', '', /is required/],
  ['workspace', ' \t', /is required/],
  ['workspace', 'one\ntwo', /one line/],
  ['lakehouse', '', /is required/],
  ['lakehouse', 'one\ntwo', /one line/],
  ['file', '', /is required/],
  ['file', 'jobs/job.txt', /\.py or \.jar/],
  ['file', 'jobs/job', /\.py or \.jar/],
  ['file', 'jobs/job.R', /R script/],
  ['file', 'jobs/absent.py', /no file of the checkout/],
  ['file', 'jobs/job.py\njobs/job.py', /no file of the checkout/],
  ['file', 'folder.py', /regular file/],
  ['file', '../../outside.py', /out of the checkout/],
  ['file', 'escape.py', /out of the checkout/],
  ['file', '.git/hook.py', /\.git/],
  ['file', 'hook.py', /\.git/],
  ['file', 'https://host.example/job.py', /abfss/],
  ['file', 'file:///etc/job.py', /abfss/],
  ['file', 'Files/../../secret.py', /upwards/],
  ['file', 'Files/%2e%2e/secret.py', /upwards/],
  ['file', 'Files/%252e%252e/secret.py', /upwards/],
  ['file', 'Files/..\\secret.py', /upwards/],
  ['file', 'Files//job.py', /empty segment/],
  ['file', 'Files/a?b.py', /\? or #/],
  ['file', 'abfss://orders/job.py', /abfss:\/\/<workspace>@<host>/],
  ['file', 'abfss://w@onelake.dfs.fabric.microsoft.com/l/../job.py', /upwards/],
  ['args', '[1, 2]', /JSON array of strings/],
  ['args', '["one"', /JSON array of strings/],
  ['args', '[["one"]]', /JSON array of strings/],
  ['conf', 'spark.executor.cores', /key=value/],
  ['conf', '=4', /key=value/],
  ['conf', 'a=1\na=2', /twice/],
  ['conf', '{"a": ', /JSON object/],
  ['conf', '{"a": null}', /no text, number or boolean/],
  ['conf', '{"a": {"b": 1}}', /no text, number or boolean/],
  ['conf', '{"": 1}', /empty key/],
  ['class-name', 'com.example.Main', /is for a \.jar/],
  ['driver-memory', '28', /unit/],
  ['driver-memory', '0g', /unit/],
  ['driver-cores', 'four', /whole number/],
  ['driver-cores', '0', /whole number/],
  ['executor-memory', '28 gigabytes', /unit/],
  ['executor-cores', '-1', /whole number/],
  ['num-executors', '1.5', /whole number/],
  ['tenant-id', '', /is required/],
  ['tenant-id', 'my tenant', /tenant id or domain/],
  ['tenant-id', 'common/../other', /tenant id or domain/],
  ['client-id', '', /is required/],
  ['client-id', 'my-app', /application \(client\) id/],
  ['timeout-minutes', '-1', /minutes/],
  ['timeout-minutes', '1h', /minutes/],
  ['queue-timeout-minutes', '1,5', /minutes/],
  ['capacity-wait-minutes', 'Infinity', /minutes/],
  ['outage-minutes', '1e3', /minutes/],
  ['cancel-on', 'abort', /must hold cancel, timeout, error, or never/],
  ['cancel-on', 'never,cancel', /stands alone/],
  ['cancel-on', ',', /holds no word/],
  ['logs', 'all', /one of stdout, stderr, both, none/],
  ['upload-path', 'Tables/x', /under Files\//],
  ['upload-path', 'Files', /under Files\//],
  ['upload-path', 'Files/../x', /upwards/],
  ['upload-path', 'Files/%2E%2E/x', /upwards/],
  ['keep-upload', 'yes', /true or false/],
  ['summary', '1', /true or false/],
  ['annotations', 'on', /true or false/],
  ['name', 'n'.repeat(201), /200 characters/],
  ['fabric-endpoint', 'api.fabric.microsoft.com', /URL/],
  ['fabric-endpoint', 'http://api.fabric.microsoft.com', /https:\/\//],
  ['fabric-endpoint', 'https://api.fabric.microsoft.com/v1', /origin only/],
  ['fabric-endpoint', 'https://user:word@api.fabric.microsoft.com', /origin only/],
  ['fabric-endpoint', 'https://api.fabric.microsoft.com.evil.example', /trusted-hosts/],
  ['fabric-endpoint', 'https://evilfabric.microsoft.com.example', /trusted-hosts/],
  ['onelake-endpoint', 'https://onelake.example', /trusted-hosts/],
  ['onelake-endpoint', 'ftp://127.0.0.1', /https:\/\//],
  ['authority-host', 'http://127.0.0.1:1', /https:\/\//],
  ['authority-host', 'https://login.example', /trusted-hosts/],
  ['portal-url', 'javascript:alert(1)', /origin only|https:\/\//],
  ['trusted-hosts', '*', /host names/],
  ['trusted-hosts', 'https://fabric.example', /host names/],
];

describe('one bad input ends the step before any connection', () => {
  test.each(lists)('%s: %j', async (input, bad, says) => {
    const message = await refusal({ inputs: { [input]: bad } });
    expect(message.split('\n')[0]).toBe('An input is not valid; nothing was sent.');
    expect(problems(message)).toEqual([expect.stringMatching(new RegExp(`^${input} .*\\.$`))]);
    expect(message).toMatch(says);
  });

  test('a class name with characters that it cannot have', async () => {
    const given = { file: 'Files/job.jar', 'class-name': 'com.example; Main' };
    expect(await refusal({ inputs: given })).toMatch(/class-name is no class name/);
  });

  test('no credential', async () => {
    const message = await refusal({ signIn: 'none' }, 'NO_CREDENTIAL');
    expect(message).toMatch(/client-secret/);
    expect(message).toMatch(/id-token: write/);
  });
});

test('every bad input at once is told in one annotation', async () => {
  const all: Record<string, string> = {
    workspace: '',
    lakehouse: 'one\ntwo',
    file: 'job.R',
    args: '[1]',
    conf: 'no pair',
    'class-name': 'not a class',
    name: 'n'.repeat(201),
    'driver-memory': '28',
    'driver-cores': '0',
    'executor-memory': 'much',
    'executor-cores': 'x',
    'num-executors': '-3',
    'tenant-id': 'my tenant',
    'client-id': 'my-app',
    'timeout-minutes': 'soon',
    'queue-timeout-minutes': 'soon',
    'capacity-wait-minutes': 'soon',
    'outage-minutes': 'soon',
    'cancel-on': 'always',
    logs: 'all',
    'upload-path': '../x',
    'keep-upload': 'maybe',
    summary: 'maybe',
    annotations: 'maybe',
    'fabric-endpoint': 'http://fabric.example',
    'onelake-endpoint': 'https://onelake.example',
    'authority-host': 'http://127.0.0.1',
    'portal-url': 'portal',
    'trusted-hosts': '*',
  };
  const message = await refusal({ signIn: 'none', inputs: all });
  const told = problems(message);
  const names = told.slice(0, -1).map((line) => line.split(' ')[0]);
  expect(names.sort()).toEqual(Object.keys(all).sort());
  expect(told.at(-1)).toMatch(/no credential/);
  expect(message.split('\n')[0]).toContain(String(told.length));
});

test('inputs that are not given at all are told as missing', async () => {
  const given = { workspace: '', lakehouse: '', file: '', 'tenant-id': '', 'client-id': '' };
  const message = await refusal({ inputs: given });
  expect(problems(message).map((line) => line.split(' ')[0])).toEqual(
    expect.arrayContaining(Object.keys(given)),
  );
});

test('a secret among bad inputs is not shown', async () => {
  const secret = 'kept-from-every-log';
  const message = await refusal({ inputs: { 'client-secret': secret, logs: 'all' } });
  expect(message).not.toContain(secret);
});
