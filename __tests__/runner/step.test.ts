import { afterAll, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startStep, type StepOptions, type StepResult } from '../../local/runner/step.ts';
import { fixtureAction, Folders } from './fixture-action.ts';

const folders = new Folders();
afterAll(() => folders.remove());

type Entries = Parameters<typeof fixtureAction>[1];

function run(entries: Entries, options: Partial<StepOptions> = {}): Promise<StepResult> {
  return startStep({ ...fixtureAction(folders.make(), entries), ...options }).done;
}

/** The environment that an entry printed as JSON in its first line. */
function printedEnvironment(lines: readonly string[] | undefined): Record<string, unknown> {
  const parsed: unknown = JSON.parse(lines?.[0] ?? '{}');
  return { ...(typeof parsed === 'object' ? parsed : {}) };
}

const printEnvironment = 'console.log(JSON.stringify(process.env));';

describe('the environment of a step', () => {
  test('is the runner’s and nothing else', async () => {
    const options = fixtureAction(folders.make(), {
      main: printEnvironment,
      inputs: 'inputs: {the-first input: {default: d}, second: {}}',
    });
    const { main } = await startStep({
      ...options,
      inputs: { second: 's', Stray: 'x' },
      env: { AZURE_CLIENT_ID: 'c' },
      runtime: { ACTIONS_ID_TOKEN_REQUEST_URL: 'http://127.0.0.1/?' },
      github: { run_attempt: '2', event: { number: 7 } },
      debug: true,
    }).done;
    const environment = printedEnvironment(main.stdout);
    expect(environment).toMatchObject({
      'INPUT_THE-FIRST_INPUT': 'd',
      INPUT_SECOND: 's',
      INPUT_STRAY: 'x',
      AZURE_CLIENT_ID: 'c',
      ACTIONS_ID_TOKEN_REQUEST_URL: 'http://127.0.0.1/?',
      CI: 'true',
      GITHUB_ACTIONS: 'true',
      GITHUB_ACTION: '__self',
      GITHUB_ACTOR: 'octocat',
      GITHUB_API_URL: 'https://api.github.com',
      GITHUB_EVENT_NAME: 'push',
      GITHUB_JOB: 'job',
      GITHUB_REF: 'refs/heads/main',
      GITHUB_REPOSITORY: 'octo-org/octo-repo',
      GITHUB_RUN_ATTEMPT: '2',
      GITHUB_RUN_ID: '1',
      GITHUB_RUN_NUMBER: '1',
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_SHA: '0'.repeat(40),
      GITHUB_WORKFLOW: 'workflow',
      GITHUB_WORKSPACE: options.workspace,
      RUNNER_DEBUG: '1',
      RUNNER_TEMP: options.tempFolder,
    });
    expect(['Linux', 'macOS']).toContain(environment['RUNNER_OS']);
    expect(['X64', 'ARM64']).toContain(environment['RUNNER_ARCH']);
    expect(Object.keys(environment)).not.toContain('GITHUB_TOKEN');
    const known = /^(PATH|HOME|CI|AZURE_CLIENT_ID|(INPUT|GITHUB|RUNNER|ACTIONS)_.*)$/;
    const mac = '__CF_USER_TEXT_ENCODING';
    expect(Object.keys(environment).filter((key) => !known.test(key) && key !== mac)).toEqual([]);
    expect(JSON.parse(readFileSync(String(environment['GITHUB_EVENT_PATH']), 'utf8'))).toEqual({
      number: 7,
    });
  });

  test('the working folder is the workspace, and stdin is empty', async () => {
    const options = fixtureAction(folders.make(), {
      main: `console.log(process.cwd()); process.stdin.on('end', () => console.log('end')).resume();`,
    });
    const { main } = await startStep(options).done;
    expect(main.stdout[0]?.endsWith('/workspace')).toBe(true);
    expect(main.stdout[1]).toBe('end');
  });

  test('the head of the log shows inputs and env, without secrets', async () => {
    const { main } = await run(
      { main: '', inputs: 'inputs: {one: {default: d}, two: {}, secret: {}}' },
      { inputs: { secret: 'hidden', stray: 'x' }, env: { A: 'b' }, secrets: ['hidden'] },
    );
    expect(main.commands.lines).toEqual([
      "##[warning]Unexpected input(s) 'stray', valid inputs are ['one', 'two', 'secret']",
      ...['##[group]Run ./', 'with:', '  secret: ***', '  stray: x', '  one: d', 'env:', '  A: b'],
      '##[endgroup]',
    ]);
  });
});

describe('the result of a step', () => {
  test('is green with exit code 0 and red with any other, whatever it printed', async () => {
    const green = await run({ main: `console.log('::error::x')` });
    expect(green).toMatchObject({ conclusion: 'success', main: { exitCode: 0 }, post: undefined });
    expect(green.annotations).toEqual([{ level: 'error', message: 'x' }]);
    const red = await run({ main: 'process.exitCode = 3' });
    expect(red).toMatchObject({ conclusion: 'failure', main: { exitCode: 3, signal: undefined } });
  });

  test('is red when a command or a file of the action is refused', async () => {
    const command = await run({ main: `console.log('::set-env name=a::b')` });
    expect(command).toMatchObject({ conclusion: 'failure', main: { exitCode: 0 } });
    const file = await run({ main: `put('OUTPUT', 'broken')` });
    expect(file).toMatchObject({ conclusion: 'failure', main: { exitCode: 0 } });
  });

  test('has outputs, state, summary, and keeps both streams apart', async () => {
    const result = await run({
      main: `
        console.log('::set-output name=a::by command');
        console.log('::set-output name=b::by command');
        put('OUTPUT', 'a<<END\\none\\ntwo\\nEND\\n');
        put('STATE', 's=t\\n');
        put('STEP_SUMMARY', '# Main\\n');
        console.error('::warning::from stderr');`,
      post: `
        put('STEP_SUMMARY', '# Post\\n');
        put('STATE', 'u=v\\n');
        put('OUTPUT', 'late=x\\n');
        console.log('::notice::post');`,
    });
    expect(result.outputs).toEqual({ a: 'one\ntwo', b: 'by command' });
    expect(result.state).toEqual({ s: 't', u: 'v' });
    expect(result.summary).toBe('# Main\n\n# Post\n');
    expect(result.main.stdout).toHaveLength(2);
    expect(result.main.stderr).toEqual(['::warning::from stderr']);
    expect(result.annotations.map(({ level }) => level)).toEqual([
      ...['warning', 'warning', 'warning'],
      'notice',
    ]);
  });

  test('lines come as they are stored, each with its stage', async () => {
    const seen: string[] = [];
    await run(
      { main: `console.log('::add-mask::abc'); console.log('abc')`, post: `console.log('abc!')` },
      { onLine: ({ stage, text, time }) => seen.push(`${stage} ${time} ${text}`), now: () => 5 },
    );
    expect(seen.slice(-3)).toEqual(['main 5 ***', 'post 5 Post job cleanup.', 'post 5 ***!']);
  });

  test('rejects when node cannot be started', async () => {
    await expect(run({ main: '' }, { node: '/nonexistent/node' })).rejects.toThrow('ENOENT');
  });
});

describe('the post step', () => {
  test('has the state, the inputs, what main exported, and fresh files', async () => {
    const { post } = await run(
      {
        main: `
          put('STATE', 'batch-id=7\\n');
          console.log('::save-state name=old::o');
          put('ENV', 'EXPORTED=e\\n');
          put('PATH', '/added\\n');
          put('STEP_SUMMARY', 'x'.repeat(2 * 1024 * 1024));
          process.exitCode = 1;`,
        post: `${printEnvironment}
          console.log(require('node:fs').statSync(process.env.GITHUB_STEP_SUMMARY).size);
          console.log('::error::fence of main is over');`,
        inputs: 'inputs: {one: {default: d}}',
      },
      { inputs: { one: 'given' } },
    );
    const environment = printedEnvironment(post?.stdout);
    expect(environment).toMatchObject({
      'STATE_batch-id': '7',
      STATE_old: 'o',
      INPUT_ONE: 'given',
      EXPORTED: 'e',
    });
    expect(String(environment['PATH'])).toMatch(/^\/added:/);
    expect(post?.stdout[1]).toBe('0');
  });

  test('is not bound by a fence that main left open, and masks still hold', async () => {
    const { post } = await run({
      main: `console.log('::add-mask::hidden'); console.log('::stop-commands::some-token')`,
      post: `console.log('::error::hidden')`,
    });
    expect(post?.commands.annotations).toEqual([{ level: 'error', message: '***' }]);
  });

  test('is left out when the runner goes away', async () => {
    const result = await run({ main: '', post: '' }, { post: 'skip' });
    expect(result.post).toBeUndefined();
  });

  test('waits for what happens in between', async () => {
    const order: string[] = [];
    const result = await run(
      { main: `console.log('main')`, post: `console.log('post')` },
      {
        onLine: ({ text }) => order.push(text),
        beforePost: (main) => void order.push(`between, ${main.conclusion}`),
      },
    );
    expect(order.slice(-4)).toEqual(['main', 'between, success', 'Post job cleanup.', 'post']);
    expect(result.conclusion).toBe('success');
  });

  test('its own end does not change the conclusion of main', async () => {
    const result = await run({ main: '', post: 'process.exitCode = 1' });
    expect(result).toMatchObject({ conclusion: 'success', post: { conclusion: 'failure' } });
  });
});

test('an action that cannot be used is refused at once', () => {
  const options = fixtureAction(folders.make(), { main: '' });
  expect(() => startStep({ ...options, action: join(options.action, 'none') })).toThrow(
    "Can't find 'action.yml'",
  );
});
