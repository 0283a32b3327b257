import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { root, runnerEnvironment } from '../../bench/start/environment.ts';
import { scriptedEngine } from '../../local/engine/scripted.ts';
import { startLocalFabric, type LocalFabric } from '../../local/fabric.ts';
import { defaultIds } from '../../local/settings.ts';
import { systemClock } from '../../src/clock.ts';
import { overAtOnce } from './bench.ts';
import { evaluatedSources, packageOf, sourcesOf } from './bundle/evaluated.ts';

jest.setTimeout(120_000);

const main = join(root, 'dist', 'main');
let folder: string;
let fabric: LocalFabric;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bundle-test-'));
  fabric = await startLocalFabric({ engine: scriptedEngine(overAtOnce('x\n'), systemClock) });
});
afterAll(async () => {
  await fabric.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Of our own: what writes a comment, and what reads results. */
const lateSources = [
  '/src/github/comments.ts',
  '/src/job/comment/pull-request-comment.ts',
  '/src/report/junit/reader.ts',
];

/** Runs main to its end and gives the packages of which anything was evaluated, and our own late sources. */
async function evaluated(
  name: string,
  inputs: Readonly<Record<string, string>>,
): Promise<string[]> {
  const [cwd, coverage] = [join(folder, name), join(folder, `${name}-coverage`)];
  const env = runnerEnvironment(
    cwd,
    {
      ...fabric.inputs,
      workspace: defaultIds.workspace,
      lakehouse: defaultIds.lakehouse,
      'client-secret': fabric.clientSecret,
      ...inputs,
    },
    { NODE_EXTRA_CA_CERTS: fabric.certificatePath, NODE_V8_COVERAGE: coverage },
  );
  const child = spawn(process.execPath, [join(main, 'index.js')], { cwd, env, stdio: 'ignore' });
  await new Promise((resolve) => child.once('close', resolve));
  const sources = [...evaluatedSources(main, coverage)];
  const late = sources.flatMap((source) => lateSources.find((end) => source.endsWith(end)) ?? []);
  return [...new Set([...sources.map(packageOf), ...late])].sort();
}

describe('of the bundle is evaluated', () => {
  test('to an input error: our own sources and nothing else', async () => {
    const found = await evaluated('wrong', {});
    expect(found).toEqual(['node', 'ours']);
  });

  test('in a run that needs no more: the HTTP client and the sign-in, no GitHub client, XML, zip', async () => {
    const found = await evaluated('right', { file: 'Files/x.py' });
    expect(found).toEqual(expect.arrayContaining(['ours', 'undici', '@azure/msal-node']));
    const notNeeded = ['sax', 'fflate', '@actions/core', '@actions/http-client', ...lateSources];
    for (const name of notNeeded) expect(found).not.toContain(name);
  });

  test('what is looked for is in the bundle', () => {
    const packages = new Set(sourcesOf(main).map(packageOf));
    for (const name of ['sax', 'fflate', '@actions/core', 'undici', '@azure/msal-node'])
      expect(packages).toContain(name);
    for (const end of lateSources)
      expect(sourcesOf(main).some((source) => source.endsWith(end))).toBe(true);
  });
});

test.each(['main', 'post'])('%s holds one undici', (entry) => {
  const copies = sourcesOf(join(root, 'dist', entry)).filter((source) =>
    /\/node_modules\/undici\/lib\/dispatcher\/agent\.js$/.test(source),
  );
  expect(copies).toHaveLength(1);
});
