import { readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { defaultIds } from '../../local/settings.ts';
import { Bench, failedAtOnce, overAtOnce } from './bench.ts';
import { leaks, letOut, maskedTokens } from './shown.ts';

// Where a submit is in doubt post looks for a twin for 45 s.
jest.setTimeout(120_000);

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.start();
});
afterAll(() => bench.close());

const requestToken = (): string => bench.fabric.env['ACTIONS_ID_TOKEN_REQUEST_TOKEN'] ?? 'none';
const traceback = [
  '25/06/01 10:00:00 INFO SparkContext: Running Spark',
  'Traceback (most recent call last):',
  '  File "/tmp/job.py", line 3, in <module>',
  '    raise ValueError("no rows")',
  'ValueError: no rows for 2025-06-01',
  '',
].join('\n');

describe('a green run', () => {
  test('with OIDC, debug logging on', async () => {
    bench.script = overAtOnce('rows: 3\n', '25/06/01 10:00:00 INFO SparkContext: done\n');
    const { step, temp } = bench.start({ debug: true, inputs: { name: 'orders' } });
    const result = await step.done;
    const [batch] = bench.fabric.batches;
    expect(result).toMatchObject({
      conclusion: 'success',
      annotations: [],
      main: { exitCode: 0, stderr: [], commands: { outputs: {}, state: {} } },
      post: { conclusion: 'success', exitCode: 0, stderr: [] },
    });
    const { outputs } = result;
    expect(outputs).toEqual({
      'batch-id': batch?.id,
      'application-id': batch?.snapshot().applicationId,
      'workspace-id': defaultIds.workspace,
      'lakehouse-id': defaultIds.lakehouse,
      state: 'success',
      result: 'Succeeded',
      submission: 'submitted',
      'run-url': expect.stringContaining(`${defaultIds.lakehouse}/${batch?.id ?? ''}`),
      'file-uri': batch?.request.file,
      'log-path': expect.any(String),
      'queued-seconds': '0',
      'running-seconds': '0',
    });
    expect(outputs['log-path']?.startsWith(temp)).toBe(true);
    expect(batch?.request.name).toMatch(/^orders [0-9a-f]{12}$/);
    expect(result.state).toMatchObject({ 'batch-id': batch?.id, settled: 'Succeeded' });
    expect(result.state['submission']).toBe(batch?.request.tags?.['submission']);
    expect(result.state['submission']).toMatch(/^[0-9a-f]{32}$/);
    expect(result.summary).toContain('succeeded');
    expect(result.summary).toContain(outputs['batch-id']);
    expect(result.summary).toContain(outputs['application-id']);
    expect(result.post?.stdout.filter((line) => !line.startsWith('::debug::'))).toEqual([]);

    expect(result.main.commands.lines).toContain('rows: 3');
    expect(result.main.commands.groups.at(-1)).toMatchObject({ name: 'Spark log, 1 line' });
    // Fabric's and OneLake's token, and an assertion for each.
    expect(maskedTokens(result)).toHaveLength(4);
    expect(leaks(result, [requestToken()])).toEqual([]);
    expect(bench.uploads).toEqual([]);
  });

  test('with a secret, which the job prints', async () => {
    const { clientSecret } = bench.fabric;
    const before = bench.fabric.connections.issuer;
    bench.script = overAtOnce(`secret: ${clientSecret}!\n`, `${clientSecret}\n`);
    const result = await bench.start({ signIn: 'secret' }).step.done;
    expect(result.conclusion).toBe('success');
    expect(result.main.commands.masks).toContain(clientSecret);
    expect(maskedTokens(result)).toHaveLength(2);
    expect(leaks(result, [clientSecret])).toEqual([]);
    expect(result.main.stdout).toContain('secret: ***!');
    const folder = result.outputs['log-path'] ?? '';
    expect(readFileSync(join(folder, 'stdout.log'), 'utf8')).toBe('secret: ***!\n');
    expect(readFileSync(join(folder, 'stderr.log'), 'utf8')).toBe('***\n');
    expect(bench.fabric.connections.issuer).toBe(before);
  });

  test('log-path has the bytes as they were served', async () => {
    const stdout = '\u001b[32mgrün\u001b[0m\rprogress 1\rprogress 2\r\nno end 🎉';
    const stderr = `${'x'.repeat(3_000)}\n\ttab\n`;
    bench.script = overAtOnce(stdout, stderr);
    const result = await bench.start({ signIn: 'secret' }).step.done;
    const folder = result.outputs['log-path'] ?? '';
    expect(readFileSync(join(folder, 'stdout.log'), 'utf8')).toBe(stdout);
    expect(readFileSync(join(folder, 'stderr.log'), 'utf8')).toBe(stderr);
    const shown = result.main.stdout.join('\n');
    expect(result.main.stdout).toEqual(expect.arrayContaining(['progress 2', 'no end 🎉']));
    expect(shown).not.toContain('progress 1');
    expect(shown).not.toContain('\u001b');
    expect(Math.max(...result.main.commands.lines.map((line) => line.length))).toBeLessThan(1_024);
  });

  test('without log and summary, with the upload kept', async () => {
    bench.script = overAtOnce('hidden\n', 'hidden as well\n');
    const given = { logs: 'none', summary: 'FALSE', 'keep-upload': 'True' };
    const result = await bench.start({ signIn: 'secret', inputs: given }).step.done;
    expect(result).toMatchObject({ conclusion: 'success', summary: undefined });
    expect(letOut(result).join('\n')).not.toContain('hidden');
    expect(readFileSync(join(result.outputs['log-path'] ?? '', 'stdout.log'), 'utf8')).toBe(
      'hidden\n',
    );
    expect(bench.uploads).toEqual([expect.stringMatching(`^${result.state['submission']}-`)]);
    expect(result.state['upload-folder']).toBe(`Files/.github/${bench.uploads[0]}`);
  });

  test('whose submit loses its reply: the batch is adopted, never sent again', async () => {
    const submits = (): number =>
      bench.fabric.requests.filter(({ host, method }) => host === 'fabric' && method === 'POST')
        .length;
    const [posts, batches] = [submits(), bench.fabric.batches.length];
    bench.script = overAtOnce('rows: 3\n');
    const remove = bench.fabric.faults.add({
      when: ({ host, method }) => host === 'fabric' && method === 'POST',
      times: 1,
      fault: { kind: 'reset', moment: 'after' },
    });
    const result = await bench.start({ signIn: 'secret' }).step.done;
    remove();
    expect(result).toMatchObject({ conclusion: 'success', annotations: [] });
    expect(result.outputs).toMatchObject({
      submission: 'adopted',
      'batch-id': bench.fabric.batches[0]?.id,
    });
    expect([submits() - posts, bench.fabric.batches.length - batches]).toEqual([1, 1]);
  });

  test('sends what was asked for, and no more', async () => {
    bench.script = overAtOnce('');
    const inputs = {
      file: 'Files/jobs/main.jar',
      'class-name': 'com.example.Main',
      args: '--day\n  two words  \n\n$HOME "quoted"\n',
      conf: 'spark.a=x=y\nspark.b= z',
      'driver-memory': '28g',
      'num-executors': '2',
    };
    const result = await bench.start({ signIn: 'secret', inputs }).step.done;
    const { name, tags, ...request } = bench.fabric.batches[0]?.request ?? { name: '', tags: {} };
    expect(name).toBeTruthy();
    expect(tags).toMatchObject({ submission: result.state['submission'] });
    expect(request).toMatchObject({
      className: 'com.example.Main',
      args: ['--day', '  two words  ', '$HOME "quoted"'],
      conf: { 'spark.a': 'x=y', 'spark.b': ' z' },
      driverMemory: '28g',
      numExecutors: 2,
    });
    expect(Object.keys(request).sort()).toEqual(
      ['file', 'className', 'args', 'conf', 'driverMemory', 'numExecutors'].sort(),
    );
    expect(result.outputs['file-uri']).toMatch(/^abfss:\/\/.*\/Files\/jobs\/main\.jar$/);
  });
});

describe('a red run', () => {
  test('of a job that raises: exit code 1 and one annotation with the exception', async () => {
    bench.script = failedAtOnce('before\n', traceback);
    const result = await bench.start({ signIn: 'secret' }).step.done;
    expect(result).toMatchObject({ conclusion: 'failure', main: { exitCode: 1 } });
    expect(result.annotations).toHaveLength(1);
    expect(result.annotations[0]).toMatchObject({ level: 'error', title: 'Spark batch failed' });
    expect(result.annotations[0]?.message).toContain('ValueError: no rows for 2025-06-01');
    expect(result.outputs).toMatchObject({
      result: 'Failed',
      'error-code': 'BATCH_FAILED',
      state: 'dead',
    });
    expect(result.summary).toContain('ValueError: no rows for 2025-06-01');
    const { lines } = result.main.commands;
    const end = lines.findIndex((line) => line.startsWith('The end of the Spark log'));
    expect(lines.slice(end + 1)).toContain('ValueError: no rows for 2025-06-01');
    expect(result.post?.stdout).toEqual([]);
    expect(leaks(result, [bench.fabric.clientSecret])).toEqual([]);
  });

  test.each([
    ['a secret that is wrong', { 'client-secret': 'not+the/secret' }, 'SIGN_IN_REFUSED'],
    ['a workspace that is not there', { workspace: 'nowhere' }, 'WORKSPACE_NOT_FOUND'],
    ['a lakehouse that is not there', { lakehouse: 'nowhere' }, 'LAKEHOUSE_NOT_FOUND'],
  ])('of %s: nothing is submitted', async (_what, inputs, code) => {
    const before = bench.fabric.batches.length;
    const result = await bench.start({ signIn: 'secret', inputs }).step.done;
    expect(result).toMatchObject({ conclusion: 'failure', main: { exitCode: 1 } });
    expect(result.annotations.map(({ level }) => level)).toEqual(['error']);
    expect(result.outputs).toMatchObject({
      result: 'NotStarted',
      'error-code': code,
      submission: 'none',
    });
    expect(result.post).toMatchObject({ conclusion: 'success', stdout: [], stderr: [] });
    expect(bench.fabric.batches).toHaveLength(before);
    expect(leaks(result, [bench.fabric.clientSecret, 'not+the/secret'])).toEqual([]);
  });
});

test('a fault of our own is red, and says so with its stack', async () => {
  bench.script = overAtOnce('rows: 3\n');
  let release = (): void => undefined;
  const until = new Promise<void>((resolve) => (release = resolve));
  bench.fabric.faults.add({
    // Nobody can take the outputs any more.
    when: ({ host, method }) => host === 'fabric' && method === 'POST' && loseOutputs(),
    times: 1,
    fault: { kind: 'hold', moment: 'before', until },
  });
  const { step, temp } = bench.start({ signIn: 'secret' });
  const files = join(temp, '_runner_file_commands');
  function loseOutputs(): boolean {
    for (const name of readdirSync(files).filter((each) => each.startsWith('set_output_')))
      rmSync(join(files, name));
    release();
    return true;
  }
  const result = await step.done;
  expect(result.main).toMatchObject({ exitCode: 1, signal: undefined });
  const fault = result.annotations.find(({ title }) => title === 'Fault');
  expect(fault).toMatchObject({ level: 'error' });
  expect(fault?.message).toMatch(/a fault of its own: Error: Missing file .*\n +at /);
  expect(fault?.message).toMatch(/\bsrc\/runner\.ts:\d+:\d+/);
});

describe('a hostile driver log is text', () => {
  const hostile = [
    '::set-env name=INJECTED::yes',
    '::add-path::/evil',
    '::add-mask::visible',
    '##[add-mask]visible',
    '##[error]made up',
    'text ##[warning]made up',
    '::stop-commands::pause',
    '\r::error::after a carriage return',
    'text\r::error::after text and a carriage return',
    '  ::error file=jobs/job.py,line=1::indented',
    '\u0085::error::after a next-line',
    '\u00a0::error::after a hard space',
    '\u001b[31m::error::coloured\u001b[0m',
    '\u0000::error::after a null',
    '\u2028::error::after a line separator',
    '::ERROR::loud',
    '::group::opened',
    '::endgroup::',
    '##[endgroup]',
    '::save-state name=settled::never',
    '::set-output name=result::hacked',
    '::echo::on',
    '::debug::made up',
    '::add-matcher::matcher.json',
    `${'x'.repeat(999)}::error::behind the place where a long line is wrapped`,
    `${'y'.repeat(1_000)}::error::behind the place where a long line is wrapped`,
    `${'z'.repeat(1_001)}::error::behind the place where a long line is wrapped`,
    'visible to the end',
  ].join('\n');

  test.each(['green', 'red'])('in a %s run', async (colour) => {
    bench.script =
      colour === 'green'
        ? overAtOnce(`${hostile}\n`, hostile)
        : failedAtOnce(
            hostile,
            `${hostile}\n${traceback.trimEnd()} ::error::x ##[error]y\n${hostile}`,
          );
    const given = { name: '##[error]named ::error::x' };
    const result = await bench.start({ signIn: 'secret', debug: true, inputs: given }).step.done;
    expect(result.conclusion).toBe(colour === 'green' ? 'success' : 'failure');
    expect(result.annotations.map(({ title }) => title)).toEqual(
      colour === 'green' ? [] : ['Spark batch failed'],
    );
    const { commands, files } = result.main;
    expect(commands).toMatchObject({ outputs: {}, state: {} });
    expect(files).toMatchObject({ env: new Map(), path: [] });
    expect(result.outputs['result']).toBe(colour === 'green' ? 'Succeeded' : 'Failed');
    expect(result.state['settled']).toBe(result.outputs['result']);
    for (const mask of ['visible', 'pause']) expect(commands.masks).not.toContain(mask);
    const shown = commands.lines.filter((line) => line === 'visible to the end');
    expect(shown.length).toBeGreaterThanOrEqual(2);
    const [runners, ...logs] = commands.groups.map(({ name }) => name);
    expect(runners).toBe('Run ./');
    for (const name of logs) expect(name).toMatch(/^Spark log, \d+ lines?$/);
    // What stands after the log is our own, outside of groups and fences.
    expect(commands.groups.at(-1)?.lines.at(-1)).not.toMatch(/^Result: /);
    expect(commands.lines.some((line) => line.startsWith('Result: '))).toBe(true);
    expect(result.post).toMatchObject({ conclusion: 'success', stdout: [] });
  });
});
