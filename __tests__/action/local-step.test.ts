import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { startStep, type StepOptions, type StepResult } from '../../local/runner/step.ts';
import { asset, scalaSources } from '../../local/spark/assets.ts';
import { StepFolder } from '../../local/step/folder.ts';
import { isRunning, servingPid } from '../../local/step/process.ts';
import { root, until } from './bench.ts';

// The bundle of local/action.yml as a runner runs it. The real Spark is looked for, and PySpark
// fetched where it is not in the cache yet; no batch is run here (npm run test:runner does).
jest.setTimeout(600_000);

let folder: string;
let temp: string;
let workspace: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'action-local-'));
  temp = join(folder, 'temp');
  workspace = join(folder, 'checkout');
  mkdirSync(join(workspace, 'data'), { recursive: true });
  writeFileSync(join(workspace, 'data', 'orders.csv'), 'id\n1\n');
  writeFileSync(join(workspace, 'job.py'), '');
  writeFileSync(join(folder, 'before.pem'), 'a certificate that was trusted before\n');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const local = (given: Partial<StepOptions> = {}): StepOptions => ({
  action: join(root, 'local'),
  workspace,
  tempFolder: temp,
  ...given,
});

function folderOf(result: StepResult): StepFolder {
  return new StepFolder(result.state['folder'] ?? '');
}

test('it seeds a lakehouse, tells later steps of itself, and is gone after the job', async () => {
  let later: StepResult | undefined;
  const result = await startStep(
    local({
      inputs: { workspace: 'tests', seed: 'data', 'seed-path': 'Files/raw' },
      runtime: { NODE_EXTRA_CA_CERTS: join(folder, 'before.pem') },
      beforePost: async ({ files }) => {
        later = await startStep({
          action: root,
          workspace,
          tempFolder: join(folder, 'later'),
          env: Object.fromEntries(files.env),
          inputs: {
            workspace: 'tests',
            lakehouse: 'orders',
            file: 'job.py',
            'dry-run': 'true',
          },
        }).done;
        const lake = files.outputs.get('lakehouse-folder') ?? '';
        expect(readFileSync(join(lake, 'Files', 'raw', 'orders.csv'), 'utf8')).toBe('id\n1\n');
        expect(readFileSync(files.env.get('NODE_EXTRA_CA_CERTS') ?? '', 'utf8')).toMatch(
          /^a certificate that was trusted before\n\n-----BEGIN CERTIFICATE-----/,
        );
      },
    }),
  ).done;
  expect(result).toMatchObject({ conclusion: 'success', annotations: [] });
  expect(later?.annotations).toEqual([]);
  expect(later?.outputs).toMatchObject({ result: 'Checked' });

  expect(result.post?.conclusion).toBe('success');
  expect(result.post?.commands.groups.map(({ name }) => name)).toEqual(['Log of local Fabric']);
  expect(result.post?.commands.lines).toContain(
    'Local Fabric was stopped; no process of it is left.',
  );
  const { masks } = result.main.commands;
  expect(masks).toContain(result.outputs['client-secret']);
  expect(masks).toContain(result.main.files.env.get('ACTIONS_ID_TOKEN_REQUEST_TOKEN'));
  const left = folderOf(result);
  expect([left.certificates, left.state, left.ready, left.settings].map(existsSync)).toEqual([
    true,
    false,
    false,
    false,
  ]);
});

test('a main step that is killed while it starts leaves nothing behind', async () => {
  const own = join(folder, 'killed');
  mkdirSync(own);
  const step = startStep(local({ tempFolder: own }));
  const its = await until('it is about to start', () => {
    const name = readdirSync(own).find((one) => one.startsWith('local-fabric-'));
    const found = name === undefined ? undefined : new StepFolder(join(own, name));
    return found && servingPid(found) !== undefined ? found : undefined;
  });
  step.kill();
  const result = await step.done;
  expect(result.main.signal).toBe('SIGKILL');
  expect(result.post?.conclusion).toBe('success');
  expect(folderOf(result).path).toBe(its.path);
  expect(servingPid(its)).toBeUndefined();
  expect(existsSync(its.state)).toBe(false);
});

test('it ends by itself when the runner is gone and never runs the post step', async () => {
  const state = join(folder, 'state');
  writeFileSync(state, '');
  const script = `
    require('node:child_process').spawn(process.execPath, [process.argv[1]], { stdio: 'ignore' });
    setInterval(() => {}, 1000);`;
  const runner = spawn(process.execPath, ['-e', script, join(root, 'dist', 'local', 'index.js')], {
    env: { ...process.env, GITHUB_WORKSPACE: workspace, RUNNER_TEMP: folder, GITHUB_STATE: state },
    stdio: 'ignore',
  });
  const path = await until(
    'the folder is saved',
    () => /local-fabric-\S+/.exec(readFileSync(state, 'utf8'))?.[0],
  );
  const its = new StepFolder(join(folder, path));
  await until('it listens', () => existsSync(its.ready) || existsSync(its.problem), 600_000);
  const pid = servingPid(its) ?? 0;
  expect(isRunning(pid)).toBe(true);
  runner.kill('SIGKILL');
  await until('it has ended', () => servingPid(its) === undefined, 15_000);
  expect(readFileSync(its.log, 'utf8')).toMatch(/Ended\n$/);
});

test('inputs that are wrong start nothing', async () => {
  const result = await startStep(local({ inputs: { port: 'x', seed: 'nowhere' } })).done;
  expect(result.conclusion).toBe('failure');
  expect(result.annotations).toMatchObject([
    { level: 'error', message: expect.stringContaining('2 inputs are not valid') },
  ]);
  expect(result.post?.conclusion).toBe('success');
  expect(result.state['folder']).toBeUndefined();
});

test('a job whose ID tokens are those of GitHub is told what to do', async () => {
  const runtime = { ACTIONS_ID_TOKEN_REQUEST_URL: 'https://token.example/' };
  const result = await startStep(local({ runtime })).done;
  expect(result.annotations).toMatchObject([
    { level: 'warning', message: expect.stringContaining('client-secret') },
  ]);
});

test('its bundle is small: Spark is not in it', () => {
  const bundle = join(root, 'dist', 'local');
  const names = readdirSync(bundle, { recursive: true, encoding: 'utf8' });
  const bytes = names.map((name) => statSync(join(bundle, name)).size);
  expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThan(3_000_000);
});

test('its bundle carries what its code reads beside itself', () => {
  const bundle = join(root, 'dist', 'local');
  for (const name of ['requirements.txt', ...scalaSources] as const) {
    const carried = join(bundle, relative(join(root, 'local', 'spark'), asset(name)));
    expect(readFileSync(carried, 'utf8')).toBe(readFileSync(asset(name), 'utf8'));
  }
});
