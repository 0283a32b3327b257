import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { StepResult } from '../../local/runner/step.ts';
import { defaultIds } from '../../local/settings.ts';
import { lessSecrets, shownLog } from '../shown-log.ts';
import { executed } from '../unit/runner-rules.ts';
import { Bench, failedAtOnce } from './bench.ts';
import { asLog, brokenLines, firstDifference } from './hostile-bytes.ts';
import { marker, plainCommands } from './hostile-lines.ts';
import { HostileJob, secret, secretForms, takeApart, type Printed } from './hostile-run.ts';
import { leaks, letOut } from './shown.ts';

jest.setTimeout(90_000);

let bench: Bench;
const folder = mkdtempSync(join(tmpdir(), 'hostile-log-'));
beforeAll(async () => {
  const ids = { clientId: defaultIds.client, objectId: defaultIds.principal };
  const application = { ...ids, name: 'client', secret, federatedCredentials: [] };
  bench = await Bench.start({ applications: [application] });
});
afterAll(async () => {
  await bench.close();
  rmSync(folder, { recursive: true, force: true });
});

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const jwt = /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/;
/** So our own lines begin, and none of the driver's. */
const heading = /^[A-Z][A-Za-z ]+: /;
const streams = ['stdout', 'stderr'] as const;

/** Commands that took effect are the action's own, by the fake runner and by the rules written again. */
function expectOnlyOurCommands(result: StepResult, printed: Printed): void {
  const { commands, files, stdout, stderr } = result.main;
  const errors = result.annotations.length;
  const masks = commands.masks.slice(1);
  const tokens = masks.filter((mask) => jwt.test(mask));
  const groups = printed.groups.map(
    ({ lines: { length } }) => `Spark log, ${length} ${length === 1 ? 'line' : 'lines'}`,
  );
  expect(stderr).toEqual([]);
  const { commands: took, listening } = executed(`${stdout.join('\n')}\n`);
  const named = (name: string): string[] =>
    took.filter((one) => one.name === name).map(({ line }) => line);
  expect(listening).toBe(true);
  expect(named('add-mask')).toHaveLength(secretForms.length + tokens.length);
  expect(named('error')).toHaveLength(errors);
  expect(named('stop-commands')).toEqual(
    printed.tokens.map((token) => `::stop-commands::${token}`),
  );
  expect(named('group')).toEqual(groups.map((name) => `::group::${name}`));
  expect(named('endgroup')).toHaveLength(groups.length);
  const ours = named('add-mask').length + errors + printed.tokens.length + 2 * groups.length;
  expect(took).toHaveLength(ours);

  expect(printed.tokens.filter((token) => !uuid.test(token))).toEqual([]);
  expect(new Set(printed.tokens).size).toBe(printed.tokens.length);
  expect(commands.masks[0]).toBe('token-of-the-fake-runner');
  // Fabric's and OneLake's.
  expect(tokens).toHaveLength(2);
  expect([...masks].sort()).toEqual([...secretForms, ...tokens, ...printed.tokens].sort());
  expect(commands.groups.map(({ name }) => name)).toEqual(['Run ./', ...groups]);
  expect(commands).toMatchObject({ outputs: {}, state: {} });
  expect(files).toMatchObject({ env: new Map(), path: [] });
}

/** Outputs and state are those of a calm step, and none has anything of the log. */
function expectOnlyOurFiles(result: StepResult, further: readonly string[]): void {
  const places = ['workspace-id', 'lakehouse-id', 'batch-id', 'submission'];
  const times = ['queued-seconds', 'running-seconds'];
  expect(Object.keys(result.outputs).sort()).toEqual(
    [
      ...['result', 'state', 'file-uri', 'run-url', 'log-path', 'application-id'],
      ...[...places, ...times, ...further],
    ].sort(),
  );
  expect(Object.keys(result.state).sort()).toEqual(
    [...places, 'batch-name', 'ownership', 'settled', 'upload-folder'].sort(),
  );
  const { outputs, state } = result.main.files;
  expect(JSON.stringify([[...outputs], [...state]])).not.toContain(marker);
  expect(result.post).toMatchObject({ conclusion: 'success', stdout: [], stderr: [] });
}

function expectTheBytes(result: StepResult, written: Readonly<Record<string, Uint8Array>>): void {
  for (const stream of streams) {
    const file = readFileSync(join(result.outputs['log-path'] ?? '', `${stream}.log`));
    const bytes = lessSecrets(written[stream] ?? new Uint8Array(), secretForms);
    expect(`${stream} ${file.length} bytes ${file.equals(bytes)}`).toBe(
      `${stream} ${bytes.length} bytes true`,
    );
  }
}

test('a job that prints commands in every disguise, broken bytes and 200,000 lines a second', async () => {
  const job = new HostileJob(folder);
  bench.script = job.script;
  const result = await bench.start({ signIn: 'secret', node: job.node }).step.done;
  expect(result).toMatchObject({ conclusion: 'success', annotations: [] });
  const printed = takeApart(result.main.stdout, heading);
  for (const stream of streams) {
    const expected = shownLog(job.written(stream), secretForms);
    expect(firstDifference(printed[stream], expected)).toBeUndefined();
    expect(expected.length).toBeGreaterThan(20_000);
  }
  expect(printed.stdout.length).toBeGreaterThan(200_000);
  expectOnlyOurCommands(result, printed);
  expectOnlyOurFiles(result, []);
  expectTheBytes(result, { stdout: job.written('stdout'), stderr: job.written('stderr') });
  // The attack was made: tokens of fences that had been printed stood in the log that came later.
  const replayed = printed.tokens.filter((token) => job.replayed.has(token));
  expect(replayed.length).toBeGreaterThan(0);
  expect(replayed.length).toBeLessThan(printed.tokens.length);
  expect(printed.own.map((line) => line.slice(0, line.indexOf(':')))).toEqual([
    ...['Workspace', 'Lakehouse', 'File', 'Fabric', 'OneLake', 'Identity', 'Time limits'],
    ...['Uploaded', 'Batch', 'Run', 'Fabric', 'Application', 'Fabric'],
    ...['Result', 'Driver log', 'Run'],
  ]);
  expect(leaks(result, secretForms)).toEqual([]);
  expect(result.summary).not.toContain(marker);
});

test('a job that fails with a traceback of commands: one error of ours, its end unfolded', async () => {
  const traceback = [
    'Traceback (most recent call last):',
    '  File "/tmp/::error::pwned.py", line 3, in <module>',
    `ValueError: ::error::pwned %0A::add-mask::pwned ##[set-output name=result]pwned ${secret}`,
  ];
  const stdout = asLog([...plainCommands, ...brokenLines]);
  const stderr = asLog([...brokenLines, ...plainCommands, '```', '</details>', ...traceback]);
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
  const { steps } = failedAtOnce('', '');
  bench.script = {
    steps: steps.map((step) => (step.phase === 'running' ? { ...step, stdout, stderr } : step)),
  };
  const result = await bench.start({ signIn: 'secret' }).step.done;
  expect(result.conclusion).toBe('failure');
  expect(result.annotations.map(({ level, title }) => [level, title])).toEqual([
    ['error', 'Spark batch failed'],
  ]);
  const printed = takeApart(result.main.stdout, heading);
  const shown = { stdout: shownLog(stdout, secretForms), stderr: shownLog(stderr, secretForms) };
  const title = `The end of the Spark log (50 of ${shown.stderr.length} lines):`;
  const end = [title, ...shown.stderr.slice(-50)];
  expect(firstDifference(printed.stderr, shown.stderr)).toBeUndefined();
  expect(firstDifference(printed.stdout, [...shown.stdout, ...end])).toBeUndefined();
  expectOnlyOurCommands(result, printed);
  expectOnlyOurFiles(result, ['error-code']);
  expectTheBytes(result, { stdout, stderr });
  expect(text(stderr)).toContain(secret);
  expect(letOut(result).join('\n')).not.toContain(secret);
});
